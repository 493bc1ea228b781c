"""The order of `model.layers`, which Keras derives from the edges: the deepest layers first.

The depth of a layer is the longest way from it to an output; layers of one depth stand in the order in which one meets
them on the way back from the outputs (`keras.src.ops.function.map_graph`).
"""

from __future__ import annotations

from collections.abc import Sequence

from effnet_inspect.graph import Layer, LayerGraph


def is_function(layer: Layer) -> bool:
    """Whether it is arithmetic on tensors, as `image / 255`, which Keras does not list among a model's layers."""
    return layer.operation == "rescaling" and layer.class_name != "Rescaling"


def model_order(graph: LayerGraph, folders: Sequence[str] = ()) -> tuple[str, ...]:
    """The names in `layers` of the model, or of the one nested in it that `folders` name, the outermost first.

    A model that is nested in that one is one name there. Without the layers of nested models around it.
    """
    depth = len(folders)
    # A layer beside a nested model may be called like it.
    prefix = "".join(f"{folder}/" for folder in folders)
    own = [layer for layer in graph if layer.name.startswith(prefix)]

    def node(name: str) -> str:
        return name.split("/")[depth]

    inside = {layer.name for layer in own}
    inputs: dict[str, list[str]] = {}
    for layer in own:
        sources = inputs.setdefault(node(layer.name), [])
        sources += [node(name) for name in layer.inputs if name in inside and node(name) != node(layer.name)]
    given = [
        layer
        for layer in own
        if layer.name in graph.outputs or any(user.name not in inside for user in graph.consumers(layer.name))
    ]
    outputs = list(dict.fromkeys(node(layer.name) for layer in given or own[-1:]))
    met, finished = _way_back(inputs, outputs)
    depths = dict.fromkeys(met, 0)
    for name in reversed(finished):
        for source in inputs[name]:
            depths[source] = max(depths[source], depths[name] + 1)
    functions = {node(layer.name) for layer in own if is_function(layer)}
    ordered = sorted(met, key=lambda name: -depths[name])
    return tuple(name for name in ordered if name not in functions)


def _way_back(inputs: dict[str, list[str]], outputs: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names in the order in which they are met, and in that in which all before them are done."""
    met: dict[str, None] = {}
    finished: dict[str, None] = {}
    for output in outputs:
        stack = [(output, iter(inputs[output]))] if output not in met else []
        met.setdefault(output)
        while stack:
            _, sources = stack[-1]
            following = next((source for source in sources if source not in met), None)
            if following is None:
                finished.setdefault(stack.pop()[0])
            else:
                met.setdefault(following)
                stack.append((following, iter(inputs[following])))
    return list(met), list(finished)
