"""What the figures write in and on their boxes: short labels, and tooltips with everything that is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from effnet_inspect.document import Kind
from effnet_inspect.drawing import BoxRole
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer, Pair, Shape
from effnet_inspect.graph.operations import ENLARGING, OPERATIONS
from effnet_inspect.structure.anatomy import (
    Block,
    Module,
    ModuleRole,
    Section,
    SectionName,
    Stage,
    SubBlock,
    SubBlockKind,
)
from effnet_inspect.structure.measures import Measure, Total, Totals, measures_shown_in
from effnet_inspect.structure.network import ANY_SIZE, Network
from effnet_inspect.structure.regions import JOINING
from effnet_inspect.structure.signature import Strictness, signature
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.words import pluralize


def shape_text(shape: Shape | None) -> str:
    """`112×112×32`."""
    return format_value(shape, "size")


def sides_text(shape: Shape | None) -> str:
    """`112×112`, of an image-like shape."""
    return format_value(shape[:2], "size") if shape is not None and len(shape) == 3 else shape_text(shape)


def kernel_text(kernel: Pair | None) -> str:
    """`k3×3`; nothing where there is no kernel."""
    return f"k{format_value(kernel, 'size')}" if kernel else ""


def stride_text(stride: Pair | None) -> str:
    """`stride 2`, or `stride 2×1` where the sides differ."""
    if stride is None:
        return ""
    return f"stride {stride[0]}" if stride[0] == stride[1] else f"stride {format_value(stride, 'size')}"


def names_of(layers: Iterable[Layer]) -> tuple[str, ...]:
    """The names of layers, as a box tells what it stands for."""
    return tuple(layer.name for layer in layers)


def layers_inside(sub_blocks: Sequence[SubBlock]) -> list[Layer]:
    """Their layers but for those with boxes of their own: what closes a residual connection, and what stands behind."""
    aside = {layer.name for each in sub_blocks for layer in (each.joint, *each.between) if layer}
    return [layer for each in sub_blocks for layer in each.layers if layer.name not in aside]


SUB_BLOCK_ROLES: dict[SubBlockKind, BoxRole] = {
    SubBlockKind.FIRST_OF_NETWORK: "sub-block-1",
    SubBlockKind.FIRST_OF_BLOCK: "sub-block-2",
    SubBlockKind.REPEATED: "sub-block-3",
}

MODULE_ROLES: dict[ModuleRole, BoxRole] = {
    "depthwise": "module-1",
    "first_depthwise": "module-2",
    "fused": "fused",
    "squeeze_excite": "module-3",
    "first_projection": "module-4",
    "projection": "module-5",
    "between": "other",
}

SHORT_TITLES: dict[ModuleRole, str] = {
    "depthwise": "depthwise",
    "first_depthwise": "depthwise",
    "fused": "fused",
    "first_projection": "projection",
    "projection": "projection",
}
"""What a module does in a word, where there is little room."""

SECTION_ROLES: dict[SectionName, BoxRole] = {
    "stem": "stem",
    "part": "plain",
    "head": "head",
    "classifier": "classifier",
    "stage": "plain",
}
"""Sections that are no part of an EfficientNet have the role `other`."""


def sub_block_role(sub_block: SubBlock) -> BoxRole:
    """The role that colours a sub-block: its kind, whether it is fused, whether a repeated one lacks the expansion."""
    if sub_block.fused:
        return "fused-repeat" if sub_block.kind is SubBlockKind.REPEATED else "fused-opening"
    return "sub-block-3-plain" if _lacks_expansion(sub_block) else SUB_BLOCK_ROLES[sub_block.kind]


def sub_block_name(sub_block: SubBlock) -> str:
    """The article's name of a sub-block's kind: `Sub-block 3`, and `Sub-block 3′` where it lacks the expansion.

    The article has no fused ones: they are `Fused 2` and so on.
    """
    return f"{'Fused' if sub_block.fused else 'Sub-block'} {sub_block.kind:d}{'′' * _lacks_expansion(sub_block)}"


def _lacks_expansion(sub_block: SubBlock) -> bool:
    return sub_block.kind is SubBlockKind.REPEATED and sub_block.expansion == 1


def operator_text(sub_block: SubBlock) -> str:
    """The paper's name of a sub-block: `MBConv6 k5×5`."""
    return f"{sub_block.operator} {kernel_text(sub_block.kernel)}"


