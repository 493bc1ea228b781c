"""The statements of the paper that introduced the family, arXiv 1905.11946."""

from __future__ import annotations

import math
from collections.abc import Iterator

from effnet_inspect.anatomy import Block, Part
from effnet_inspect.claims.claim import (
    NO_ACCURACY,
    Cell,
    Claim,
    Evidence,
    Finding,
    Model,
    Models,
    Verdict,
    block_columns,
    columns_of,
    convolutions_of,
    final_operator,
    in_print,
    no_weights,
    off_by,
    row_of,
    same_in_print,
)
from effnet_inspect.document import Column, Value
from effnet_inspect.published import (
    FAMILY,
    PAPER_ACTIVATION,
    PAPER_DROPOUT,
    PAPER_FIRST_ACCURACY,
    PAPER_FLOPS,
    PAPER_GPIPE_PARAMETERS,
    PAPER_GPIPE_RATIO,
    PAPER_PARAMETERS,
    PAPER_SCALING,
    PAPER_SCALING_PRODUCT,
    PAPER_STAGES,
    PAPER_SURVIVAL,
    PUBLISHED_ACCURACY,
)
from effnet_inspect.variants import VARIANTS
from effnet_inspect.words import listed, series

SCALED = FAMILY[1:]
BASE = FAMILY[0]


def _stages(models: Models) -> Finding:
    model = models[BASE]
    rows = tuple(
        row_of(f"Stage {number}", found, written)
        for number, (found, written) in enumerate(zip(_found_stages(model), PAPER_STAGES, strict=False), start=1)
    )
    missing = len(PAPER_STAGES) - len(rows)
    columns = (
        Column("operator", "Operator"),
        Column("resolution", "Input resolution", "count"),
        Column("channels", "Channels", "count"),
        Column("layers", "Layers", "count"),
    )
    evidence = Evidence("Stages of EfficientNet-B0", columns, rows, corner="Stage")
    count = len(PAPER_STAGES)
    return Finding(
        Verdict.of(evidence.agrees and not missing and len(model.anatomy.blocks) + 2 == count),
        expected=f"{count} stages with operator, input resolution, channels and layers",
        found=(
            f"{len(model.anatomy.blocks) + 2} stages; "
            f"{len(evidence.cells) - evidence.wrong} of {4 * count} entries agree"
        ),
        evidence=(evidence,),
    )


def _found_stages(model: Model) -> Iterator[tuple[Value, ...]]:
    anatomy = model.anatomy
    yield (convolutions_of(anatomy.stem), *_sizes(anatomy.stem), 1)
    for block in anatomy.blocks:
        kernels = series(dict.fromkeys(f"k{each.kernel[0]}x{each.kernel[1]}" for each in block.sub_blocks))
        operators = series(dict.fromkeys(each.operator for each in block.sub_blocks))
        yield (f"{operators}, {kernels}", *_sizes(block), len(block.sub_blocks))
    if anatomy.head:
        yield (final_operator(anatomy), *_sizes(anatomy.head), 1)


def _sizes(stage: Part | Block) -> tuple[int | None, int | None]:
    """Input resolution and output channels."""
    before, after = stage.input_shape, stage.output_shape
    return before[0] if before else None, after[-1] if after else None


def _parameters(models: Models) -> Finding:
    totals = {target: model.measures.totals() for target, model in models.items()}
    every = {target: total.parameters for target, total in totals.items()}
    trainable = {target: total.trainable_parameters for target, total in totals.items()}
    rows = tuple(
        (
            model.title,
            (
                Cell(PAPER_PARAMETERS[target]),
                in_print(every[target] / 10**6, PAPER_PARAMETERS[target]),
                in_print(trainable[target] / 10**6, PAPER_PARAMETERS[target]),
                Cell(every[target]),
                Cell(trainable[target]),
            ),
        )
        for target, model in models.items()
    )
    columns = (
        Column("written", "Written, M"),
        Column("all_rounded", "All, M"),
        Column("trainable_rounded", "Trainable, M"),
        Column("all", "All", "count", leaves=1),
        Column("trainable", "Trainable", "count", leaves=1),
    )
    agree = [sum(cells[index].agrees for _, cells in rows) for index in (1, 2)]
    verdict, condition = Verdict.DOES_NOT_HOLD, ""
    if agree[0] == len(rows):
        verdict = Verdict.HOLDS
    elif agree[1] == len(rows):
        verdict, condition = Verdict.HOLDS_IF, "the trainable parameters are counted"
    odd = [name for name, cells in rows if not cells[2].agrees]
    return Finding(
        verdict,
        expected=f"{series(PAPER_PARAMETERS[target] for target in models)} M",
        found=(
            f"to the printed digits {agree[0]} of {len(rows)} agree as all parameters, "
            f"{agree[1]} as the trainable ones (all but {series(odd)})"
        ),
        condition=condition,
        evidence=(Evidence("Parameters", columns, rows),),
    )


