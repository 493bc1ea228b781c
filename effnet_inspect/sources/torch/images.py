"""The images that a module takes: their size, their channels, and where and how their numbers are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch

from effnet_inspect.graph import Pair

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""What a module is called with: by position, and by name."""

USUAL_SIDE = 224
USUAL_CHANNELS = 3

HOLDERS = ("pretrained_cfg", "default_cfg", "config", "_global_params")
"""Attributes in which models keep what they were made for, as a mapping or as an object."""

SIZES = ("input_size", "image_size", "img_size")
"""What the size of images is called in them, or by the model itself."""


class Images(NamedTuple):
    """`side_is_usual` says that nothing states the size, so that the usual one was taken."""

    resolution: Pair
    channels: int
    side_is_usual: bool


def images_of(model: torch.nn.Module, resolution: Pair | None) -> Images:
    """What a module takes, at a size that was asked for, or else that it states, or else the usual one."""
    stated = resolution or next(_stated(model), None)
    return Images(stated or (USUAL_SIDE, USUAL_SIDE), _channels(model), stated is None)


def _stated(model: torch.nn.Module) -> Iterator[Pair]:
    for module in model.modules():
        for holder in (module, *(getattr(module, name, None) for name in HOLDERS)):
            for name in SIZES:
                value = holder.get(name) if isinstance(holder, Mapping) else getattr(holder, name, None)
                # One number is the size of images where it is called so; recurrent layers count their features.
                is_of_images = name != "input_size" or not isinstance(value, int)
                if is_of_images and (sides := _sides(value)) is not None:
                    yield sides


def _sides(value: Any) -> Pair | None:
    """One side of a square, rows and columns, or channels, rows and columns."""
    sides = (value, value) if isinstance(value, int) else value
    if not isinstance(sides, (tuple, list)) or len(sides) not in (2, 3):
        return None
    rows, columns = sides[-2:]
    are_sizes = isinstance(rows, int) and isinstance(columns, int) and rows > 0 and columns > 0
    return (rows, columns) if are_sizes else None


def _channels(model: torch.nn.Module) -> int:
    """Those that the first convolution takes, in its own words or else by its weights."""
    for module in model.modules():
        weight = getattr(module, "weight", None)
        if isinstance(weight, torch.Tensor) and weight.dim() == 4:
            stated = getattr(module, "in_channels", None)
            return stated if isinstance(stated, int) else int(weight.shape[1]) * int(getattr(module, "groups", 1))
    return USUAL_CHANNELS


def arguments_of(model: torch.nn.Module, images: Images) -> Arguments:
    """One image of zeros, by the name that a model of transformers says its input has, or else as the first one."""
    first = next((each for each in model.parameters() if each.is_floating_point()), None)
    kept = {} if first is None else {"dtype": first.dtype, "device": first.device}
    image = torch.zeros(1, images.channels, *images.resolution, **kept)
    name = getattr(model, "main_input_name", None)
    return ((), {name: image}) if isinstance(name, str) else ((image,), {})
