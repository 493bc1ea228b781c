"""What a network does to its image before the first convolution: what may be fed to it as it is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from effnet_inspect.graph import Layer
from effnet_inspect.structure.network import Network

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
"""Of the channels red, green and blue, of pixels between 0 and 1."""

LARGEST_PIXEL = 255


class Step(NamedTuple):
    """A layer that multiplies by `scale` and adds `offset`, a number for all channels or one for each.

    They are None where the model keeps them in its weights.
    """

    layer: Layer
    scale: tuple[float, ...] | None
    offset: tuple[float, ...] | None

    @property
    def is_imagenets(self) -> bool:
        """Whether it normalises by the mean and the deviation of ImageNet."""
        if self.scale is None or self.offset is None or len(self.scale) != 3 or len(self.offset) != 3:
            return False
        expected = [
            (1 / deviation, -mean / deviation)
            for mean, deviation in zip(IMAGENET_MEAN, IMAGENET_DEVIATION, strict=True)
        ]
        return all(
            math.isclose(scale, wanted[0], rel_tol=1e-3) and math.isclose(offset, wanted[1], rel_tol=1e-3)
            for scale, offset, wanted in zip(self.scale, self.offset, expected, strict=True)
        )


def preprocessing_of(network: Network) -> tuple[Step, ...] | None:
    """The steps in their order; None where the network does not begin with a convolution of an image."""
    anatomy = network.anatomy
    stages = (anatomy.stem, *anatomy.resolution_stages)
    first = next((layer for stage in stages if stage for layer in stage.layers if layer.kernel), None)
    if first is None or first.operation not in ("convolution", "max_pooling"):
        return None
    return tuple(_steps(network, first))


def _steps(network: Network, first: Layer) -> Iterator[Step]:
    leading = network.graph.ancestors([first.name])
    for layer in network.graph:
        if layer.name in leading and layer.operation in ("rescaling", "normalization"):
            yield Step(layer, layer.scale, layer.offset)


def expects_bytes(steps: tuple[Step, ...]) -> bool:
    """Whether pixels from 0 to 255 are what it brings to the size of 1."""
    scales = [step.scale for step in steps if step.layer.operation == "rescaling" and step.scale]
    product = math.prod(max(map(abs, scale)) for scale in scales)
    return bool(scales) and 0.5 <= product * LARGEST_PIXEL <= 4
