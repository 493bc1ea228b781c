"""`page`: one network, or several side by side, as a page that one can walk through.

The tree of parts is made in `tree`; what stands beside it are the documents of other views.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from effnet_inspect.analysis.taps import find_taps
from effnet_inspect.claims.claim import Checked
from effnet_inspect.document import Document
from effnet_inspect.drawing import BoxRole
from effnet_inspect.errors import UsageError
from effnet_inspect.formatting import facts_in_words
from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import compare
from effnet_inspect.views.compare.verdict import matching_backbones
from effnet_inspect.views.page.tree import COLOURED_BY, Tree, tree_of
from effnet_inspect.views.summary import summary
from effnet_inspect.views.taps import taps
from effnet_inspect.views.verify import claims_overview
from effnet_inspect.webpage import ModelHead, PageSection, Swatch, TreePart, WebPage
from effnet_inspect.words import join_and

MOST_NETWORKS = 8
"""As many as its style has colours for."""


def page(networks: Sequence[Network], checked: Sequence[Checked] = ()) -> WebPage:
    """The page.

    Args:
        networks: one, or several to hold against the first.
        checked: what has been published about the network, where there is one.

    Raises:
        UsageError: without a network, or with more than can be told apart.
    """
    if not networks:
        raise UsageError("there is nothing to show: name one model or more")
    if len(networks) > MOST_NETWORKS:
        raise UsageError(
            f"a page sets at most {MOST_NETWORKS} models side by side, and these are {len(networks)}; "
            "for more: effnet-inspect compare"
        )
    chosen, choices = matching_backbones(networks) if len(networks) > 1 else (list(networks), [])
    tree = tree_of(chosen)
    summaries = [summary(network) for network in chosen]
    models = tuple(map(_head, chosen, summaries))
    if len(chosen) == 1:
        titles = [line.title for line in tree.lines if line.title]
        title, lead = models[0].name, f"It holds {join_and(titles)}." if titles else models[0].identity
        sections = tuple(_about_one(chosen[0], summaries[0], tree, checked))
        notes = summaries[0].notes
    else:
        compared = compare(chosen)
        title, lead = join_and([model.title for model in models]), compared.lead
        sections = (PageSection("tables", "Side by side", compared.tables),)
        notes = (*choices, *compared.notes)
    measures = tuple(MEASURES[key].title for key in COLOURED_BY)
    return WebPage(
        title=title,
        lead=lead,
        models=models,
        measures=measures,
        parts=tree.parts,
        lines=tree.lines,
        steps=tree.steps,
        sections=sections,
        legend=tuple(_legend(tree)),
        notes=notes,
        first_difference=tree.first_difference,
    )


def _legend(tree: Tree) -> Iterator[Swatch]:
    """The kinds of sub-blocks and modules that there are."""
    for kind in ("sub-block", "module"):
        found: dict[BoxRole, TreePart] = {}
        for part in tree.parts:
            if part.kind == kind:
                found.setdefault(part.role, part)
        for role, part in sorted(found.items(), key=lambda each: each[1].title.split(" · ")[-1]):
            cell = next(cell for cell in part.cells if cell)
            title, note = (cell.title, cell.note) if kind == "module" else (cell.title.split(" · ")[-1], "")
            yield Swatch(role, title, note)


def _head(network: Network, summarized: Document) -> ModelHead:
    return ModelHead(network.title, network.name, tuple(facts_in_words(summarized)), summarized.lead)


def _about_one(network: Network, summarized: Document, tree: Tree, checked: Sequence[Checked]) -> Iterator[PageSection]:
    stages = network.anatomy.stages
    anchors = tuple(tree.stage_of[stage.layers[0].name] if stage.layers else "" for stage in stages)
    yield PageSection("stages", "Stage by stage", summarized.tables, anchors=anchors)
    if find_taps(network).levels:
        tapped = taps(network)
        yield PageSection("taps", "Where to tap it", tapped.tables, tapped.lead, tapped.notes)
    if checked:
        overview = claims_overview(checked)
        yield PageSection(
            "claims", "What has been published", overview.tables, overview.lead, overview.notes[:-1], folds=True
        )
