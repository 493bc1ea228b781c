"""What a live model, or a file of weights, states of layers beside their configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from effnet_inspect.graph import Pair, Shape


@dataclass(frozen=True, slots=True)
class LiveOverrides:
    """What is known of layers by path: stronger than what their configuration implies.

    `parameters` holds (total, trainable); `shapes` are without the batch axis, channels last. `owners` names, for
    layers all of whose variables are those of one before, that one: it has the parameters of both.
    """

    parameters: Mapping[str, Pair] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def owner_of(self, path: str) -> str:
        """The path of the layer that holds the variables; the path itself as a rule."""
        return self.owners.get(path, path)

    def parameters_of(self, path: str) -> Pair | None:
        """Those of the layer that holds the variables; None where nothing is stated."""
        return self.parameters.get(self.owner_of(path))
