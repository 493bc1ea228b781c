"""The statements of Keras' documentation about its own EfficientNets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from effnet_inspect.claims.claim import (
    NO_ACCURACY,
    Cell,
    Claim,
    Evidence,
    Finding,
    Models,
    Verdict,
    columns_of,
    in_print,
    no_weights,
    row_of,
)
from effnet_inspect.document import Column
from effnet_inspect.graph import LayerGraph
from effnet_inspect.published import (
    FAMILY,
    FAMILY_V2,
    KERAS_DEPTH,
    KERAS_IMAGENET_LAYERS,
    KERAS_PARAMETERS,
    KERAS_PARAMETERS_EXACT,
    KERAS_RESOLUTION,
    KERAS_SIZE,
)
from effnet_inspect.words import listed, series

AVAILABLE_MODELS = "table “Available models”"
UNITS = {"MB": 10**6, "MiB": 2**20}
WRITTEN_UNIT = "MB"
ROUNDING = 0.5
FILE_OVERHEAD = 3
"""What an HDF5 file of weights may take besides them: names, shapes, one data set for each weight."""


def _parameters(models: Models) -> Finding:
    found = {target: model.measures.totals().parameters for target, model in models.items()}
    rows = tuple(
        (
            model.title,
            (
                Cell(KERAS_PARAMETERS[target]),
                in_print(found[target] / 10**6, KERAS_PARAMETERS[target]),
                Cell(found[target]),
            ),
        )
        for target, model in models.items()
    )
    columns = (Column("written", "Written, M"), Column("rounded", "Found, M"), Column("exact", "Found", "count"))
    evidence = Evidence("Parameters", columns, rows)
    return Finding(
        Verdict.of(evidence.agrees),
        expected=f"{series(KERAS_PARAMETERS[target] for target in models)} M",
        found="all agree to the printed digit" if evidence.agrees else f"{evidence.wrong} of {len(rows)} differ",
        evidence=(evidence,),
    )


def _parameters_exact(models: Models) -> Finding:
    rows = tuple(
        row_of(model.title, (model.measures.totals().parameters,), (KERAS_PARAMETERS_EXACT[target],))
        for target, model in models.items()
    )
    evidence = Evidence("Parameters", columns_of(("Parameters",)), rows)
    return Finding(
        Verdict.of(evidence.agrees),
        expected=f"{KERAS_PARAMETERS_EXACT['b0']:,} to {KERAS_PARAMETERS_EXACT['b7']:,}",
        found="all agree to the last parameter" if evidence.agrees else f"{evidence.wrong} of {len(rows)} differ",
        evidence=(evidence,),
    )


def _depth(models: Models) -> Finding:
    """Two counts: every layer on the longest way through the graph, and only the layers that hold weights."""
    longest = {target: longest_path(model.graph) for target, model in models.items()}
    weighted = {target: sum(bool(layer.parameters) for layer in model.graph) for target, model in models.items()}
    written = {target: KERAS_DEPTH[target] for target in models}
    verdict, condition = Verdict.DOES_NOT_HOLD, ""
    if longest == written:
        verdict = Verdict.HOLDS
    elif weighted == written:
        verdict, condition = Verdict.HOLDS_IF, "only the layers that hold weights are counted, activations are not"
    rows = tuple(
        (
            model.title,
            (
                Cell(written[target]),
                Cell(weighted[target], written[target], weighted[target] == written[target]),
                Cell(longest[target]),
            ),
        )
        for target, model in models.items()
    )
    columns = columns_of(("Written", "Layers with weights", "Longest path"))
    return Finding(
        verdict,
        expected=series(written.values()),
        found=(
            f"the longest path has {series(longest.values())} layers; "
            f"the layers with weights are {series(weighted.values())}"
        ),
        condition=condition,
        evidence=(Evidence("Ways to count the depth", columns, rows),),
    )


def longest_path(graph: LayerGraph) -> int:
    """Layers on the longest way through a graph, every layer counted."""
    lengths: dict[str, int] = {}
    for layer in graph:
        lengths[layer.name] = 1 + max((lengths[name] for name in layer.inputs), default=0)
    return max(lengths.values())


def _sizes(models: Models) -> Finding:
    """A file is as large as its weights and a little more; which unit is meant, the numbers tell."""
    tables = {unit: _size_evidence(unit, models) for unit in UNITS}
    unit = min(UNITS, key=lambda each: tables[each].wrong)
    evidence = tables[unit]
    wrong = [
        f"{name} ({cells[0].found} {unit} of weights, not {cells[1].found})"
        for name, cells in evidence.rows
        if not cells[2].agrees
    ]
    verdict, condition = Verdict.of(not wrong and unit == WRITTEN_UNIT), ""
    if not wrong and unit != WRITTEN_UNIT:
        verdict, condition = Verdict.HOLDS_IF, f"{WRITTEN_UNIT} is read as {unit}"
    return Finding(
        verdict,
        expected=f"{series(KERAS_SIZE[target] for target in models)} {WRITTEN_UNIT}",
        found=(
            f"the weights in {unit} and at most {FILE_OVERHEAD} {unit} besides"
            + (f", but for {series(wrong)}" if wrong else "")
        ),
        condition=condition,
        evidence=(evidence,),
    )


def _size_evidence(unit: str, models: Models) -> Evidence:
    rows = []
    for target, model in models.items():
        weights = model.measures.totals().weights_bytes / UNITS[unit]
        rest = KERAS_SIZE[target] - weights
        agrees = -ROUNDING <= rest <= FILE_OVERHEAD
        rows.append(
            (model.title, (Cell(round(weights, 1)), Cell(KERAS_SIZE[target]), Cell(round(rest, 1), None, agrees)))
        )
    columns = (
        Column("weights", f"Weights, {unit}", "number"),
        Column("written", f"Written, {WRITTEN_UNIT}", "count"),
        Column("rest", "Left for the rest of the file", "number"),
    )
    return Evidence("Size of the weights as float32, against that of their file", columns, tuple(rows))


def _resolutions(models: Models) -> Finding:
    rows = tuple(
        row_of(model.title, (model.resolution,), (KERAS_RESOLUTION[target],)) for target, model in models.items()
    )
    evidence = Evidence("Side of the input, in pixels", columns_of(("Resolution",)), rows)
    return Finding(
        Verdict.of(evidence.agrees),
        expected=series(KERAS_RESOLUTION[target] for target in models),
        found=series(model.resolution for model in models.values()),
        evidence=(evidence,),
    )


def _preprocessing(models: Models) -> Finding:
    rows = []
    missing: list[tuple[str, tuple[str, ...]]] = []
    for target, model in models.items():
        before = [layer for layer in model.anatomy.stem.layers if layer.operation in ("rescaling", "normalization")]
        first = before[0] if before else None
        scale = first.scale[0] if first and first.scale else 1.0
        offset = first.offset[0] if first and first.offset else 0.0
        darkest, brightest = offset, BRIGHTEST * scale + offset
        agrees = darkest >= -1 and brightest <= 1
        missing += [(target, tuple(layer.name for layer in model.anatomy.stem.layers))] * (not agrees)
        cells = (
            Cell(series(layer.class_name for layer in before)),
            Cell(darkest),
            Cell(round(brightest, 4), 1, agrees),
        )
        rows.append((model.title, cells))
    columns = (
        Column("layers", "Before the first convolution"),
        Column("darkest", "0 becomes", "number"),
        Column("brightest", f"{BRIGHTEST} becomes", "number"),
    )
    evidence = Evidence("What the stem does to the pixels", columns, tuple(rows))
    return Finding(
        Verdict.of(evidence.agrees),
        expected=f"a Rescaling of pixels from 0 to {BRIGHTEST} in the model itself",
        found=(
            f"all begin with a Rescaling that takes {BRIGHTEST} to about 1"
            if evidence.agrees
            else f"{len(missing)} of {len(rows)} have none that does"
        ),
        evidence=(evidence,),
        layers=tuple(missing),
    )


BRIGHTEST = 255
"""The largest value of a pixel."""

ALL_OF_V2 = "V2-B0 to V2-B3, V2-S, V2-M and V2-L"


def _written(figures: Mapping[str, object], targets: Iterable[str]) -> str:
    return listed(figures[target] for target in targets)


CLAIMS = (
    Claim(
        "keras-parameters",
        f"Parameters of B0 to B7: {_written(KERAS_PARAMETERS, FAMILY)} million.",
        "keras-docs",
        AVAILABLE_MODELS,
        FAMILY,
        Verdict.HOLDS,
        _parameters,
        "effnet-inspect summary b0",
    ),
    Claim(
        "keras-exact",
        "Parameters of B0 to B7 to the last one: 5,330,571 to 66,658,687.",
        "keras-docs",
        f"{AVAILABLE_MODELS}, editions of 2020 and 2021",
        FAMILY,
        Verdict.HOLDS,
        _parameters_exact,
        "effnet-inspect summary b0",
    ),
    Claim(
        "keras-depth",
        "Depth of B0 to B7, activation and batch normalization layers included: 132 to 438.",
        "keras-docs",
        AVAILABLE_MODELS,
        FAMILY,
        Verdict.HOLDS_IF,
        _depth,
        "effnet-inspect summary b0 --level layer --format csv",
    ),
    Claim(
        "keras-size",
        f"Size of the weights of B0 to B7: {_written(KERAS_SIZE, FAMILY)} MB.",
        "keras-docs",
        AVAILABLE_MODELS,
        FAMILY,
        Verdict.DOES_NOT_HOLD,
        _sizes,
        "effnet-inspect summary b0",
    ),
    Claim(
        "keras-v2-parameters",
        f"Parameters of {ALL_OF_V2}: {_written(KERAS_PARAMETERS, FAMILY_V2)} million.",
        "keras-docs",
        AVAILABLE_MODELS,
        FAMILY_V2,
        Verdict.HOLDS,
        _parameters,
        "effnet-inspect summary v2-s",
    ),
    Claim(
        "keras-v2-size",
        f"Size of the weights of {ALL_OF_V2}: {_written(KERAS_SIZE, FAMILY_V2)} MB.",
        "keras-docs",
        AVAILABLE_MODELS,
        FAMILY_V2,
        Verdict.HOLDS,
        _sizes,
        "effnet-inspect summary v2-s",
    ),
    Claim(
        "keras-resolution",
        f"Input of B0 to B7: {_written(KERAS_RESOLUTION, FAMILY)} pixels a side.",
        "keras-docs",
        "example “Image classification via fine-tuning with EfficientNet”",
        FAMILY,
        Verdict.HOLDS,
        _resolutions,
        "effnet-inspect summary b7",
    ),
    Claim(
        "keras-preprocessing",
        "Preprocessing is part of the model: it takes pixels from 0 to 255.",
        "keras-docs",
        "note in the reference of every EfficientNet and EfficientNetV2",
        FAMILY + FAMILY_V2,
        Verdict.HOLDS,
        _preprocessing,
        "effnet-inspect summary b0 --level layer",
    ),
    Claim(
        "keras-imagenet",
        f"Built with the ImageNet weights, a model has a second Rescaling: {KERAS_IMAGENET_LAYERS['b0']} layers in "
        f"B0 and {KERAS_IMAGENET_LAYERS['b7']} in B7, without the classifier.",
        "keras-docs",
        "source of keras.applications.efficientnet",
        (),
        Verdict.CANNOT_BE_CHECKED,
        partial(
            no_weights,
            'a model built with weights="imagenet" downloads them first',
            listed(KERAS_IMAGENET_LAYERS.values()),
        ),
        "effnet-inspect verify --claim layers",
    ),
    Claim(
        "keras-accuracy",
        "Top-1 and top-5 accuracy on ImageNet: 77.1 and 93.3 % for B0, 84.3 and 97.0 % for B7.",
        "keras-docs",
        AVAILABLE_MODELS,
        (),
        Verdict.CANNOT_BE_CHECKED,
        partial(
            no_weights,
            NO_ACCURACY,
            "77.1 / 93.3 to 84.3 / 97.0 %",
        ),
        "effnet-inspect verify --source keras-docs",
    ),
)
