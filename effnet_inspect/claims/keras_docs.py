"""The statements of Keras' documentation about its own EfficientNets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from effnet_inspect.catalog import published
from effnet_inspect.catalog.published import FAMILY, FAMILY_V2
from effnet_inspect.claims.claim import CANNOT_BE_CHECKED, DOES_NOT_HOLD, HOLDS, HOLDS_IF, Cell, claim
from effnet_inspect.claims.kinds import Reading, Table, by_model, each_model, figures, for_every, unchecked
from effnet_inspect.claims.papers import PARAMETERS
from effnet_inspect.graph import LayerGraph
from effnet_inspect.structure.anatomy import Section
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_comma

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
    columns = ("Weights", "Published", "Left for the rest of the file")
    others = [Reading(title, each_model(partial(cells, MIB)), "MB is read as MiB")]
    expected = f"the weights and at most {FILE_OVERHEAD} MB besides"
    return Table(title, columns, each_model(partial(cells, MB)), expected, others=others, reference="")


def longest_path(graph: LayerGraph) -> int:
    """Layers on the longest way through a graph, every layer counted."""
    lengths: dict[str, int] = {}
    for layer in graph:
        lengths[layer.name] = 1 + max((lengths[name] for name in layer.inputs), default=0)
    return max(lengths.values())


DEPTHS = (
    Reading("Layers on the longest path, all included", lambda network: longest_path(network.graph)),
    Reading(
        "Layers with parameters",
        lambda network: sum(bool(layer.parameters) for layer in network.graph),
        "only the second sentence is taken: the two contradict each other, since activations have no parameters",
    ),
)
SIDE = Reading("Side of the input, in pixels", lambda network: network.resolution or 0)
BRIGHTEST = 255
"""The largest value of a pixel."""


def pixels(stem: Section) -> tuple[str, float, float]:
    """The layers that prepare the pixels, and what the first of them makes of the darkest and the brightest."""
    inputs = [layer.name for layer in stem.layers if layer.operation == "input"]
    layers = [layer for layer in stem.layers if layer.operation in ("rescaling", "normalization")]
    takes_image = bool(layers) and set(layers[0].inputs) <= {*inputs}
    scale = layers[0].scale[0] if takes_image and layers[0].scale else 1.0
    offset = layers[0].offset[0] if takes_image and layers[0].offset else 0.0
    return join_comma(layer.class_name for layer in layers), offset, round(BRIGHTEST * scale + offset, 4)


def rescaling(network: Network) -> tuple[float | None, float | None]:
    """What the first Rescaling multiplies the pixels by, and adds then."""
    layer = next((each for each in network.anatomy.stem.layers if each.operation == "rescaling"), None)
    return (layer.scale[0], layer.offset[0] if layer.offset else 0.0) if layer and layer.scale else (None, None)


def fills_unit_range(stem: Section) -> bool:
    """Whether the darkest pixel becomes 0 or -1, and the brightest 1, to one percent."""
    _, darkest, brightest = pixels(stem)
    return darkest in (0, -1) and math.isclose(brightest, 1, abs_tol=0.01)


PREPROCESSING = for_every(
    "stems",
    lambda network: (network.anatomy.stem,),
    f"pixels from 0 to {BRIGHTEST} come to fill 0 to 1, or -1 to 1, in the model itself",
    fills_unit_range,
    more={
        "First layers": lambda network: pixels(network.anatomy.stem)[0],
        "0 becomes": lambda network: pixels(network.anatomy.stem)[1],
        f"{BRIGHTEST} becomes": lambda network: pixels(network.anatomy.stem)[2],
    },
)

ALL = PARAMETERS[0]
WITHOUT_CLASSIFIER = Reading("Layers without the classifier", lambda network: network.layers_without_classifier)
RESCALING = by_model("Rescaling", ("Factor", "Offset"), rescaling, published.KERAS_RESCALING)
CLAIMS = (
    claim("keras-parameters", FAMILY, HOLDS, "summary b0", figures(published.KERAS_PARAMETERS, ALL, unit="M")),
    claim("keras-exact", FAMILY, HOLDS, "summary b0", figures(published.KERAS_PARAMETERS_EXACT, ALL)),
    claim("keras-depth", FAMILY, HOLDS_IF, "summary b0 --level layer", figures(published.KERAS_DEPTH, *DEPTHS)),
    claim("keras-size", FAMILY, DOES_NOT_HOLD, "summary b0", file_sizes(published.KERAS_SIZE)),
    claim(
        "keras-v2-parameters", FAMILY_V2, HOLDS, "summary v2-s", figures(published.KERAS_PARAMETERS_V2, ALL, unit="M")
    ),
    claim("keras-v2-size", FAMILY_V2, HOLDS, "summary v2-s", file_sizes(published.KERAS_SIZE_V2)),
    claim("keras-resolution", FAMILY, HOLDS, "summary b7", figures(published.KERAS_RESOLUTION, SIDE)),
    claim("keras-preprocessing", FAMILY + FAMILY_V2, HOLDS, "summary b0 --level layer", PREPROCESSING),
    claim("keras-rescaling", FAMILY + FAMILY_V2, HOLDS, "summary b0 --format json", RESCALING),
    claim(
        "keras-imagenet",
        tuple(published.KERAS_IMAGENET_LAYERS),
        HOLDS,
        "compare b0 b0+imagenet",
        figures(published.KERAS_IMAGENET_LAYERS, WITHOUT_CLASSIFIER),
    ),
    claim("keras-accuracy", (), CANNOT_BE_CHECKED, "variants", unchecked("77.1 / 93.3 to 84.3 / 97.0 %")),
)
