"""Every layer of the networks of `keras.applications`, as files state them, against the live models and their outputs.

`python -m tests.oracles.keras_layers` runs in an environment with TensorFlow. What is told here is read from the
model's JSON alone, which states neither shapes nor counts.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from effnet_inspect.graph import LayerGraph
from effnet_inspect.library import load
from effnet_inspect.structure.network import Network
from tests.oracles.comparison import compare

LARGEST_IMAGE = 300
"""Networks that take larger ones are not run: all outputs at once take gigabytes."""


def main() -> None:
    """Compare all."""
    import keras

    for name in sorted(dir(keras.applications)):
        if name.startswith("EfficientNet"):
            _compare(name, getattr(keras.applications, name)(weights=None))
            keras.backend.clear_session()


def _compare(name: str, model: Any) -> None:
    network = _read(model)
    ours = {layer.name: layer for layer in network.graph}
    layers = model.layers
    figures: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "parameters": (
            {each.name: each.count_params() for each in layers},
            {key: layer.parameters for key, layer in ours.items()},
        ),
        "trainable parameters": (
            {each.name: sum(math.prod(weight.shape) for weight in each.trainable_weights) for each in layers},
            {key: layer.trainable_parameters for key, layer in ours.items()},
        ),
        "shape of the output": (
            {each.name: list(each.output.shape[1:]) for each in layers},
            {key: list(layer.output_shape or ()) for key, layer in ours.items()},
        ),
        "MACs: the kernel's numbers times the positions of the output": (
            {each.name: _macs(each) for each in layers if _macs(each)},
            network.measures.column("macs"),
        ),
    }
    for figure, (theirs, told) in figures.items():
        compare("Keras, live", name, figure, theirs, told)
    if max(model.input_shape[1:3]) <= LARGEST_IMAGE:
        _run(name, model, network.graph)


def _read(model: Any) -> Network:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        path.write_text(model.to_json(), encoding="utf-8")
        return load(str(path))


def _macs(layer: Any) -> int:
    kernels = [weight for weight in layer.weights if weight.name == "kernel"]
    return sum(math.prod(weight.shape) * math.prod(layer.output.shape[1:-1]) for weight in kernels)


def _run(name: str, model: Any, graph: LayerGraph) -> None:
    """The shapes of what really comes out of each layer when the network is run."""
    import keras
    import numpy

    all_outputs = keras.Model(model.inputs, [layer.output for layer in model.layers])
    outputs = all_outputs(numpy.zeros((1, *model.input_shape[1:]), "float32"))
    theirs = {layer.name: list(output.shape[1:]) for layer, output in zip(model.layers, outputs, strict=True)}
    told = {layer.name: list(layer.output_shape or ()) for layer in graph}
    compare("Keras, run", name, "shape of the output", theirs, told)


if __name__ == "__main__":
    main()