def _flops(models: Models) -> Finding:
    macs = {target: model.measures.totals().macs for target, model in models.items()}
    rows = tuple(
        (
            model.title,
            (
                Cell(PAPER_FLOPS[target]),
                in_print(macs[target] / 10**9, PAPER_FLOPS[target]),
                Cell(macs[target]),
                off_by(PAPER_FLOPS[target], 10**9, macs[target]),
            ),
        )
        for target, model in models.items()
    )
    columns = (
        Column("written", "Written, B"),
        Column("rounded", "MACs, G"),
        Column("macs", "MACs", "count"),
        Column("off", "Written is off by", "share"),
    )
    evidence = Evidence("Multiply-accumulates for one image", columns, rows)
    doubled = all(same_in_print(2 * macs[target] / 10**9, PAPER_FLOPS[target]) for target in models)
    wrong = [f"{name} ({cells[1].found}, not {cells[1].expected})" for name, cells in rows if not cells[1].agrees]
    return Finding(
        Verdict.of(evidence.agrees or doubled),
        expected=f"{series(PAPER_FLOPS[target] for target in models)} B",
        found=(
            "they are multiply-accumulates, not operations"
            + (f"; to the printed digits these differ: {series(wrong)}" if wrong else ", and all agree")
        ),
        evidence=(evidence,),
    )


ABOUT = 0.05
"""How far "about" reaches, as a share."""


def _scaling_constants(models: Models) -> Finding:
    alpha, beta, gamma = (PAPER_SCALING[key] for key in ("depth", "width", "resolution"))
    product = alpha * beta**2 * gamma**2
    row = ("alpha · beta² · gamma²", (Cell(alpha), Cell(beta), Cell(gamma), Cell(round(product, 4))))
    columns = columns_of(("alpha", "beta", "gamma", "Product"), "number")
    return Finding(
        Verdict.of(math.isclose(product, PAPER_SCALING_PRODUCT, rel_tol=ABOUT)),
        expected=f"about {PAPER_SCALING_PRODUCT}",
        found=f"{alpha} · {beta}² · {gamma}² = {product:.3f}",
        evidence=(Evidence("Computed from the three constants", columns, (row,), corner=""),),
    )


Interval = tuple[float, float]
NO_FACTOR: Interval = (math.inf, 0.0)
RESOLUTION_STEP = 8
"""How far, in pixels, a published resolution may lie from the scaled one."""


def rounded_channels(channels: float) -> int:
    """Channels as the reference implementation rounds them: to multiples of 8, never down by more than a tenth.

    >>> [rounded_channels(channels) for channels in (17.6, 26.4, 35.2, 44.0)]
    [16, 24, 32, 48]
    """
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def _compound_scaling(models: Models) -> Finding:
    """For every model the values of phi that explain its depth, its width and its resolution."""
    base = models[BASE]
    rows = []
    for target in SCALED:
        model = models[target]
        ranges = (
            _phi(_factors_of_depth(base, model), PAPER_SCALING["depth"]),
            _phi(_factors_of_width(base, model), PAPER_SCALING["width"]),
            _phi(_factors_of_resolution(base, model), PAPER_SCALING["resolution"]),
        )
        common = max(low for low, _ in ranges), min(high for _, high in ranges)
        fits = common[0] < common[1]
        cells = (*(Cell(_in_words(each)) for each in ranges), Cell(_in_words(common) if fits else "none", None, fits))
        rows.append((model.title, cells))
    columns = columns_of(("phi by depth", "phi by width", "phi by resolution", "phi that fits all"), "text")
    evidence = Evidence("Values of phi for which scaling B0 gives the model", columns, tuple(rows))
    without = [name for name, cells in rows if not cells[-1].agrees]
    return Finding(
        Verdict.of(evidence.agrees),
        expected="one phi for each of B1 to B7",
        found=f"no phi fits {listed(without)}" if without else "there is one for each",
        evidence=(evidence,),
    )


