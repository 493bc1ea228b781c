"""`compare`: any number of networks side by side, and in words how they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import PurePath
from typing import Any, NamedTuple

from effnet_inspect.anatomy import Block, Part
from effnet_inspect.difference import (
    DIFFERENT,
    LEVELS,
    SAME_BLOCKS,
    SAME_GRAPH,
    SAME_NETWORK,
    WORDS,
    Difference,
    Outline,
    Parting,
    Place,
    difference,
    outline,
    same_architecture,
)
from effnet_inspect.document import Column, Document, Kind, Row, Table, Value
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import LayerGraph, Pair, Shape
from effnet_inspect.measures import Totals
from effnet_inspect.network import Network
from effnet_inspect.published import PUBLISHED_ACCURACY
from effnet_inspect.variants import VARIANTS, Variant, named_variant
from effnet_inspect.words import listed

Stage = Part | Block


class Model(Network):
    """One of the networks that are compared."""

    @cached_property
    def outline(self) -> Outline:
        """What the verdict is found from."""
        return outline(self.anatomy)

    @property
    def key(self) -> str:
        """The name for programs: the target, or the graph's name where it has none."""
        return self.graph.target or self.graph.name

    @property
    def title(self) -> str:
        """The name for people, short: `B3`, `B3@512`, `mine.keras`."""
        name, at, resolution = self.graph.target.partition("@")
        if name in VARIANTS:
            return VARIANTS[name].title.removeprefix("EfficientNet").lstrip("-") + at + resolution
        return PurePath(self.graph.target).name or self.graph.name

    @cached_property
    def variant(self) -> Variant | None:
        """The variant that was asked for, at whatever resolution."""
        return named_variant(self.graph.target)

    @cached_property
    def stages(self) -> dict[StageKey, Stage]:
        """The stages by their keys."""
        return {stage_key(stage): stage for stage in self.anatomy.stages}

    @cached_property
    def totals(self) -> Totals:
        """The sums over the whole graph."""
        return self.measures.totals()

    @cached_property
    def stage_totals(self) -> dict[StageKey, Totals]:
        """The sums over each stage."""
        return {key: self.measures.totals(stage.layers) for key, stage in self.stages.items()}


StageKey = tuple[str, int]


def stage_key(stage: Stage) -> StageKey:
    """What says which stages of two models correspond: the name of the part, the number of the block."""
    return ("block", stage.number) if isinstance(stage, Block) else (stage.name, 0)


class Aspect(NamedTuple):
    """What may be compared stage by stage.

    `value` is that of one stage, None where it has none; `total` that of the whole, where the stages' values add up.
    """

    key: str
    title: str
    kind: Kind
    value: Callable[[Model, Stage], Value]
    total: Callable[[Model], Value] | None = None


class Property(NamedTuple):
    """What may be compared of whole models; `value` is None where a model has none."""

    key: str
    title: str
    kind: Kind
    value: Callable[[Model], Value]


def one_side(shape: Shape | Pair | None) -> Value:
    """Height and width as one number where they are equal; None without two of them."""
    if shape is None or len(shape) < 2:
        return None
    return shape[0] if shape[0] == shape[1] else shape[:2]


def _of_opener(value: Callable[[Any], Value]) -> Callable[[Model, Stage], Value]:
    return lambda model, stage: value(stage.opener) if isinstance(stage, Block) else None


def _of_window(attribute: str) -> Callable[[Model, Stage], Value]:
    """Of a block's opener, or of the last convolution of stem and head."""

    def value(model: Model, stage: Stage) -> Value:
        if isinstance(stage, Block):
            return one_side(getattr(stage.opener, attribute))
        if stage.name not in ("stem", "head"):
            return None
        windows = [layer for layer in stage.layers if layer.operation == "convolution"]
        return one_side(getattr(windows[-1], attribute)) if windows else None

    return value


def _is_numbered(stage: Stage) -> bool:
    return isinstance(stage, Block) or stage.name in ("stem", "head")


def _channels(model: Model, stage: Stage) -> Value:
    return stage.output_shape[-1] if _is_numbered(stage) and stage.output_shape else None


def _resolution(model: Model, stage: Stage) -> Value:
    return one_side(stage.output_shape) if _is_numbered(stage) else None


def _receptive_field(model: Model, stage: Stage) -> Value:
    if not _is_numbered(stage) or not stage.layers:
        return None
    return one_side(model.measures[stage.layers[-1].name].receptive_field)


def _sum_of(attribute: str) -> Callable[[Model, Stage], Value]:
    def value(model: Model, stage: Stage) -> Value:
        return model.stage_totals[stage_key(stage)].exact(attribute)

    return value


def _whole(attribute: str) -> Callable[[Model], Value]:
    return lambda model: model.totals.exact(attribute)


