"""Values of several views as JSON has them."""

from __future__ import annotations

from collections.abc import Iterable

PlainShape = list[int | None] | None


def plain(shape: Iterable[int | None] | None) -> PlainShape:
    """A shape, or any other sides or axes."""
    return None if shape is None else list(shape)