def _in_words(interval: Interval) -> str:
    low, high = interval
    if low >= high:
        return "none"
    return f"{low:.2f} to {high:.2f}" if low > -math.inf else f"up to {high:.2f}"


def _phi(factors: Interval, constant: float) -> Interval:
    low, high = (math.log(factor) / math.log(constant) if factor > 0 else -math.inf for factor in factors)
    return low, high


def _factors_of_depth(base: Model, model: Model) -> Interval:
    """All depth factors that lead from the repeats of `base`, rounded up, to those of `model`."""
    if len(base.repeats) != len(model.repeats):
        return NO_FACTOR
    pairs = list(zip(base.repeats, model.repeats, strict=True))
    return max((after - 1) / before for before, after in pairs), min(after / before for before, after in pairs)


def _factors_of_width(base: Model, model: Model) -> Interval:
    if len(base.channels) != len(model.channels):
        return NO_FACTOR
    pairs = [(before or 0, after or 0) for before, after in zip(base.channels, model.channels, strict=True)]
    return max(_least_factor(*pair) for pair in pairs), min(_least_factor(a, b + 1) for a, b in pairs)


def _least_factor(before: int, after: int) -> float:
    """The least factor that scales `before` channels to at least `after`, found by halving."""
    low, high = 0.0, 1024.0
    for _ in range(60):
        middle = (low + high) / 2
        if rounded_channels(before * middle) >= after:
            high = middle
        else:
            low = middle
    return high


def _factors_of_resolution(base: Model, model: Model) -> Interval:
    before, after = base.resolution or 1, model.resolution or 1
    return (after - RESOLUTION_STEP) / before, (after + RESOLUTION_STEP) / before


def _scaled_from_b0(models: Models) -> Finding:
    """Whether depth and width coefficients, and nothing else, lead from B0 to every other model."""
    base = models[BASE]
    exact = True
    depth_rows: list[tuple[str, tuple[Cell, ...]]] = []
    width_rows: list[tuple[str, tuple[Cell, ...]]] = []
    for target in SCALED:
        model, variant = models[target], VARIANTS[target]
        depths = [variant.depth * repeats for repeats in base.repeats]
        widths = [variant.width * (channels or 0) for channels in base.channels]
        exact = exact and (*model.repeats, *model.channels) == (*depths, *widths)
        for rows, factor, (name, cells) in (
            (depth_rows, variant.depth, row_of(model.title, model.repeats, [*map(math.ceil, depths)])),
            (width_rows, variant.width, row_of(model.title, model.channels, [*map(rounded_channels, widths)])),
        ):
            rows.append((name, (Cell(factor), *cells)))
    blocks = block_columns(max(len(model.repeats) for model in models.values()))
    evidence = (
        Evidence(
            "Sub-blocks, against B0's times depth, rounded up",
            (Column("depth", "Depth", "number"), *blocks),
            tuple(depth_rows),
        ),
        Evidence(
            "Channels, against B0's times width, rounded to multiples of 8",
            (Column("width", "Width", "number"), *columns_of(("Stem",)), *blocks, *columns_of(("Final",))),
            tuple(width_rows),
        ),
    )
    verdict = Verdict.DOES_NOT_HOLD
    if all(each.agrees for each in evidence):
        verdict = Verdict.HOLDS if exact else Verdict.HOLDS_IF
    compared = sum(len(each.cells) - len(each.rows) for each in evidence)
    return Finding(
        verdict,
        expected="sub-blocks of B0 times a depth, channels of B0 times a width",
        found=f"{compared - sum(each.wrong for each in evidence)} of {compared} numbers agree when rounded",
        condition=(
            "sub-blocks are rounded up, and channels to multiples of 8 but never down by more than a tenth"
            if verdict is Verdict.HOLDS_IF
            else ""
        ),
        evidence=evidence,
    )


