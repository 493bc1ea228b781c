"""The statements of Keras' documentation about its own EfficientNets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from effnet_inspect.catalog.published import (
    FAMILY,
    FAMILY_V2,
    KERAS_DEPTH,
    KERAS_IMAGENET_LAYERS,
    KERAS_PARAMETERS,
    KERAS_PARAMETERS_EXACT,
    KERAS_RESOLUTION,
    KERAS_SIZE,
)
from effnet_inspect.claims.claim import (
    CANNOT_BE_CHECKED,
    DOES_NOT_HOLD,
    HOLDS,
    HOLDS_IF,
    Cell,
    Claim,
    Entry,
    EvidenceRow,
    Models,
)
from effnet_inspect.claims.kinds import (
    NO_ACCURACY,
    Count,
    ForEvery,
    NotCheckable,
    PrintedFigures,
    Rule,
    Table,
    by_model,
    first_column,
)
from effnet_inspect.claims.paper import ALL_PARAMETERS
from effnet_inspect.graph import LayerGraph
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and, join_comma

entry = partial(Entry, "keras-docs")
AVAILABLE = "table “Available models”"
EDITIONS = f"{AVAILABLE}, editions of 2020 and 2021"
CODE = "source of keras.applications.efficientnet"
EXAMPLE = "example “Image classification via fine-tuning with EfficientNet”"
NOTE = "note in the reference of every EfficientNet and EfficientNetV2"
ALL_OF_V2 = "V2-B0 to V2-B3, V2-S, V2-M and V2-L"

MB, MIB = 10**6, 2**20
ROUNDING = 0.5
FILE_OVERHEAD = 3
"""What an HDF5 file of weights may take besides them: names, shapes, one data set for each weight."""


def rest_of_file(unit: int, models: Models) -> Iterator[EvidenceRow]:
    """What a published size leaves for the rest of the file: a little, where the unit is the one that is meant."""
    for target, model in models.items():
        weights = model.totals["weights_bytes"] / unit
        rest = KERAS_SIZE[target] - weights
        judged = Cell(round(rest, 1), f"0 to {FILE_OVERHEAD}", -ROUNDING <= rest <= FILE_OVERHEAD)
        yield model.title, (Cell(round(weights, 1)), Cell(KERAS_SIZE[target]), judged)


FILE_SIZES = Table(
    "What a file holds besides its float32 weights",
    ("Weights", "Published", "Left for the rest of the file"),
    partial(rest_of_file, MB),
    f"the weights and at most {FILE_OVERHEAD} MB besides",
    alternatives={"MB is read as MiB": partial(rest_of_file, MIB)},
    reference="",
)


def longest_path(graph: LayerGraph) -> int:
    """Layers on the longest way through a graph, every layer counted."""
    lengths: dict[str, int] = {}
    for layer in graph:
        lengths[layer.name] = 1 + max((lengths[name] for name in layer.inputs), default=0)
    return max(lengths.values())


WITH_WEIGHTS = "only the layers that hold weights are counted, activations are not"
DEPTHS = (
    Count("Layers on the longest path", lambda network: longest_path(network.graph)),
    Count("Layers with weights", lambda network: sum(bool(layer.parameters) for layer in network.graph), WITH_WEIGHTS),
)

BRIGHTEST = 255
"""The largest value of a pixel."""


def pixels(network: Network) -> tuple[str, float, float]:
    """The layers that prepare the pixels, and what the first of them makes of the darkest and the brightest."""
    layers = [layer for layer in network.anatomy.stem.layers if layer.operation in ("rescaling", "normalization")]
    scale = layers[0].scale[0] if layers and layers[0].scale else 1.0
    offset = layers[0].offset[0] if layers and layers[0].offset else 0.0
    return join_comma(layer.class_name for layer in layers), offset, round(BRIGHTEST * scale + offset, 4)


def has_unit_range(network: Network) -> bool:
    """Whether pixels come to lie within -1 and 1."""
    _, darkest, brightest = pixels(network)
    return darkest >= -1 and brightest <= 1


def _join(figures: Mapping[str, object], targets: Iterable[str]) -> str:
    return join_and(figures[target] for target in targets)


CLAIMS = (
    Claim(
        entry("keras-parameters", AVAILABLE, FAMILY, HOLDS, "summary b0"),
        f"Parameters of B0 to B7: {_join(KERAS_PARAMETERS, FAMILY)} million.",
        PrintedFigures(KERAS_PARAMETERS, (ALL_PARAMETERS,), "M", 10**6),
    ),
    Claim(
        entry("keras-exact", EDITIONS, FAMILY, HOLDS, "summary b0"),
        "Parameters of B0 to B7 to the last one: 5,330,571 to 66,658,687.",
        PrintedFigures(KERAS_PARAMETERS_EXACT, (ALL_PARAMETERS,)),
    ),
    Claim(
        entry("keras-depth", AVAILABLE, FAMILY, HOLDS_IF, "summary b0 --level layer --format csv"),
        "Depth of B0 to B7, activation and batch normalization layers included: 132 to 438.",
        PrintedFigures(KERAS_DEPTH, DEPTHS),
    ),
    Claim(
        entry("keras-size", AVAILABLE, FAMILY, DOES_NOT_HOLD, "summary b0"),
        f"Size of the weights of B0 to B7: {_join(KERAS_SIZE, FAMILY)} MB.",
        FILE_SIZES,
    ),
    Claim(
        entry("keras-v2-parameters", AVAILABLE, FAMILY_V2, HOLDS, "summary v2-s"),
        f"Parameters of {ALL_OF_V2}: {_join(KERAS_PARAMETERS, FAMILY_V2)} million.",
        PrintedFigures(KERAS_PARAMETERS, (ALL_PARAMETERS,), "M", 10**6),
    ),
    Claim(
        entry("keras-v2-size", AVAILABLE, FAMILY_V2, HOLDS, "summary v2-s"),
        f"Size of the weights of {ALL_OF_V2}: {_join(KERAS_SIZE, FAMILY_V2)} MB.",
        FILE_SIZES,
    ),
    Claim(
        entry("keras-resolution", EXAMPLE, FAMILY, HOLDS, "summary b7"),
        f"Input of B0 to B7: {_join(KERAS_RESOLUTION, FAMILY)} pixels a side.",
        Table(
            "Side of the input, in pixels",
            ("Resolution",),
            by_model(lambda network: (network.resolution,), {key: (side,) for key, side in KERAS_RESOLUTION.items()}),
            _join(KERAS_RESOLUTION, FAMILY),
            first_column,
        ),
    ),
    Claim(
        entry("keras-preprocessing", NOTE, FAMILY + FAMILY_V2, HOLDS, "summary b0 --level layer"),
        "Preprocessing is part of the model: it takes pixels from 0 to 255.",
        ForEvery(
            "stems",
            lambda network: (network,),
            (Rule(f"Pixels from 0 to {BRIGHTEST} come to lie within -1 and 1", has_unit_range),),
            f"a Rescaling of pixels from 0 to {BRIGHTEST} in the model itself",
            lambda network: network.anatomy.stem.layers,
            ("First layers", "0 becomes", f"{BRIGHTEST} becomes"),
            pixels,
        ),
    ),
    Claim(
        entry("keras-imagenet", CODE, (), CANNOT_BE_CHECKED, "verify --claim layers"),
        f"Built with the ImageNet weights, a model has a second Rescaling: {KERAS_IMAGENET_LAYERS['b0']} layers in "
        f"B0 and {KERAS_IMAGENET_LAYERS['b7']} in B7, without the classifier.",
        NotCheckable(
            'a model built with weights="imagenet" downloads them first', join_and(KERAS_IMAGENET_LAYERS.values())
        ),
    ),
    Claim(
        entry("keras-accuracy", AVAILABLE, (), CANNOT_BE_CHECKED, "variants"),
        "Top-1 and top-5 accuracy on ImageNet: 77.1 and 93.3 % for B0, 84.3 and 97.0 % for B7.",
        NotCheckable(NO_ACCURACY, "77.1 / 93.3 to 84.3 / 97.0 %"),
    ),
)
