"""The statements of the paper on EfficientNetV2, arXiv 2104.00298."""

from __future__ import annotations

from collections.abc import Iterator

from effnet_inspect.anatomy import Block, SubBlock
from effnet_inspect.claims.claim import (
    Cell,
    Claim,
    Evidence,
    Finding,
    Model,
    Models,
    Verdict,
    columns_of,
    convolutions_of,
    final_operator,
    in_print,
    off_by,
    row_of,
)
from effnet_inspect.document import Column, Value
from effnet_inspect.published import (
    PAPER_FAMILY_V2,
    PAPER_V2_FLOPS,
    PAPER_V2_KERNEL,
    PAPER_V2_PARAMETERS,
    PAPER_V2_STAGES,
)
from effnet_inspect.words import listed, series

SMALLEST = PAPER_FAMILY_V2[0]


def _stages(models: Models) -> Finding:
    (model,) = models.values()
    found = list(_found_stages(model))
    rows = tuple(
        row_of(f"Stage {number}", has, written)
        for number, (has, written) in enumerate(zip(found, PAPER_V2_STAGES, strict=False))
    )
    columns = (Column("operator", "Operator"), *columns_of(("Stride", "Channels", "Layers")))
    evidence = Evidence(f"Stages of {model.graph.name}", columns, rows, corner="Stage")
    count = len(PAPER_V2_STAGES)
    return Finding(
        Verdict.of(evidence.agrees and len(found) == count),
        expected=f"{count} stages with operator, stride, channels and layers",
        found=f"{len(found)} stages; {len(evidence.cells) - evidence.wrong} of {4 * count} entries agree",
        evidence=(evidence,),
    )


def _found_stages(model: Model) -> Iterator[tuple[Value, ...]]:
    anatomy = model.anatomy
    strides = [layer.stride for layer in anatomy.stem.layers if layer.stride]
    stem, *blocks = model.channels[: len(anatomy.blocks) + 1]
    yield convolutions_of(anatomy.stem), strides[-1][0] if strides else None, stem, 1
    for block, channels in zip(anatomy.blocks, blocks, strict=True):
        yield _operator(block), block.opener.stride[0], channels, len(block.sub_blocks)
    if anatomy.head:
        yield final_operator(anatomy), None, model.channels[-1], 1


def _operator(block: Block) -> str:
    """The operator of a block's sub-blocks; of all of them, where they are not alike."""
    return listed(dict.fromkeys(map(_operator_of_sub_block, block.sub_blocks)), " / ")


def _operator_of_sub_block(sub_block: SubBlock) -> str:
    text = f"{sub_block.operator}, k{sub_block.kernel[0]}x{sub_block.kernel[1]}"
    channels = sub_block.input_shape[-1] if sub_block.input_shape else None
    if sub_block.squeeze_excite is None or not channels:
        return text
    return f"{text}, SE{sub_block.squeeze_excite / channels:g}"


def _kernels(models: Models) -> Finding:
    rows = tuple(
        row_of(
            model.title,
            (len(model.anatomy.sub_blocks) - len(_with_other_kernels(model)),),
            (len(model.anatomy.sub_blocks),),
        )
        for model in models.values()
    )
    evidence = Evidence(f"Sub-blocks of kernel size {PAPER_V2_KERNEL}", columns_of(("Sub-blocks",)), rows)
    return Finding(
        Verdict.of(evidence.agrees),
        expected=f"kernels of {PAPER_V2_KERNEL}x{PAPER_V2_KERNEL}",
        found="in every sub-block" if evidence.agrees else f"not in every sub-block of {evidence.wrong} models",
        evidence=(evidence,),
        layers=tuple(
            (target, tuple(layer.name for each in others for layer in each.layers if layer.kernel == each.kernel))
            for target, model in models.items()
            if (others := _with_other_kernels(model))
        ),
    )


def _with_other_kernels(model: Model) -> list[SubBlock]:
    return [each for each in model.anatomy.sub_blocks if each.kernel != (PAPER_V2_KERNEL, PAPER_V2_KERNEL)]