def section_role(section: Section) -> BoxRole:
    """The role that colours a section."""
    return SECTION_ROLES.get(section.name, "other")


def joint_title(joint: Layer) -> str:
    """What closes a residual connection: `Add`, or what somebody has in its place."""
    return OPERATIONS[joint.operation].title.capitalize()


def closes_residual(layer: Layer) -> bool:
    """Whether a layer of a sub-block joins what went around the others to what they made, in whichever way."""
    return layer.operation in JOINING and len(layer.inputs) > 1


def is_residual_alone(module: Module) -> bool:
    """Whether a module is a residual connection and projects nothing, as in a fused sub-block without expansion."""
    return module.layers[-1].operation == "add" and not any(layer.filters for layer in module.layers)


def module_title(module: Module) -> str:
    """What a module does."""
    return "residual" if is_residual_alone(module) else module.title


def module_names(module: Module, look: Look) -> tuple[str, ...]:
    """The article's number and what it does, in the order of the labels; only the latter where it has no number."""
    title = module_title(module)
    if not (module.attention or is_residual_alone(module)):
        title = SHORT_TITLES.get(module.role, title)
    return look.in_order(module.label, title.capitalize()) if module.number else (title.capitalize(),)


def alike_sub_blocks(block: Block, *, expand: bool) -> Iterator[tuple[SubBlock, Sequence[SubBlock]]]:
    """The sub-blocks of a block to draw, each with all that it stands for: as `summary --fold` merges rows.

    `expand` lets every sub-block stand for itself.
    """
    opening, *others = block.sub_blocks
    yield opening, (opening,)
    for _, group in groupby(others, key=lambda each: signature(each, Strictness.SHAPES)):
        alike = tuple(group)
        if expand:
            yield from ((each, (each,)) for each in alike)
        else:
            yield alike[0], alike


def measured_ranges(rows: Sequence[Sequence[Layer]], network: Network) -> list[str]:
    """What `measured_lines` says, of rows of layers that are alike: from the smallest to the largest."""
    if len(rows) == 1:
        return [f"output {shape_text(rows[0][-1].output_shape)}", *measured_lines(rows[0], network)]
    shapes = list(dict.fromkeys(shape_text(row[-1].output_shape) for row in rows))
    lines = [f"in {len(rows)} sub-blocks, output {_span(shapes[0], shapes[-1])}"]
    for measure in measures_shown_in("tooltip"):
        values = [value for row in rows if (value := network.measures.combined(measure, row)) is not None]
        if values and measure.key != "layers":
            span = _span(*(format_value(end, measure.kind) for end in (min(values), max(values))))
            lines.append(f"{span} {measure.noun} each" if measure.combine == "sum" else f"{measure.noun} {span}")
    return lines


def _span(smallest: str, largest: str) -> str:
    return smallest if smallest == largest else f"{smallest} to {largest}"


def measured_lines(layers: Sequence[Layer], network: Network) -> list[str]:
    """The sums over some layers in a line, and what there is where the data leave them in another."""
    totals = network.measures.totals(layers)
    sums = [
        total_text(totals, measure)
        for measure in measures_shown_in("tooltip")
        if measure.combine == "sum" and (measure.key != "layers" or len(layers) > 1)
    ]
    ends = [
        f"{measure.noun} {format_value(value, measure.kind)}"
        for measure in measures_shown_in("tooltip")
        if measure.combine == "last" and (value := network.measures.at_end(layers, measure.key)) is not None
    ]
    return [", ".join(sums), *ends]