def _resolution_squared(models: Models) -> Finding:
    small, large = models.values()
    factor = (large.resolution or 0) / (small.resolution or 1)
    macs = [model.measures.totals().macs for model in (small, large)]
    ratio = macs[1] / macs[0] if macs[0] else 0.0
    rows = tuple(
        (f"{model.title} at {model.resolution}", (Cell(model.resolution), Cell(each)))
        for model, each in zip((small, large), macs, strict=True)
    )
    columns = (Column("resolution", "Resolution", "count"), Column("macs", "MACs", "count"))
    return Finding(
        Verdict.of(math.isclose(ratio, factor**2, rel_tol=0.01)),
        expected=f"{factor**2:g} times the operations at {factor:g} times the resolution",
        found=f"{ratio:.3f} times (squeeze-excite and the dense layer do not grow)",
        evidence=(Evidence("Multiply-accumulates", columns, rows),),
    )


def _squeeze_excite(models: Models) -> Finding:
    rows = []
    bare: list[tuple[str, tuple[str, ...]]] = []
    for target, model in models.items():
        sub_blocks = model.anatomy.sub_blocks
        without = [each for each in sub_blocks if each.squeeze_excite is None or each.fused]
        bare += [(target, tuple(layer.name for layer in each.layers)) for each in without[:1]]
        rows.append(row_of(model.title, (len(sub_blocks) - len(without),), (len(sub_blocks),)))
    evidence = Evidence("Sub-blocks that are MBConv with squeeze-excite", columns_of(("Sub-blocks",)), tuple(rows))
    return Finding(
        Verdict.of(evidence.agrees),
        expected="squeeze-excite in every MBConv",
        found="in all sub-blocks of all models" if evidence.agrees else f"not in all sub-blocks of {len(bare)} models",
        evidence=(evidence,),
        layers=tuple(bare),
    )


def _activation(models: Models) -> Finding:
    """Every activation of the backbone; the sigmoid that gates a squeeze-excite and the final softmax are no such."""
    others: dict[str, list[str]] = {}
    counts = []
    for target, model in models.items():
        active = [layer for stage in model.stages for layer in stage.layers if layer.activation]
        counted = [layer for layer in active if layer.activation != "sigmoid"]
        others.setdefault(target, []).extend(layer.name for layer in counted if layer.activation != PAPER_ACTIVATION)
        counts.append((model.title, (Cell(len(counted)), Cell(len(counted) - len(others[target])))))
    rows = tuple((name, (total, Cell(right.found, total.found, right == total))) for name, (total, right) in counts)
    evidence = Evidence("Activations besides the squeeze-excite gates", columns_of(("All", "SiLU")), rows)
    return Finding(
        Verdict.of(evidence.agrees),
        expected="SiLU (Swish-1)",
        found="SiLU everywhere; the gates of squeeze-excite are sigmoid" if evidence.agrees else "not everywhere",
        evidence=(evidence,),
        layers=tuple((target, tuple(names)) for target, names in others.items() if names),
    )


def _dropout(models: Models) -> Finding:
    first, last = PAPER_DROPOUT[BASE], PAPER_DROPOUT[FAMILY[-1]]
    linear = [first + (last - first) * step / (len(models) - 1) for step in range(len(models))]
    rows = tuple(
        row_of(model.title, (rate,), (round(exact, 1),))
        for (model, rate), exact in zip(_rates(models), linear, strict=True)
    )
    evidence = Evidence("Rate of the Dropout before the classifier", columns_of(("Rate",), "number"), rows)
    rates = [rate for _, rate in _rates(models)]
    exactly = rates == linear
    verdict = Verdict.HOLDS if exactly else Verdict.HOLDS_IF if evidence.agrees else Verdict.DOES_NOT_HOLD
    return Finding(
        verdict,
        expected=f"linear from {first} to {last}",
        found=series("none" if rate is None else rate for rate in rates),
        condition="the rates are rounded to one decimal" if verdict is Verdict.HOLDS_IF else "",
        evidence=(evidence,),
    )


