"""Claims: what has been written about EfficientNet, each with the check that holds it against the graph.

One module a source, each with its `CLAIMS`; the order here is the order in which they are shown.
"""

from __future__ import annotations

from effnet_inspect.claims import article, keras_docs, paper
from effnet_inspect.claims.claim import Claim
from effnet_inspect.errors import UnknownChoice

CLAIMS: dict[str, Claim] = {
    claim.id: claim for claims in (article.CLAIMS, paper.CLAIMS, keras_docs.CLAIMS) for claim in claims
}


def choose(source: str | None = None, claim: str | None = None) -> tuple[Claim, ...]:
    """The claims of a source, or the one with this id, or all.

    Raises:
        UnknownChoice: for an id that no claim (of the source) has.
    """
    chosen = {key: each for key, each in CLAIMS.items() if source in (None, each.source)}
    if claim is None:
        return tuple(chosen.values())
    if claim not in chosen:
        raise UnknownChoice(f"claim of the {source}" if source else "claim", claim, chosen)
    return (chosen[claim],)