def total_text(totals: Totals, measure: Measure) -> str:
    """`17,770 parameters`, `at least 54.95 M MACs`."""
    return f"{bounded(totals.total(measure.key), measure.kind)} {measure.noun}"


def bounded(total: Total, kind: Kind) -> str:
    """`5.331 M`, `at least 54.95 M`: a sum, and that it is a lower bound where it lacks something."""
    return f"{'at least ' * bool(total.missing)}{format_value(total.value, kind)}"


def section_tooltip(name: str, section: Stage | SubBlock, network: Network) -> str:
    """Everything about a part, block or sub-block."""
    lines = [name]
    if isinstance(section, Block | SubBlock):
        sub_block = section.first if isinstance(section, Block) else section
        width = f", squeeze-excite to {sub_block.squeeze_excite}" if sub_block.squeeze_excite else ""
        lines.append(f"{sub_block.operator} {kernel_text(sub_block.kernel)}, {stride_text(section.stride)}{width}")
    lines.append(f"{shape_text(section.input_shape)} → {shape_text(section.output_shape)}")
    return "\n".join([*lines, *measured_lines(section.layers, network)])


def layer_title(layer: Layer) -> str:
    """The class and its settings: `DepthwiseConv2D k5×5 stride 2`."""
    return " ".join((layer.class_name, *layer_settings(layer)))


def layer_settings(layer: Layer) -> list[str]:
    """The kernel, the stride where that is not 1, the activation where the class does not say it.

    A stride of what makes its input larger is a factor: `×2`.
    """
    stride = layer.stride if layer.stride and layer.stride != (1, 1) else None
    by = stride_text(stride)
    if stride and layer.operation in ENLARGING:
        by = f"×{by.removeprefix('stride ')}"
    return [part for part in (kernel_text(layer.kernel), by, activation_text(layer)) if part]


def activation_text(layer: Layer) -> str:
    """The name of the activation without what the class says of it: nothing of `relu` for `ReLU`, 6 of `relu6`."""
    return (layer.activation or "").replace("_", "").removeprefix(layer.class_name.lower())


def layer_tooltip(layer: Layer, network: Network) -> str:
    """Everything about a layer."""
    lines = [f"{layer.name}: {layer_title(layer)}", f"output {shape_text(layer.output_shape)}"]
    return "\n".join([*lines, *measured_lines([layer], network)])


def size_in_words(network: Network) -> str:
    """`224×224×3`; of a model that leaves it open `any size, shown at 224×224×3`."""
    shape = network.anatomy.input_shape
    if not network.is_size_assumed or shape is None:
        return shape_text(shape)
    return ANY_SIZE if None in shape[:2] else f"{ANY_SIZE}, shown at {shape_text(shape)}"


def size_notes(networks: Iterable[Network]) -> list[str]:
    """A sentence about each network whose size is assumed."""
    return [f"{each.title} takes images of {size_in_words(each)}." for each in networks if each.is_size_assumed]


def model_facts(network: Network) -> list[str]:
    """The whole model in a few words each: which variant a user's model holds, input, layers, parameters, MACs."""
    facts = [f"input {size_in_words(network)}", *sums_in_short(network.totals)]
    identity = network.identity
    if network.is_what_it_is_called or not identity.variant or network.anatomy.backbones > 1:
        return facts
    changes = f" with {pluralize(len(identity.changes), 'change')}" if identity.changes else ""
    return [f"{identity.variant.title}{changes}", *facts]


def sums_in_short(totals: Totals, *but: str) -> list[str]:
    """`5.331 M parameters`, `385.8 M MACs`: the sums, as short as a figure writes them, without the measures `but`."""
    return [
        f"{bounded(totals.total(measure.key), _short(measure))} {measure.noun}"
        for measure in measures_shown_in("headline")
        if measure.key not in but
    ]


def _short(measure: Measure) -> Kind:
    return "quantity" if measure.has_share else measure.kind