def _no_last_stage(models: Models) -> Finding:
    """EfficientNet ends in a block of stride 1 after its last halving; V2 is said to have none."""
    rows = tuple(
        (
            model.title,
            (
                Cell(len(model.anatomy.blocks)),
                Cell(series(block.opener.stride[0] for block in model.anatomy.blocks)),
                Cell(model.anatomy.blocks[-1].opener.stride[0], 2, model.anatomy.blocks[-1].opener.stride[0] > 1),
            ),
        )
        for model in models.values()
    )
    columns = (
        Column("blocks", "Blocks", "count"),
        Column("strides", "Strides"),
        Column("last", "Stride of the last", "count"),
    )
    evidence = Evidence("Blocks and their strides", columns, rows)
    with_it = [name for name, cells in rows if not cells[-1].agrees]
    only_smallest = rows[0][0] not in with_it and len(with_it) == len(rows) - 1
    verdict = Verdict.of(not with_it)
    if with_it and only_smallest:
        verdict = Verdict.HOLDS_IF
    return Finding(
        verdict,
        expected="no last block of stride 1",
        found=f"{listed(with_it)} end with one" if with_it else "no model ends with one",
        condition=(
            f"only {rows[0][0]} is meant: {listed(with_it)} have such a block" if verdict is Verdict.HOLDS_IF else ""
        ),
        evidence=(evidence,),
    )


def _parameters(models: Models) -> Finding:
    found = {target: model.measures.totals().parameters for target, model in models.items()}
    return _in_print("Parameters", "M", found, PAPER_V2_PARAMETERS, 10**6, models)


def _flops(models: Models) -> Finding:
    found = {target: model.measures.totals().macs for target, model in models.items()}
    return _in_print("Multiply-accumulates for one image", "B", found, PAPER_V2_FLOPS, 10**9, models)


def _in_print(
    title: str, unit: str, found: dict[str, int], printed: dict[str, str], scale: int, models: Models
) -> Finding:
    rows = tuple(
        (
            model.title,
            (
                Cell(printed[target]),
                in_print(found[target] / scale, printed[target]),
                Cell(found[target]),
                off_by(printed[target], scale, found[target]),
            ),
        )
        for target, model in models.items()
    )
    columns = (
        Column("written", f"Written, {unit}"),
        Column("rounded", f"Found, {unit}"),
        Column("found", "Found", "count"),
        Column("off", "Written is off by", "share"),
    )
    evidence = Evidence(title, columns, rows)
    wrong = [f"{name} ({cells[1].found}, not {cells[1].expected})" for name, cells in rows if not cells[1].agrees]
    return Finding(
        Verdict.of(evidence.agrees),
        expected=f"{series(printed[target] for target in models)} {unit}",
        found=f"to the printed digits these differ: {series(wrong)}" if wrong else "all agree to the printed digits",
        evidence=(evidence,),
    )


CLAIMS = (
    Claim(
        "v2-stages",
        "EfficientNetV2-S in eight stages: operator, stride, channels and layers of each.",
        "paper-v2",
        "table 4",
        (SMALLEST,),
        Verdict.HOLDS,
        _stages,
        "effnet-inspect summary v2-s",
    ),
    Claim(
        "v2-kernels",
        "V2 has small kernels, of 3x3, and makes up for them with more layers.",
        "paper-v2",
        "section 3.3",
        PAPER_FAMILY_V2,
        Verdict.HOLDS,
        _kernels,
        "effnet-inspect summary v2-m",
    ),
    Claim(
        "v2-last-stage",
        "V2 does without the last stage of stride 1 of the original EfficientNet.",
        "paper-v2",
        "section 3.3",
        PAPER_FAMILY_V2,
        Verdict.HOLDS_IF,
        _no_last_stage,
        "effnet-inspect summary v2-l",
    ),
    Claim(
        "v2-parameters",
        f"Parameters of V2-S, V2-M and V2-L: {listed(PAPER_V2_PARAMETERS.values())} million.",
        "paper-v2",
        "table 7",
        PAPER_FAMILY_V2,
        Verdict.DOES_NOT_HOLD,
        _parameters,
        "effnet-inspect summary v2-l",
    ),
    Claim(
        "v2-flops",
        f"FLOPs of V2-S, V2-M and V2-L: {listed(PAPER_V2_FLOPS.values())} billion.",
        "paper-v2",
        "table 7",
        PAPER_FAMILY_V2,
        Verdict.DOES_NOT_HOLD,
        _flops,
        "effnet-inspect summary v2-s",
    ),
)
