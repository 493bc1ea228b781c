"""What slides a window over an image, with margins that frameworks state as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from effnet_inspect.graph import Pair
from effnet_inspect.graph.operations import same_margins


def window(
    *, kernel: Pair, stride: Pair, dilation: Pair, sides: Sequence[int | None], margins: tuple[Pair, Pair]
) -> dict[str, Any]:
    """The attributes of a layer; margins that are those of Keras' padding "same" are called so.

    `sides` are the rows and columns of the image, None where unknown.
    """
    attributes: dict[str, Any] = {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": "valid"}
    if any(map(any, margins)):
        reached = tuple((kernel[axis] - 1) * dilation[axis] + 1 for axis in (0, 1))
        if margins == tuple(same_margins(sides[axis], reached[axis], stride[axis]) for axis in (0, 1)):
            attributes["padding"] = "same"
        else:
            attributes["margins"] = margins
    return attributes