ASPECTS: dict[str, Aspect] = {
    row.key: row
    for row in (
        Aspect("channels", "Output channels", "count", _channels),
        Aspect(
            "sub-blocks",
            "Sub-blocks",
            "count",
            lambda model, stage: len(stage.sub_blocks) if isinstance(stage, Block) else None,
            lambda model: len(model.anatomy.sub_blocks),
        ),
        Aspect("layers", "Layers", "count", _sum_of("layers"), _whole("layers")),
        Aspect("operator", "Operator", "text", _of_opener(lambda opener: opener.operator)),
        Aspect("kernel", "Kernel size", "size", _of_window("kernel")),
        Aspect("stride", "Stride", "size", _of_window("stride")),
        Aspect("resolution", "Output resolution", "size", _resolution),
        Aspect("expansion", "Expansion ratio", "number", _of_opener(lambda opener: opener.expansion)),
        Aspect("squeeze-excite", "Squeeze-excite width", "count", _of_opener(lambda opener: opener.squeeze_excite)),
        Aspect("parameters", "Parameters", "quantity", _sum_of("parameters"), _whole("parameters")),
        Aspect("macs", "MACs", "quantity", _sum_of("macs"), _whole("macs")),
        Aspect("activations", "Activations", "quantity", _sum_of("activations"), _whole("activations")),
        Aspect("receptive-field", "Local receptive field", "size", _receptive_field),
    )
}


def _published_top1(model: Model) -> Value:
    """As a fraction; only for the resolution that it was published for."""
    accuracy = PUBLISHED_ACCURACY.get(model.graph.target)
    return round(accuracy.top1 / 100, 6) if accuracy else None


PROPERTIES = (
    Property("resolution", "Resolution", "size", lambda model: one_side(model.anatomy.input_shape)),
    Property("width", "Width coefficient", "number", lambda model: model.variant.width if model.variant else None),
    Property("depth", "Depth coefficient", "number", lambda model: model.variant.depth if model.variant else None),
    Property("dropout", "Dropout", "number", lambda model: model.anatomy.dropout_rate),
    Property("layers", "Layers", "count", lambda model: len(model.graph)),
    Property("parameters", "Parameters", "quantity", lambda model: model.totals.exact("parameters")),
    Property("macs", "MACs", "quantity", lambda model: model.totals.exact("macs")),
    Property("weights", "Weights, float32", "bytes", lambda model: model.totals.weights_bytes),
    Property("top1", "Top-1, published", "share", _published_top1),
)

MODEL = "model"
CHOICES = (MODEL, *ASPECTS)
USUAL = (MODEL, "channels", "sub-blocks", "parameters", "macs")
"""The aspects shown where none is asked for."""


def compare(
    graphs: Sequence[LayerGraph], aspects: Sequence[str] = USUAL, *, only_differences: bool = False
) -> Document:
    """The verdict, a table for every aspect, and the same as data: format 1 of the contract in the README.

    Args:
        graphs: the networks, the first of which the others are held against; one alone is shown for itself.
        aspects: keys of CHOICES.
        only_differences: leave out what is the same in all.

    Raises:
        UsageError: where there is nothing to compare, or only one network and its differences are asked for.
        NotAnEfficientNet: where a graph holds none.
    """
    if not graphs:
        raise UsageError("there is nothing to compare: name one model or more")
    if only_differences and len(graphs) == 1:
        raise UsageError("one model alone has no differences: name another to compare it with")
    models = tuple(map(Model, graphs))
    columns = _columns(models)
    tables: list[Table] = []
    data: dict[str, Any] = {}
    same: list[str] = []
    for key in dict.fromkeys(aspects):
        title = "Model" if key == MODEL else ASPECTS[key].title
        lines = [line for line in _lines(models, key) if not (only_differences and line.is_same)]
        if not lines:
            same.append(title if title[:2].isupper() else title.lower())
            continue
        tables.append(_table(title, lines, columns, models))
        data[key] = _aspect_data(lines)
    found = judge(models) if len(models) > 1 else None
    notes = [f"No difference in {listed(same)}."] if same else []
    if any(row.marked for table in tables for row in table.rows):
        notes.append(f"Marked cells differ from {models[0].title}.")
    if len(models) > 2:
        notes.append(f"Growth: {models[-1].title} as a multiple of {models[0].title}.")
    if any(model.variant for model in models) and MODEL in data:
        notes.append("Coefficients and accuracy on ImageNet are the published ones; all else is read from the graphs.")
    for model in models:
        sentences = (*model.anatomy.remarks, *model.totals.lower_bounds)
        notes += [sentence if len(models) == 1 else f"{model.title}: {sentence}" for sentence in sentences]
    return Document(
        title=listed([model.title for model in models]),
        lead=found.sentence if found else "",
        tables=tuple(tables),
        notes=(" ".join(notes),) if notes else (),
        data={
            "format": 1,
            "models": [model.key for model in models],
            "exact": [not (model.totals.uncounted_parameters or model.totals.uncounted_macs) for model in models],
            "verdict": found and found.data(),
            "aspects": data,
        },
    )


