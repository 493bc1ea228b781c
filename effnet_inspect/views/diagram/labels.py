"""What the figures write in and on their boxes: short labels, and tooltips with everything that is measured."""

from __future__ import annotations

from collections.abc import Sequence

from effnet_inspect.anatomy import Anatomy, Block, Part, SubBlock
from effnet_inspect.graph import Layer, Pair, Shape
from effnet_inspect.measures import Measures
from effnet_inspect.values import written


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
    """The class, its kernel, its stride where that is not 1, its activation: `DepthwiseConv2D 5×5 /2`."""
    kernel = f" {kernel_text(layer.kernel)}" if layer.kernel else ""
    stride = layer.stride if layer.stride and layer.stride != (1, 1) else None
    by = "" if stride is None else f" /{stride[0]}" if stride[0] == stride[1] else f" /{written(stride, 'size')}"
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
