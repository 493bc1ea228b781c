"""Values of several views as JSON has them."""

from __future__ import annotations

from effnet_inspect.graph import Shape

PlainShape = list[int | None] | None


def plain(shape: Shape | None) -> PlainShape:
    """A shape, or any other sides."""
    return None if shape is None else list(shape)
