"""Claims: what has been published about EfficientNet, each with the check that holds it against the graph.

The statements themselves are in `catalog.statements`. To add a claim, add it there and to the `CLAIMS` of its source's
module, which are in the order in which they are shown, and to the tests a graph that turns its verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from effnet_inspect.choices import SourceName
from effnet_inspect.claims import article, keras_docs, papers, reference
from effnet_inspect.claims.claim import Checked, Claim, check
from effnet_inspect.errors import UnknownChoice, UsageError
from effnet_inspect.structure.network import Network

_ROWS = (*article.CLAIMS, *papers.CLAIMS, *reference.CLAIMS, *keras_docs.CLAIMS)
CLAIMS: dict[str, Claim] = {row.statement.id: row for row in _ROWS}


def choose(source: SourceName | None = None, claim: str | None = None, *, drawn: bool = False) -> tuple[Claim, ...]:
    """The claims of a source, or the one with this id, or all; `drawn` where a picture of it is wanted.

    Raises:
        UnknownChoice: for an id that no claim (of the source) has.
        UsageError: where a picture is wanted of anything but one claim that has one.
    """
    chosen = {key: each for key, each in CLAIMS.items() if source in (None, each.statement.source)}
    if drawn and (claim is None or (claim in chosen and not chosen[claim].has_picture)):
        pictured = ", ".join(key for key, each in CLAIMS.items() if each.has_picture)
        what = f"the claim {claim!r}" if claim else "many claims"
        raise UsageError(f"there is no picture of {what}; choose one with --claim from: {pictured}")
    if claim is None:
        return tuple(chosen.values())
    if claim not in chosen:
        raise UnknownChoice(f"claim of the {source}" if source else "claim", claim, chosen)
    return (chosen[claim],)


def targets_of(claims: Iterable[Claim]) -> list[str]:
    """The models that these claims are about, each once."""
    return list(dict.fromkeys(target for claim in claims for target in claim.targets))


def about(network: Network) -> tuple[Claim, ...]:
    """The claims about the published variant that this is; none about another network."""
    variant = network.identity.variant
    if variant is None or not network.identity.is_exact:
        return ()
    return tuple(claim for claim in CLAIMS.values() if variant.key in claim.targets)


def check_all(claims: Sequence[Claim], networks: Iterable[Network]) -> list[Checked]:
    """Check claims against the networks that they are about."""
    models = {network.key: network for network in networks}
    return [check(claim, models) for claim in claims]