def _rates(models: Models) -> Iterator[tuple[Model, float | None]]:
    for model in models.values():
        layers = model.anatomy.classifier.layers if model.anatomy.classifier else ()
        yield model, next((layer.rate for layer in layers if layer.operation == "dropout"), None)


def _stochastic_depth(models: Models) -> Finding:
    limit = round(1 - PAPER_SURVIVAL, 10)
    rows = []
    wrong: list[tuple[str, tuple[str, ...]]] = []
    for target, model in models.items():
        sub_blocks = model.anatomy.sub_blocks
        dropped = [(index, each) for index, each in enumerate(sub_blocks) if each.residual]
        off = [each for index, each in dropped if not _is_linear(each.drop_rate, limit * index / len(sub_blocks))]
        wrong += [
            (target, tuple(layer.name for each in off for layer in each.layers if layer.operation == "add"))
        ] * bool(off)
        rates = [each.drop_rate or 0.0 for _, each in dropped]
        rows.append(
            (
                model.title,
                (
                    Cell(len(dropped)),
                    Cell(len(dropped) - len(off), len(dropped), not off),
                    Cell(max(rates, default=0.0)),
                ),
            )
        )
    columns = (
        Column("residual", "Residual sub-blocks", "count"),
        Column("linear", "On the line", "count"),
        Column("largest", "Largest drop rate", "number"),
    )
    evidence = Evidence("Drop rate of the residual sub-blocks", columns, tuple(rows))
    constant = all(
        each.drop_rate == limit for model in models.values() for each in model.anatomy.sub_blocks if each.residual
    )
    verdict = Verdict.HOLDS if constant else Verdict.HOLDS_IF if evidence.agrees else Verdict.DOES_NOT_HOLD
    return Finding(
        verdict,
        expected=f"survival probability {PAPER_SURVIVAL}, a drop rate of {limit:g}",
        found="the drop rate rises linearly with the sub-blocks"
        if evidence.agrees
        else "the drop rates are on no line",
        condition=(
            f"{PAPER_SURVIVAL} is where the line ends: the drop rate is {limit:g} · index / number of sub-blocks"
            if verdict is Verdict.HOLDS_IF
            else ""
        ),
        evidence=(evidence,),
        layers=tuple(wrong),
    )


def _is_linear(rate: float | None, expected: float) -> bool:
    return math.isclose(rate or 0.0, expected, abs_tol=1e-6)


def _smaller_than_gpipe(models: Models) -> Finding:
    (model,) = models.values()
    parameters = model.measures.totals().parameters
    other, printed = PAPER_GPIPE_PARAMETERS, PAPER_GPIPE_RATIO
    ratio = other / parameters
    row = ("Parameters", (Cell(other), Cell(parameters), in_print(ratio, printed)))
    columns = (*columns_of(("GPipe", model.title)), Column("ratio", "Ratio"))
    return Finding(
        Verdict.of(same_in_print(ratio, printed)),
        expected=f"{printed} times smaller",
        found=f"{other:,} / {parameters:,} = {ratio:.2f}",
        evidence=(Evidence("GPipe's parameters as published", columns, (row,), corner=""),),
    )


def _accuracy(models: Models) -> Finding:
    rows = tuple(
        (
            target.upper(),
            (
                Cell(PUBLISHED_ACCURACY[target].top1),
                Cell(PUBLISHED_ACCURACY[target].top5),
                *map(Cell, PAPER_FIRST_ACCURACY[target]),
            ),
        )
        for target in FAMILY
    )
    columns = columns_of(("Top-1", "Top-5", "Top-1 before", "Top-5 before"), "number")
    written = Evidence("Written in version 5 and before it, in percent", columns, rows)
    accuracies = [PUBLISHED_ACCURACY[target].top1 for target in FAMILY]
    expected = f"{accuracies[0]} to {accuracies[-1]} % (version 5)"
    return no_weights(NO_ACCURACY, expected, models, (written,))


