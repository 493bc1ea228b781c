"""The library: what the commands themselves call, for use in code of one's own.

Views are imported when they are asked for, so that a command does not load what only others need.

>>> import effnet_inspect
>>> network = effnet_inspect.load("b0")
>>> [len(block.sub_blocks) for block in network.anatomy.blocks], network.totals["parameters"]
([1, 2, 2, 3, 3, 4, 1], 5330571)
>>> print(effnet_inspect.compare("b1", "b2", by=["channels"]).document.lead)
B1 and B2 have the same graph; they differ in channels, resolution and dropout rates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from effnet_inspect.catalog.targets import (
    BuilderTarget,
    FileTarget,
    PythonTarget,
    Target,
    VariantTarget,
    expand_targets,
)
from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.errors import SourceError, UsageError
from effnet_inspect.graph import LayerGraph, maps_fit
from effnet_inspect.results import Figure, PlotReport, Report, WalkThrough, in_notebook
from effnet_inspect.sources import Progress, load_all
from effnet_inspect.sources import load as load_graph
from effnet_inspect.structure import network as structure
from effnet_inspect.text import clean

if TYPE_CHECKING:
    from effnet_inspect.choices import (
        CodeBase,
        ComparisonViewName,
        DtypeName,
        FitName,
        FrameworkName,
        HeatName,
        LabelStyle,
        Level,
        OptimizerName,
        PlotName,
        PresetName,
        SizeName,
        SourceName,
        TapStyle,
        ViewName,
    )
    from effnet_inspect.drawing.page import Draw, Page


class Network(structure.Network):
    """A network that shows itself in a notebook: its summary, and the figure of its architecture."""

    @classmethod
    def of(cls, network: structure.Network) -> Network:
        """The same network, with all that was worked out of it."""
        if isinstance(network, cls):
            return network
        shown = cls(network.graph)
        vars(shown).update(vars(network))
        return shown

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {clean(self.key)!r}>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return in_notebook(summary(self), diagram(self))


class LiveModel(Protocol):
    """A Keras model or a PyTorch module, as code of one's own has it."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """What it gives for images; it is never called with numbers here."""


Model = str | Target | structure.Network | LiveModel
"""A model by its target, one that is loaded already, or a live one, which is read in this process."""


def load(model: Model, *, backbone: int | None = None, use_cache: bool = True) -> Network:
    """The network that a target names.

    Args:
        model: as on the command line: `"b3@512"`, `"model.keras"`, `"package.module:attribute"`; or a live Keras model
            or PyTorch module.
        backbone: which EfficientNet, from 1, where the model holds several; the first without it.
        use_cache: False builds the model afresh and keeps nothing.

    Raises:
        UsageError: for a target that names nothing.
        SourceError: where the model cannot be built or read.
    """
    return load_networks([model], backbone=backbone, use_cache=use_cache)[0]


def load_networks(
    models: Sequence[Model], *, backbone: int | None = None, use_cache: bool = True, progress: Progress | None = None
) -> list[Network]:
    """The networks that targets name, in order; what has to be built is built in one process.

    Args:
        models: targets, of which `b1..b7` and `all` name several, networks, and live models.
        backbone: which EfficientNet, from 1, in a model that holds several; the first without it.
        use_cache: False builds the models afresh and keeps nothing.
        progress: told of each model that is not kept when its turn has come.
    """
    expanded: list[Target | Network] = []
    for model in models:
        if isinstance(model, str):
            expanded += expand_targets([model])
        else:
            expanded.append(_known(model) or Network(_read_live(model)))
    graphs = iter(
        load_all([each for each in expanded if not isinstance(each, Network)], use_cache=use_cache, progress=progress)
    )
    networks = [each if isinstance(each, Network) else _at_its_own_size(Network(next(graphs))) for each in expanded]
    if backbone is None:
        return networks
    # Beside a model that holds several, others that hold one are taken as they are.
    several = [network for network in networks if network.anatomy.backbones > 1] or networks
    return [
        Network(each.graph, backbone, leaves_size_open=each.leaves_size_open) if each in several else each
        for each in networks
    ]


def _known(model: Model) -> Target | Network | None:
    """What names a model or is one already; None for a live model."""
    if isinstance(model, structure.Network):
        return Network.of(model)
    return model if isinstance(model, (VariantTarget, BuilderTarget, FileTarget, PythonTarget)) else None


def _read_live(model: Model) -> LayerGraph:
    """Read by what is imported only where there is a live model."""
    from effnet_inspect.sources.live import read_live

    return read_live(model)


GRID = 32
"""The smallest map of an EfficientNet has a 32nd of the image's sides: a decoder fits where they are divisible."""


