"""What the figures write in and on their boxes: short labels, and tooltips with everything that is measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from effnet_inspect.anatomy import Anatomy, Block, Module, Part, SubBlock
from effnet_inspect.document import Kind
from effnet_inspect.graph import Layer, Pair, Shape
from effnet_inspect.measures import Measures
from effnet_inspect.values import written
from effnet_inspect.words import listed

ENLARGING = frozenset({"upsampling", "transposed_convolution"})
"""Operations whose stride multiplies the sides of their input."""


def shape_text(shape: Shape | None) -> str:
    """`112×112×32`."""
    return written(shape, "size")


def sides_text(shape: Shape | None) -> str:
    """`112×112`, of an image-like shape."""
    return written(shape[:2], "size") if shape is not None and len(shape) == 3 else shape_text(shape)


def kernel_text(kernel: Pair | None) -> str:
    """`3×3`; nothing where there is no kernel."""
    return written(kernel, "size") if kernel else ""


def stride_text(stride: Pair | None) -> str:
    """`stride 2`, or `stride 2×1` where the sides differ."""
    if stride is None:
        return ""
    return f"stride {stride[0]}" if stride[0] == stride[1] else f"stride {written(stride, 'size')}"


def sub_block_role(sub_block: SubBlock) -> str:
    """The role that colours a sub-block: its kind, and whether a repeated one lacks the expansion."""
    if sub_block.kind == 3 and sub_block.expansion == 1:
        return "sub-block-3-plain"
    return f"sub-block-{sub_block.kind}"


def module_role(number: int | None) -> str:
    """The role that colours a module."""
    return f"module-{number}" if number else "fused"


def module_label(module: Module) -> str:
    """`Module 4`, or what it is where it has no number."""
    return f"Module {module.number}" if module.number else module.title.capitalize()


def module_title(module: Module) -> str:
    """What a module is; one that is a residual connection and nothing else projects nothing."""
    projects = any(layer.operation == "convolution" for layer in module.layers)
    adds = any(layer.operation == "add" for layer in module.layers)
    return "residual" if adds and not projects else module.title


def block_range(numbers: Iterable[int]) -> str:
    """`block 1`, `blocks 2–7`, `blocks 2–4 and 6`."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    texts = [text for run in runs for text in ([f"{run[0]}–{run[-1]}"] if len(run) > 2 else map(str, run))]
    several = len(runs) > 1 or len(runs[0]) > 1
    return f"block{'s' * several} {listed(texts)}"


def measured_ranges(rows: Sequence[Sequence[Layer]], measures: Measures) -> list[str]:
    """What `measured_lines` says, of rows of layers that are alike: from the smallest to the largest."""
    if len(rows) == 1:
        return [f"output {shape_text(rows[0][-1].output_shape)}", *measured_lines(rows[0], measures)]
    totals = [measures.totals(row) for row in rows]
    shapes = list(dict.fromkeys(shape_text(row[-1].output_shape) for row in rows))
    fields = [field for row in rows if (field := measures[row[-1].name].receptive_field)]
    lines = [
        f"in {len(rows)} sub-blocks, output {shapes[0]}" + (f" to {shapes[-1]}" if len(shapes) > 1 else ""),
        f"{_span([each.parameters for each in totals], 'count')} parameters each",
        f"{_span([each.macs for each in totals], 'quantity')} MACs each",
    ]
    if fields:
        smallest, largest = written(min(fields), "size"), written(max(fields), "size")
        lines.append(f"receptive field {smallest}" + (f" to {largest}" if smallest != largest else ""))
    return lines


def _span(counts: Sequence[int], kind: Kind) -> str:
    smallest, largest = written(min(counts), kind), written(max(counts), kind)
    return smallest if smallest == largest else f"{smallest} to {largest}"


def measured_lines(layers: Sequence[Layer], measures: Measures) -> list[str]:
    """Layers, parameters, MACs, and the receptive field where the layers end."""
    totals = measures.totals(layers)
    field = measures[layers[-1].name].receptive_field if layers else None
    lines = [f"{totals.parameters:,} parameters, {written(totals.macs, 'quantity')} MACs"]
    if len(layers) > 1:
        lines.insert(0, f"{totals.layers} layers")
    if field:
        lines.append(f"receptive field {written(field, 'size')}")
    return lines


def section_tooltip(name: str, section: Part | Block | SubBlock, measures: Measures) -> str:
    """Everything about a part, block or sub-block."""
    lines = [name]
    opener = section.opener if isinstance(section, Block) else section if isinstance(section, SubBlock) else None
    if opener:
        gate = f", squeeze-excite to {opener.squeeze_excite}" if opener.squeeze_excite else ""
        lines.append(f"{opener.operator} {kernel_text(opener.kernel)}, {stride_text(opener.stride)}{gate}")
    lines.append(f"{shape_text(section.input_shape)} → {shape_text(section.output_shape)}")
    return "\n".join([*lines, *measured_lines(section.layers, measures)])


def layer_title(layer: Layer) -> str:
    """The class, its kernel, its stride where that is not 1, its activation: `DepthwiseConv2D 5×5 /2`.

    A stride of what makes its input larger is a factor: `UpSampling2D ×2`.
    """
    kernel = f" {kernel_text(layer.kernel)}" if layer.kernel else ""
    stride = layer.stride if layer.stride and layer.stride != (1, 1) else None
    sign = "×" if layer.operation in ENLARGING else "/"
    by = "" if stride is None else f" {sign}{stride[0] if stride[0] == stride[1] else written(stride, 'size')}"
    function = f" {layer.activation}" if layer.activation else ""
    return f"{layer.class_name}{kernel}{by}{function}"


def layer_tooltip(layer: Layer, measures: Measures) -> str:
    """Everything about a layer."""
    lines = [f"{layer.name}: {layer_title(layer)}", f"output {shape_text(layer.output_shape)}"]
    return "\n".join([*lines, *measured_lines([layer], measures)])


def model_line(anatomy: Anatomy, measures: Measures) -> str:
    """The whole model in a line: input, layers, parameters, MACs."""
    totals = measures.totals()
    return "  ·  ".join(
        (
            f"input {shape_text(anatomy.input_shape)}",
            f"{totals.layers:,} layers",
            f"{'at least ' * bool(totals.uncounted_parameters)}{totals.parameters:,} parameters",
            f"{'at least ' * bool(totals.uncounted_macs)}{written(totals.macs, 'quantity')} MACs",
        )
    )