CLAIMS = (
    Claim(
        "stages",
        "EfficientNet-B0 in nine stages: operator, input resolution, output channels and layers of each.",
        "paper",
        "table 1",
        (BASE,),
        Verdict.HOLDS,
        _stages,
        "effnet-inspect summary b0",
    ),
    Claim(
        "squeeze-excite",
        "The building block is MBConv with squeeze-and-excitation.",
        "paper",
        "section 4",
        FAMILY,
        Verdict.HOLDS,
        _squeeze_excite,
        "effnet-inspect summary b0 --level module",
    ),
    Claim(
        "scaling-constants",
        "alpha = 1.2, beta = 1.1, gamma = 1.15, with alpha · beta² · gamma² about 2.",
        "paper",
        "equation 3 and section 4",
        (),
        Verdict.HOLDS,
        _scaling_constants,
        "effnet-inspect verify --claim scaling-constants",
    ),
    Claim(
        "compound-scaling",
        "B1 to B7 are B0 scaled by alpha, beta and gamma to the power of one phi each.",
        "paper",
        "section 4, step 2",
        FAMILY,
        Verdict.DOES_NOT_HOLD,
        _compound_scaling,
        "effnet-inspect verify --claim compound-scaling",
    ),
    Claim(
        "scaled-from-b0",
        "Only depth, width and resolution are scaled: every model has the layers of B0, more of them and wider.",
        "paper",
        "section 3.1, with the coefficients of the released code",
        FAMILY,
        Verdict.HOLDS_IF,
        _scaled_from_b0,
        "effnet-inspect verify --claim scaled-from-b0",
    ),
    Claim(
        "resolution-squared",
        "The operations grow with the square of the resolution: doubling it makes them four times as many.",
        "paper",
        "section 3.3",
        (BASE, "b0@448"),
        Verdict.HOLDS,
        _resolution_squared,
        "effnet-inspect summary b0@448",
    ),
    Claim(
        "parameters",
        f"Parameters of B0 to B7: {listed(PAPER_PARAMETERS.values())} million.",
        "paper",
        "table 2",
        FAMILY,
        Verdict.DOES_NOT_HOLD,
        _parameters,
        "effnet-inspect summary b1",
    ),
    Claim(
        "flops",
        f"FLOPs of B0 to B7: {listed(PAPER_FLOPS.values())} billion.",
        "paper",
        "table 2",
        FAMILY,
        Verdict.DOES_NOT_HOLD,
        _flops,
        "effnet-inspect summary b4",
    ),
    Claim(
        "smaller-than-gpipe",
        "EfficientNet-B7 is 8.4 times smaller than GPipe.",
        "paper",
        "abstract and table 2",
        ("b7",),
        Verdict.HOLDS,
        _smaller_than_gpipe,
        "effnet-inspect summary b7",
    ),
    Claim(
        "activation",
        "The activation function is SiLU (Swish-1).",
        "paper",
        "section 5.2",
        FAMILY,
        Verdict.HOLDS,
        _activation,
        "effnet-inspect summary b0 --level layer --format json",
    ),
    Claim(
        "dropout",
        "The dropout ratio rises linearly from 0.2 for B0 to 0.5 for B7.",
        "paper",
        "section 5.2",
        FAMILY,
        Verdict.HOLDS_IF,
        _dropout,
        "effnet-inspect verify --claim dropout",
    ),
    Claim(
        "stochastic-depth",
        "Stochastic depth has the survival probability 0.8.",
        "paper",
        "section 5.2",
        FAMILY,
        Verdict.HOLDS_IF,
        _stochastic_depth,
        "effnet-inspect summary b0 --format json",
    ),
    Claim(
        "accuracy",
        "Top-1 accuracy on ImageNet from 77.1 % (B0) to 84.3 % (B7); 76.3 to 84.4 % in the earlier version that "
        "the article shows.",
        "paper",
        "table 2",
        (),
        Verdict.CANNOT_BE_CHECKED,
        _accuracy,
        "effnet-inspect verify --source paper",
    ),
)