def _at_its_own_size(network: Network) -> Network:
    """A model of the user's that leaves the size of its images open, at the resolution of the variant that it is."""
    target = network.graph.target
    if not isinstance(target, (FileTarget, PythonTarget)):
        return network
    shape = network.anatomy.input_shape
    is_open = shape is not None and len(shape) == 3 and None in shape[:2]
    variant = network.identity.variant if is_open else None
    if variant is None:
        return network
    own = variant.resolution
    for side in (own, -(-own // GRID) * GRID):
        try:
            graph = load_graph(target._replace(resolution=(side, side)))
        except SourceError:  # a program may leave open only some sizes
            continue
        if maps_fit(graph):
            behind = f"the resolution of {variant.title}"
            whose = behind if side == own else f"a multiple of {GRID} near {own}×{own}, {behind}, at which its maps fit"
            remark = (
                f"The model leaves height and width open; what is shown holds for {side}×{side}, {whose}. "
                f"{target.title}@SIZE takes another."
            )
            return Network(
                replace(graph, target=target, remarks=(*graph.remarks, remark)), network.backbone, leaves_size_open=True
            )
    return network


def summary(
    model: Model,
    *,
    level: Level | None = None,
    block: int | None = None,
    fold: bool = False,
    preset: PresetName | None = None,
    counts: bool = False,
    find: str | None = None,
) -> Report:
    """One network as a table; see `effnet-inspect summary --help`."""
    from effnet_inspect.views.summary import SummaryOptions
    from effnet_inspect.views.summary import summary as view

    return Report(view(load(model), SummaryOptions(level, block, fold, preset, counts, find)))


def compare(*models: Model, by: Sequence[str] = (), only_differences: bool = False) -> Report:
    """How networks differ; see `effnet-inspect compare --help`."""
    from effnet_inspect.views.compare import CompareOptions
    from effnet_inspect.views.compare import compare as view
    from effnet_inspect.views.compare.aspects import USUAL

    return Report(view(load_networks(models), CompareOptions(tuple(by) or USUAL, only_differences)))


FEWER = "with fewer models it is lower"
FOLDED = "without expand=True it is lower"
PARTS = 'view="block" with block=1 draws one block of it'
"""What makes a figure lower that is too high for every page."""


def chart(
    *models: Model,
    view: ComparisonViewName = "growth",
    fit: FitName | None = None,
    width: str | None = None,
    heat: HeatName | None = None,
) -> Figure:
    """Networks drawn in one figure, for a page and with heat as in `diagram`; see `effnet-inspect compare --help`."""
    from effnet_inspect.drawing.page import page_for
    from effnet_inspect.views.compare.figures import drawing

    return _filling(page_for(fit, width), drawing(load_networks(models), view, heat), FEWER)


def _filling(page: Page, draw: Draw, lower: str) -> Figure:
    """A figure as large as its page allows; where it is too high for that, `lower` says what makes it lower."""
    from effnet_inspect.drawing.page import fill, too_high

    figure = fill(page, draw)
    return Figure(figure, too_high(figure, page, draw, lower))


def diagram(
    model: Model,
    *,
    view: ViewName | None = None,
    block: int | None = None,
    expand: bool = False,
    fit: FitName | None = None,
    width: str | None = None,
    labels: LabelStyle = "article",
    heat: HeatName | None = None,
) -> Figure:
    """One network drawn; see `effnet-inspect diagram --help`.

    `fit` names the page that it is laid out for, `width` says how wide that is, such as `"7.16in"`. With `heat` the
    boxes are coloured by their share of a measure.
    """
    from effnet_inspect.drawing.page import page_for
    from effnet_inspect.views.diagram import DiagramOptions, drawing

    network = load(model)
    options = DiagramOptions(view, block, expand, page_for(fit, width), labels, heat)
    is_part = options.chosen == "block" or not network.anatomy.blocks
    lower = FOLDED if expand else "" if is_part else PARTS
    return _filling(options.page, drawing(network, options), lower)


def page(*models: Model, backbone: int | None = None) -> WalkThrough:
    """One network, or several side by side, as a page; see `effnet-inspect page --help`."""
    from effnet_inspect.claims import about, check_all, targets_of
    from effnet_inspect.views.page import page as view

    networks = load_networks(models, backbone=backbone)
    claims = about(networks[0]) if len(networks) == 1 else ()
    return WalkThrough(view(networks, check_all(claims, load_networks(targets_of(claims)))))


def taps(
    model: Model,
    *,
    style: TapStyle | None = None,
    levels: tuple[int, int] | None = None,
    code: bool = False,
    framework: FrameworkName | None = None,
) -> Report:
    """The layers that feed a decoder; `levels` are the first and the last. See `effnet-inspect taps --help`."""
    from effnet_inspect.views.taps import TapsOptions
    from effnet_inspect.views.taps import taps as view

    return Report(view(load(model), TapsOptions(style, levels, code, framework)))


def sizes(model: Model, *sizes: int | tuple[int, int], output_stride: int | None = None) -> Report:
    """Which input sizes fit a decoder, in pixels or as (height, width); see `effnet-inspect sizes --help`."""
    from effnet_inspect.views.sizes import SizesOptions
    from effnet_inspect.views.sizes import sizes as view

    pairs = tuple((each, each) if isinstance(each, int) else each for each in sizes)
    return Report(view(load(model), SizesOptions(pairs, output_stride)))


def freeze(
    model: Model,
    *,
    start: str | None = None,
    last_blocks: int | None = None,
    trainable: float | None = None,
    layers: int | None = None,
    code: bool = False,
    train_normalization: bool = False,
) -> Report:
    """What to unfreeze, with at most one way to name the border; see `effnet-inspect freeze --help`.

    Raises:
        UsageError: where the border is named in several ways, or there is none such.
    """
    from effnet_inspect.analysis.freezing import Choice
    from effnet_inspect.views.freeze import freeze as view

    ways = (start, last_blocks, trainable, layers)
    given = sum(way is not None for way in ways)
    if given > 1:
        raise UsageError("the border is named in several ways; choose --from, --last-blocks, --trainable or --layers")
    choice = Choice(*ways) if given else None
    return Report(view(load(model), choice, code=code, train_normalization=train_normalization))


def cost(
    *models: Model,
    batch: int = 1,
    dtype: DtypeName = "float32",
    optimizer: OptimizerName = "adam",
    memory: float | None = None,
) -> Report:
    """Memory and memory traffic, `memory` in bytes; see `effnet-inspect cost --help`."""
    from effnet_inspect.analysis.cost import Conditions
    from effnet_inspect.views.cost import cost as view

    return Report(view(load_networks(models), Conditions(batch, dtype, optimizer, memory)))


def plot(
    kind: PlotName,
    *models: Model,
    x: SizeName = "parameters",
    fit: FitName | None = None,
    width: str | None = None,
) -> PlotReport:
    """A plot of networks, for a page as in `diagram`; without any, of those that the kind is known for.

    Raises:
        UsageError: where the kind cannot be had of one of them.
    """
    from effnet_inspect.drawing.page import page_for
    from effnet_inspect.views.plot import KINDS, USUAL, PlotOptions

    networks = load_networks(models or USUAL[kind])
    options = PlotOptions(page_for(fit, width), x)
    made = KINDS[kind](networks, options)
    return PlotReport(made, _filling(options.page, made.draw, FEWER) if made.draw else None)


def variants(
    models: Sequence[Model] = tuple(VARIANTS),
    *,
    max_parameters: float | None = None,
    max_macs: float | None = None,
    min_top1: float | None = None,
    results: bool = False,
) -> Report:
    """The published variants, or those that fit, `min_top1` in percent; with `results` the paper's beside its peers."""
    from effnet_inspect.views.results import results as of_results
    from effnet_inspect.views.variants import Limits
    from effnet_inspect.views.variants import variants as view

    limits = Limits(max_parameters, max_macs, min_top1)
    return Report((of_results if results else view)(load_networks(models), limits))


def verify(source: SourceName | None = None, claim: str | None = None) -> Report:
    """Published statements checked against the graphs: all, those of a source, or one claim in detail."""
    from effnet_inspect.claims import check_all, choose, targets_of
    from effnet_inspect.views.verify import claim_detail, claims_overview

    chosen = choose(source, claim)
    checked = check_all(chosen, load_networks(targets_of(chosen)))
    return Report(claim_detail(checked[0]) if claim else claims_overview(checked))


def weights(file: str | PathLike[str], *, into: Model | None = None) -> Report:
    """What a file of weights is of, and whether they fit a model; see `effnet-inspect weights --help`.

    Names, shapes and types are read, no numbers, and no code in the file is run.

    Raises:
        SourceError: where the file cannot be read as one of weights.
    """
    from effnet_inspect.checkpoints import read_checkpoint
    from effnet_inspect.conventions.fit import fit
    from effnet_inspect.conventions.recognition import recognize
    from effnet_inspect.views.weights import weights as view

    checkpoint = read_checkpoint(Path(file))
    found = recognize(checkpoint)
    return Report(view(checkpoint, found, None if into is None else fit(found, load(into))))


def name_map(model: Model, *, to: CodeBase, from_: CodeBase = "keras", find: str = "") -> Report:
    """What code bases call the weights of a model; see `effnet-inspect map --help`."""
    from effnet_inspect.conventions import CONVENTIONS
    from effnet_inspect.views.map import name_map as view

    return Report(view(load(model), CONVENTIONS[from_], CONVENTIONS[to], find))


def converter(model: Model, *, to: CodeBase, from_: CodeBase = "keras") -> str:
    """A program in Python that converts weights of a model between code bases, in both directions."""
    from effnet_inspect.conventions import CONVENTIONS
    from effnet_inspect.views.map import converter as view

    return view(load(model), CONVENTIONS[from_], CONVENTIONS[to])
