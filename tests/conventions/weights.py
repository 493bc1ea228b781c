"""Weights for the tests as records: those of a published network, with what somebody changed."""

from __future__ import annotations

from collections.abc import Mapping

from effnet_inspect.checkpoints import Array, Checkpoint


def checkpoint_of(arrays: Mapping[str, tuple[int, ...]], dtype: str = "float32") -> Checkpoint:
    """A file with these arrays."""
    return Checkpoint("a file", "a kind", 1000, tuple(Array(name, shape, dtype) for name, shape in arrays.items()))
