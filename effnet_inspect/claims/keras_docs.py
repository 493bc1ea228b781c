"""The statements of Keras' documentation about its own EfficientNets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import FAMILY, FAMILY_V2, KERAS_IMAGENET_LAYERS
from effnet_inspect.claims.claim import CANNOT_BE_CHECKED, DOES_NOT_HOLD, HOLDS, HOLDS_IF, Cell, Entry
from effnet_inspect.claims.kinds import (
    Reading,
    Table,
    by_model,
    each_model,
    figures,
    first_column,
    for_every,
    unchecked,
)
from effnet_inspect.claims.paper_checks import ALL_PARAMETERS
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


def file_sizes(sizes: Mapping[str, int]) -> Table:
    """What a published size leaves for the rest of the file: a little, where the unit is the one that is meant."""

    def cells(unit: int, target: str, model: Network) -> tuple[Cell, ...]:
        weights = model.totals["weights_bytes"] / unit
        rest = sizes[target] - weights
        judged = Cell(round(rest, 1), f"0 to {FILE_OVERHEAD}", -ROUNDING <= rest <= FILE_OVERHEAD)
        return Cell(round(weights, 1)), Cell(sizes[target]), judged

    title = "What a file holds besides its float32 weights"
    return Table(
        title,
        ("Weights", "Published", "Left for the rest of the file"),
        each_model(partial(cells, MB)),
        f"the weights and at most {FILE_OVERHEAD} MB besides",
        others=[Reading(title, each_model(partial(cells, MIB)), "MB is read as MiB")],
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
    Reading("Layers on the longest path", lambda network: longest_path(network.graph)),
    Reading(
        "Layers with weights", lambda network: sum(bool(layer.parameters) for layer in network.graph), WITH_WEIGHTS
    ),
)

BRIGHTEST = 255
"""The largest value of a pixel."""


def pixels(network: Network) -> tuple[str, float, float]:
    """The layers that prepare the pixels, and what the first of them makes of the darkest and the brightest."""
    layers = [layer for layer in network.anatomy.stem.layers if layer.operation in ("rescaling", "normalization")]
    takes_image = layers and all(each.operation == "input" for each in network.graph.producers(layers[0]))
    scale = layers[0].scale[0] if takes_image and layers[0].scale else 1.0
    offset = layers[0].offset[0] if takes_image and layers[0].offset else 0.0
    return join_comma(layer.class_name for layer in layers), offset, round(BRIGHTEST * scale + offset, 4)


def fills_unit_range(network: Network) -> bool:
    """Whether the darkest pixel becomes 0 or -1, and the brightest 1, to one percent."""
    _, darkest, brightest = pixels(network)
    return darkest in (0, -1) and math.isclose(brightest, 1, abs_tol=0.01)


CLAIMS = (
    entry("keras-parameters", AVAILABLE, FAMILY, HOLDS, "summary b0").says(
        f"Parameters of B0 to B7: {join_and(published.KERAS_PARAMETERS.values())} million.",
        figures(published.KERAS_PARAMETERS, ALL_PARAMETERS, unit="M", scale=10**6),
    ),
    entry("keras-exact", EDITIONS, FAMILY, HOLDS, "summary b0").says(
        "Parameters of B0 to B7 to the last one: 5,330,571 to 66,658,687.",
        figures(published.KERAS_PARAMETERS_EXACT, ALL_PARAMETERS),
    ),
    entry("keras-depth", AVAILABLE, FAMILY, HOLDS_IF, "summary b0 --level layer --format csv").says(
        "Depth of B0 to B7, activation and batch normalization layers included: 132 to 438.",
        figures(published.KERAS_DEPTH, *DEPTHS),
    ),
    entry("keras-size", AVAILABLE, FAMILY, DOES_NOT_HOLD, "summary b0").says(
        f"Size of the weights of B0 to B7: {join_and(published.KERAS_SIZE.values())} MB.",
        file_sizes(published.KERAS_SIZE),
    ),
    entry("keras-v2-parameters", AVAILABLE, FAMILY_V2, HOLDS, "summary v2-s").says(
        f"Parameters of {ALL_OF_V2}: {join_and(published.KERAS_PARAMETERS_V2.values())} million.",
        figures(published.KERAS_PARAMETERS_V2, ALL_PARAMETERS, unit="M", scale=10**6),
    ),
    entry("keras-v2-size", AVAILABLE, FAMILY_V2, HOLDS, "summary v2-s").says(
        f"Size of the weights of {ALL_OF_V2}: {join_and(published.KERAS_SIZE_V2.values())} MB.",
        file_sizes(published.KERAS_SIZE_V2),
    ),
    entry("keras-resolution", EXAMPLE, FAMILY, HOLDS, "summary b7").says(
        f"Input of B0 to B7: {join_and(published.KERAS_RESOLUTION.values())} pixels a side.",
        Table(
            "Side of the input, in pixels",
            ("Resolution",),
            by_model(
                lambda network: (network.resolution,),
                {key: (side,) for key, side in published.KERAS_RESOLUTION.items()},
            ),
            join_and(published.KERAS_RESOLUTION.values()),
            first_column,
        ),
    ),
    entry("keras-preprocessing", NOTE, FAMILY + FAMILY_V2, HOLDS, "summary b0 --level layer").says(
        "Preprocessing is part of the model: it takes pixels from 0 to 255.",
        for_every(
            "stems",
            lambda network: (network,),
            lambda network: network.anatomy.stem.layers,
            f"a Rescaling of pixels from 0 to {BRIGHTEST} in the model itself",
            Reading(f"Pixels from 0 to {BRIGHTEST} come to fill 0 to 1, or -1 to 1", fills_unit_range),
            more={
                "First layers": lambda network: pixels(network)[0],
                "0 becomes": lambda network: pixels(network)[1],
                f"{BRIGHTEST} becomes": lambda network: pixels(network)[2],
            },
        ),
    ),
    entry("keras-imagenet", CODE, (), CANNOT_BE_CHECKED, "verify --claim layers").says(
        f"Built with the ImageNet weights, a model has a second Rescaling: {KERAS_IMAGENET_LAYERS['b0']} layers in "
        f"B0 and {KERAS_IMAGENET_LAYERS['b7']} in B7, without the classifier.",
        unchecked(
            join_and(KERAS_IMAGENET_LAYERS.values()),
            reason='a model built with weights="imagenet" downloads them first',
        ),
    ),
    entry("keras-accuracy", AVAILABLE, (), CANNOT_BE_CHECKED, "variants").says(
        "Top-1 and top-5 accuracy on ImageNet: 77.1 and 93.3 % for B0, 84.3 and 97.0 % for B7.",
        unchecked("77.1 / 93.3 to 84.3 / 97.0 %"),
    ),
)
