"""The tensors of a module: those that it keeps, by their names, with what a program says of each, and what it gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from effnet_inspect.sources.torch.program import Weight

MOST_VALUES = 64
"""Numbers of a buffer that are looked at: those of a preprocessing are a few."""


class State:
    """The tensors of a module.

    `tensors` has them by their names in the state dictionary, with those that it leaves out, parameters first. `owners`
    says by the identity of a tensor which name it goes by; tensors that are one and the same have one owner.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self.parameters = dict(model.named_parameters(remove_duplicate=False))
        self.tensors: dict[str, torch.Tensor] = {
            **self.parameters,
            **dict(model.named_buffers(remove_duplicate=False)),
        }
        self.owners: dict[int, str] = {}
        for path, tensor in self.tensors.items():
            self.owners.setdefault(id(tensor), path)


def weight_of(tensor: Any, owner: str, *, is_parameter: bool) -> Weight:
    """What a program says of a tensor."""
    is_known = not is_parameter and tensor.numel() <= MOST_VALUES and tensor.device.type != "meta"
    precision = str(tensor.dtype).removeprefix("torch.")
    return Weight(
        owner,
        tuple(tensor.shape),
        trainable=bool(tensor.requires_grad) if is_parameter else None,
        values=tensor.tolist() if is_known and type(tensor).__name__ != "FakeTensor" else None,
        precision=None if precision == "float32" else precision,
    )


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """The tensors in what a module gives, whatever class of somebody's own holds them."""
    if isinstance(value, torch.Tensor):
        yield value
        return
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else None
    for each in vars(value).values() if inside is None and hasattr(value, "__dict__") else inside or ():
        yield from tensors_in(each)
