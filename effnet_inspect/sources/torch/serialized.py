"""The JSON of torch.export -> Program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference, Weight
from effnet_inspect.sources.torch.reader import ITEM

PRECISIONS = {1: "uint8", 2: "int8", 6: "float16", 8: "float64", 13: "bfloat16"}
"""The format's numbers of types, but for float32."""

PARAMETER, BUFFER, CONSTANT = "parameter", "buffer", "tensor_constant"

NAMED = {PARAMETER: "parameter_name", BUFFER: "buffer_name", CONSTANT: "tensor_constant_name"}
"""Kinds of what a program keeps -> where it states the name in the state dictionary."""


def program_of(stated: Mapping[str, Any]) -> Program:
    """The program that a file states.

    Raises:
        TypeError, ValueError, LookupError, AttributeError: where it is not written as torch.export writes it.
    """
    module = stated["graph_module"]
    graph, signature = module["graph"], module["signature"]
    shapes = {name: _dimensions(meta) for name, meta in graph["tensor_values"].items()}
    weights = dict(_weights(signature["input_specs"], graph["tensor_values"]))
    images = [name for spec in signature["input_specs"] if "user_input" in spec for name in _inputs(spec)]
    given = [
        str(spec["user_output"]["arg"]["as_tensor"]["name"])
        for spec in signature["output_specs"]
        if "as_tensor" in spec.get("user_output", {}).get("arg", {})
    ]
    nodes = [node for stated_node in graph["nodes"] for node in _nodes(stated_node, shapes)]
    return Program({name: shapes[name] for name in images}, weights, tuple(nodes), tuple(given))


def _inputs(spec: Mapping[str, Any]) -> Iterator[str]:
    if "as_tensor" in spec["user_input"]["arg"]:
        yield spec["user_input"]["arg"]["as_tensor"]["name"]


def _weights(specs: Any, metas: Mapping[str, Any]) -> Iterator[tuple[str, Weight]]:
    for spec in specs:
        (kind, content), *_ = spec.items()
        if kind in NAMED:
            name = content["arg"]["name"]
            meta = metas[name]
            yield (
                name,
                Weight(
                    str(content[NAMED[kind]]),
                    _dimensions(meta),
                    trainable=bool(meta["requires_grad"]) if kind == PARAMETER else None,
                    precision=PRECISIONS.get(meta["dtype"]),
                ),
            )


def _dimensions(meta: Mapping[str, Any]) -> Dimensions:
    """Sizes that are expressions are unknown."""
    sizes = (size.get("as_int") for size in meta["sizes"])
    return tuple(size if isinstance(size, int) and size >= 0 else None for size in sizes)


def _nodes(stated: Mapping[str, Any], shapes: Mapping[str, Dimensions]) -> Iterator[Node]:
    """A call, and one node for each of its results where it has several."""
    results = [name for output in stated["outputs"] for name in _names(output)]
    if not results:
        return
    name = stated.get("name") or results[0]
    # torch.ops.aten.conv2d.default: the last part says which form of the operator.
    parts = stated["target"].split(".")
    kind = parts[-2] if stated["target"].startswith("torch.ops.") else parts[-1]
    arguments = {
        each["name"] or f"argument {index}": _argument(each["arg"]) for index, each in enumerate(stated["inputs"])
    }
    stack = stated.get("metadata", {}).get("nn_module_stack", "")
    call, module = [*stack.rpartition(";")[2].split(","), "", ""][:2]
    several = len(results) > 1 or "as_tensors" in stated["outputs"][0]
    own = f"{name} and others" if several else results[0]
    yield Node(own, kind, arguments, tuple(shapes.get(each) for each in results), module, call)
    if several:
        for index, result in enumerate(results):
            item = {"of": Reference(own), "at": index}
            yield Node(result, ITEM, item, (shapes.get(result),), module, call)


def _names(output: Mapping[str, Any]) -> Iterator[str]:
    if "as_tensor" in output:
        yield output["as_tensor"]["name"]
    for each in output.get("as_tensors", ()):
        yield each["name"]


PLAIN: dict[str, type | tuple[type, ...]] = {
    "as_int": int,
    "as_float": (int, float),
    "as_bool": bool,
    "as_string": str,
    "as_ints": list,
    "as_floats": list,
    "as_bools": list,
    "as_strings": list,
}
"""How the value of an argument is written, by what it is stated to be."""


def _argument(stated: Mapping[str, Any]) -> Any:
    (kind, value), *_ = stated.items()
    if kind == "as_tensor":
        return Reference(str(value["name"]))
    if kind == "as_tensors":
        return [Reference(str(each["name"])) for each in value]
    if kind == "as_optional_tensors":
        return [_argument(each) for each in value]
    if kind == "as_sym_ints":
        return [each.get("as_int") for each in value]
    if kind == "as_sym_int":
        return value.get("as_int")
    if not isinstance(value, PLAIN.get(kind, object)):
        raise ValueError(f"{value!r} stands where {kind} is stated")
    return None if kind == "as_none" else value