class _Line(NamedTuple):
    """One row of an aspect: the stage's number (None for what is no stage), its name, and a value for every model."""

    stage: int | None
    part: str
    kind: Kind
    values: tuple[Value, ...]
    is_total: bool = False

    @property
    def is_same(self) -> bool:
        return all(value == self.values[0] for value in self.values)


def _lines(models: Sequence[Model], aspect: str) -> Iterator[_Line]:
    """The rows of an aspect in which any model has a value, and the total where it has one."""
    lines = _property_lines(models) if aspect == MODEL else _stage_lines(models, ASPECTS[aspect])
    return (line for line in lines if any(value is not None for value in line.values))


def _property_lines(models: Sequence[Model]) -> Iterator[_Line]:
    for each in PROPERTIES:
        yield _Line(None, each.title, each.kind, tuple(map(each.value, models)))


def _stage_lines(models: Sequence[Model], aspect: Aspect) -> Iterator[_Line]:
    for number, key in numbered_stages(models):
        stages = [model.stages.get(key) for model in models]
        title = next(stage_title(stage) for stage in stages if stage)
        values = tuple(
            aspect.value(model, stage) if stage else None for model, stage in zip(models, stages, strict=True)
        )
        yield _Line(number, title, aspect.kind, values)
    if aspect.total:
        yield _Line(None, "Total", aspect.kind, tuple(map(aspect.total, models)), is_total=True)


def numbered_stages(models: Sequence[Model]) -> Iterator[tuple[int | None, StageKey]]:
    """Every stage that any model has, in order; numbered as the paper does, the stem being 1."""
    most = max(len(model.anatomy.blocks) for model in models)
    row: list[tuple[int | None, StageKey]] = [
        (None, ("before", 0)),
        (1, ("stem", 0)),
        *((number + 1, ("block", number)) for number in range(1, most + 1)),
        (most + 2, ("head", 0)),
        *((None, (name, 0)) for name in ("classifier", "after", "beside")),
    ]
    return ((number, key) for number, key in row if any(model.stages.get(key) for model in models))


def stage_title(stage: Stage) -> str:
    return f"Block {stage.number}" if isinstance(stage, Block) else stage.title


def _columns(models: Sequence[Model]) -> tuple[Column, ...]:
    """The stage, a column for every model, and how much the last is of the first."""
    keys = [model.key for model in models]
    unique = [key if keys.index(key) == at else f"{key} ({at + 1})" for at, key in enumerate(keys)]
    columns = [
        Column("stage", "#", "count"),
        Column("part", "Part"),
        *(Column(key, model.title, "varied", continues=True) for key, model in zip(unique, models, strict=True)),
    ]
    if len(models) > 1:
        columns.append(Column("ratio", "Ratio" if len(models) == 2 else "Growth", "ratio", continues=True))
    return tuple(columns)


def _table(title: str, lines: Sequence[_Line], columns: tuple[Column, ...], models: Sequence[Model]) -> Table:
    several = len(models) > 1
    numbered = any(line.stage is not None for line in lines)
    has_ratio = several and any(_ratio(line) is not None for line in lines)
    shown = [
        column for column in columns if (column.key != "stage" or numbered) and (column.key != "ratio" or has_ratio)
    ]
    model_keys = [column.key for column in columns if column.kind == "varied"]
    rows = []
    for line in lines:
        values: dict[str, Value] = {
            "stage": line.stage,
            "part": line.part,
            **dict(zip(model_keys, line.values, strict=True)),
            "ratio": _ratio(line),
        }
        marked = [key for key, value in zip(model_keys, line.values, strict=True) if value != line.values[0]]
        rows.append(
            Row(
                tuple(values[column.key] for column in shown),
                role="total" if line.is_total else "row",
                marked=frozenset(marked),
                kind=line.kind,
                folds=several and line.is_same,
            )
        )
    if len(models) > 2 and lines[-1].is_total and not lines[-1].is_same:
        rows.append(_growth_row(lines[-1], shown))
    return Table(
        title,
        tuple(shown),
        tuple(rows),
        folded="The same in both" if len(models) == 2 else f"The same in all {len(models)}",
    )


def _growth_row(total: _Line, shown: Sequence[Column]) -> Row:
    """Every model's total as a multiple of the first's."""
    first = total.values[0]
    growth = iter([_multiple(first, value) for value in total.values])
    values = tuple(
        next(growth) if column.kind == "varied" else "Growth" if column.key == "part" else None for column in shown
    )
    return Row(values, role="total", kind="ratio")


