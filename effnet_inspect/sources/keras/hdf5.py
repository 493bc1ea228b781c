"""What an HDF5 file saved by Keras says of a model: its configuration, and how many weights each layer has.

Of the weights only the shapes are looked at. The only place that imports h5py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import Pair
from effnet_inspect.sources.messages import first_line

MAXIMUM_DATASETS = 200_000
NOT_TRAINED = (
    *("moving_mean", "moving_variance", "mean", "variance", "count", "seed_generator_state"),
    *("mask", "threshold", "pruning_step"),
    *("optimizer_step", "kernel_min", "kernel_max", "depthwise_kernel_min", "depthwise_kernel_max"),
    *("pre_activation_min", "pre_activation_max", "post_activation_min", "post_activation_max"),
    *("output_min", "output_max"),
    *("vector_u", "sn_u", "kernel_scale", "embeddings_scale"),
)
"""Names of weights of Keras' own layers, and of those that prune, quantise and normalise others."""

ADAPTED = ("kernel", "embeddings")
"""Names of weights that are not trained where the layer has adapters (LoRA) that are."""


def read_model_config(path: Path) -> tuple[bytes, dict[str, Pair]]:
    """The configuration of the model in a file, as JSON, and its layers' parameters, total and trainable.

    Raises:
        SourceError: where the file is damaged or holds no model.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            config = file.attrs.get("model_config")
            if config is None:
                raise SourceError(
                    f"the file {path.name} holds {_what_it_holds(file)}, but not the architecture; "
                    "save the whole model with model.save()"
                )
            if isinstance(config, str):
                config = config.encode()
            if not isinstance(config, bytes):
                raise SourceError(f"the model_config of {path.name} is not text")
            return config, dict(_parameters(file))
    except (OSError, KeyError, RuntimeError, TypeError, ValueError, UnicodeError, MemoryError) as error:
        raise SourceError(f"the file {path.name} is damaged: {first_line(error)}") from error


def _what_it_holds(file: Any) -> str:
    has_weights = "layer_names" in file.attrs or "layers" in file or "_layer_checkpoint_dependencies" in file
    return "weights" if has_weights else "data"


def _parameters(file: Any) -> Iterator[tuple[str, Pair]]:
    """By layer, the sizes of the datasets in its group; nested models are one group, and left out."""
    weights = file.get("model_weights")
    if weights is None:
        return
    for name in weights:
        group = weights[name]
        sizes = [(path.split("/")[-1].split(":")[0], size, learns) for path, size, learns in _sizes(group)]
        is_adapted = any(weight.startswith("lora_") for weight, _, _ in sizes)
        fixed = (*NOT_TRAINED, *ADAPTED) if is_adapted else NOT_TRAINED
        total = sum(size for _, size, _ in sizes)
        yield str(name), (total, sum(size for weight, size, learns in sizes if learns and weight not in fixed))


def _sizes(group: Any) -> list[tuple[str, int, bool]]:
    """Path and number of elements of every dataset below a group, and whether it may be trained: no whole numbers are.

    Links that lead elsewhere are not followed.
    """
    found: list[tuple[str, int, bool]] = []

    def look(path: str, item: Any) -> None:
        shape = getattr(item, "shape", None)
        if shape is not None and len(found) < MAXIMUM_DATASETS:
            found.append((str(path), math.prod(shape), getattr(item.dtype, "kind", "f") not in "iu"))

    if hasattr(group, "visititems"):
        group.visititems(look)
    return found
