"""What Keras states of every class of `keras.layers`: `python -m tests.sources.keras.every_layer FILE`.

The process, which is one of its own so that no test imports TensorFlow, writes for each of CASES the configuration of
the model and what Keras states of the layer; and the counts of whole networks that have separable convolutions.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

from tests.sources.keras.layer_cases import CASES, Case, Made

NETWORKS = ("NASNetMobile", "Xception")


def main(file: Path) -> None:
    """Write, by case, what Keras states of it; where this Keras makes no such layer, why not."""
    import keras

    classes = {name: getattr(keras.layers, name) for name in dir(keras.layers) if not name.startswith("_")}
    classes = {name: value for name, value in classes.items() if name[0].isupper()}
    stated: dict[str, Any] = {}
    for title, case in CASES.items():
        stated[title] = _tried(case)
    names = {name: getattr(value, "__name__", name) for name, value in classes.items()}
    networks = {name: _network(name) for name in NETWORKS}
    found = {"version": keras.__version__, "classes": names, "cases": stated, "networks": networks}
    file.write_text(json.dumps(found))


def _network(name: str) -> dict[str, Any]:
    """A published network, with the MACs of all its kernels: each number of a kernel is used once at every position."""
    import keras

    with keras.StatelessScope(initialize_variables=False):
        model = getattr(keras.applications, name)(weights=None)
        macs = 0
        for layer in model.layers:
            kernels = [weight for weight in layer.weights if weight.name.endswith("kernel")]
            macs += sum(math.prod((*layer.output.shape[1:-1], *kernel.shape)) for kernel in kernels)
        return {"config": json.loads(model.to_json()), "parameters": model.count_params(), "macs": macs}


def _tried(case: Case) -> dict[str, Any]:
    """An older Keras refuses in its own ways."""
    try:
        return _stated(case)
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def _made(value: Any) -> Any:
    import keras

    if isinstance(value, Made):
        arguments = {key: _made(inner) for key, inner in value.arguments.items()}
        return getattr(keras.layers, value.class_name)(**arguments)
    return [_made(inner) for inner in value] if isinstance(value, list) else value


def _stated(case: Case) -> dict[str, Any]:
    import keras

    arguments = {key: _made(value) for key, value in case.arguments.items()}
    if case.class_name == "Lambda":
        arguments["function"] = keras.ops.relu
    layer = getattr(keras.layers, case.class_name)(**arguments)
    inputs = [keras.Input(shape, dtype=case.dtype) for shape in case.inputs]
    named = {name: keras.Input(shape) for name, shape in case.named.items()}
    if case.class_name == "InputLayer":
        model = keras.Model(layer.output, keras.layers.Identity()(layer.output))
    else:
        made = layer(inputs, **case.call) if case.as_list else layer(*inputs, **named, **case.call)
        model = keras.Model([*inputs, *named.values()], made)
        layer = next(each for each in model.layers if each is layer)
    if "output_padding" in case.arguments:  # Keras 3.3 to 3.12 write none into the configuration.
        model = keras.Model.from_config(model.get_config())
        layer = model.get_layer(layer.name)
    if case.afterwards:
        method, argument = case.afterwards
        getattr(layer, method)(argument)
    output = layer.output[0] if isinstance(layer.output, (list, tuple)) else layer.output
    return {
        "config": json.loads(model.to_json()),
        "name": layer.name,
        "parameters": layer.count_params(),
        "trainable": sum(math.prod(weight.shape) for weight in layer.trainable_weights),
        "shape": output.shape[1:],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