def _ratio(line: _Line) -> float | None:
    return None if line.kind in ("text", "share") else _multiple(line.values[0], line.values[-1])


def _multiple(first: Value, last: Value) -> float | None:
    if isinstance(first, int | float) and isinstance(last, int | float) and first:
        return last / first
    return None


def _aspect_data(lines: Iterable[_Line]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    data: dict[str, Any] = {"rows": rows}
    for line in lines:
        values = [list(value) if isinstance(value, tuple) else value for value in line.values]
        if line.is_total:
            data["total"] = values
        else:
            rows.append({"stage": line.stage, "part": line.part, "values": values})
    return data


class Group(NamedTuple):
    """Models that are as alike as `level` says, which is closer than all models together are."""

    level: str
    models: tuple[Model, ...]
    differ: tuple[str, ...]

    def sentence(self, of: int) -> str:
        """How alike they are; `of` is how many models are compared."""
        names = f"All {of}" if len(self.models) == of > 3 else listed([model.title for model in self.models])
        other = "another" if self.differ[:1] == ("resolution",) else "other"
        return _SENTENCES[self.level].format(
            names=names, other=f"{other} {listed([WORDS[key] for key in self.differ])}"
        )


_SENTENCES = {
    SAME_NETWORK: "{names} are the same network.",
    SAME_GRAPH: "{names} are the same graph with {other}.",
    SAME_BLOCKS: "{names} have the same blocks with {other}.",
}
_SAME_ARCHITECTURE = (
    "But the backbones of {first} and {second} are one architecture: every sub-block's operator, kernel, stride, "
    "channels, activation, squeeze-excite and residual agree, and so do the channels of stem and final layers."
)


class Verdict(NamedTuple):
    """How alike all models are, which of them are more alike, and where those part that are not alike at all."""

    level: str
    differ: tuple[str, ...]
    groups: tuple[Group, ...]
    partings: tuple[tuple[Model, Model, Parting], ...]
    sentences: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return " ".join(self.sentences)

    def data(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "level": self.level,
            "differ": list(self.differ),
            "sentence": self.sentence,
            "groups": [
                {
                    "level": group.level,
                    "models": [model.key for model in group.models],
                    "differ": list(group.differ),
                }
                for group in self.groups
            ],
            "partings": [
                {
                    "trait": parting.trait,
                    "same_architecture": same_architecture(first.outline, second.outline),
                    "at": [
                        {"model": model.key, **_place_data(place), "value": _plain(value)}
                        for model, place, value in zip((first, second), parting.places, parting.values, strict=True)
                    ],
                }
                for first, second, parting in self.partings
            ],
        }


def judge(models: Sequence[Model]) -> Verdict:
    """The verdict over two models or more, found from their graphs alone."""
    known: dict[tuple[int, int], Difference] = {}

    def between(first: int, second: int) -> Difference:
        if (first, second) not in known:
            known[first, second] = difference(models[first].outline, models[second].outline)
        return known[first, second]

    def classes(level: str) -> list[list[int]]:
        found: list[list[int]] = []
        for index in range(len(models)):
            alike = (each for each in found if LEVELS.index(between(each[0], index).level) <= LEVELS.index(level))
            if home := next(alike, None):
                home.append(index)
            else:
                found.append([index])
        return found

    groups = []
    for level in (SAME_BLOCKS, SAME_GRAPH, SAME_NETWORK):
        for members in classes(level):
            pairs = [between(members[0], index) for index in members[1:]]
            if pairs and any(pair.level == level for pair in pairs):
                differ = tuple(key for key in WORDS if any(key in pair.differ for pair in pairs))
                groups.append(Group(level, tuple(models[index] for index in members), differ))
    firsts = [members[0] for members in classes(SAME_BLOCKS)]
    partings = [
        (models[firsts[0]], models[index], parting)
        for index in firsts[1:]
        if (parting := between(firsts[0], index).parting)
    ]
    whole = next((group for group in groups if len(group.models) == len(models)), None)
    sentences = [group.sentence(len(models)) for group in groups]
    for first, second, parting in partings:
        sentences.append(parting.sentence(first.title, second.title))
        if same_architecture(first.outline, second.outline):
            sentences.append(_SAME_ARCHITECTURE.format(first=first.title, second=second.title))
    return Verdict(
        whole.level if whole else DIFFERENT,
        whole.differ if whole else (),
        tuple(group for group in groups if group is not whole),
        tuple(partings),
        tuple(sentences),
    )


def _place_data(place: Place | None) -> dict[str, Any]:
    if place is None:
        return {"stage": None, "block": None, "sub_block": None, "module": None, "layer": None}
    return {
        "stage": place.stage,
        "block": place.block,
        "sub_block": place.sub_block,
        "module": place.module,
        "layer": place.layer,
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
