"""The JSON of torch.export -> Program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from effnet_inspect.graph import Pair
from effnet_inspect.sources.torch.in_place import ITEM
from effnet_inspect.sources.torch.open_sizes import OpenSizes, solved
from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference, Weight

PRECISIONS = {1: "uint8", 2: "int8", 6: "float16", 8: "float64", 13: "bfloat16"}
"""The format's numbers of types, but for float32."""

PARAMETER, BUFFER, CONSTANT = "parameter", "buffer", "tensor_constant"

NAMED = {PARAMETER: "parameter_name", BUFFER: "buffer_name", CONSTANT: "tensor_constant_name"}
"""Kinds of what a program keeps -> where it states the name in the state dictionary."""


IMAGE_RANK = 4
"""Axes of a batch of images."""


def program_of(stated: Mapping[str, Any], resolution: Pair | None = None) -> Program:
    """The program that a file states, for one image where it leaves the number of images open.

    Args:
        stated: the decoded JSON; it need not be trusted.
        resolution: rows and columns of the images, where the program leaves them open.

    Raises:
        TypeError, ValueError, LookupError, AttributeError: where it is not written as torch.export writes it.
    """
    module = stated["graph_module"]
    graph, signature = module["graph"], module["signature"]
    metas = graph["tensor_values"]
    images = [name for spec in signature["input_specs"] if "user_input" in spec for name in _inputs(spec)]
    values = _values([metas[name]["sizes"] for name in images], resolution, stated.get("range_constraints", {}))
    sizes = OpenSizes(values, graph.get("sym_int_values"))
    shapes = {name: _dimensions(meta, sizes) for name, meta in metas.items()}
    weights = dict(_weights(signature["input_specs"], metas, shapes))
    given = [
        str(spec["user_output"]["arg"]["as_tensor"]["name"])
        for spec in signature["output_specs"]
        if "as_tensor" in spec.get("user_output", {}).get("arg", {})
    ]
    nodes = [node for stated_node in graph["nodes"] for node in _nodes(stated_node, shapes, sizes)]
    program = Program({name: shapes[name] for name in images}, weights, tuple(nodes), tuple(given))
    _check_order(program)
    return program


def _check_order(program: Program) -> None:
    """Raises ValueError where two tensors are called alike, or one is taken before it is there."""
    there = {*program.inputs, *program.weights}
    if len(there) < len(program.inputs) + len(program.weights):
        raise ValueError("an input is called as a weight is")
    for node in program.nodes:
        for name in node.references():
            if name not in there:
                raise ValueError(f"{node.name} takes {name}, which is not there yet")
        if node.name in there:
            raise ValueError(f"two tensors are called {node.name}")
        there.add(node.name)
    if missing := set(program.outputs) - there:
        raise ValueError(f"{min(missing)} is given and never computed")


def _values(inputs: Any, resolution: Pair | None, ranges: Mapping[str, Any]) -> dict[str, int]:
    """The symbols in the sizes of inputs, for one image of a resolution; without those of sides it may not have."""
    batch: dict[str, int] = {}
    sides: dict[str, int] = {}
    for sizes in inputs:
        batch |= solved(sizes[:1], [1][: len(sizes)])
        if len(sizes) == IMAGE_RANK and resolution is not None:
            sides |= solved(sizes[2:], resolution)
    allowed = {name: value for name, value in sides.items() if _is_in(value, ranges.get(name, {}))}
    return {**allowed, **batch}


def _is_in(value: int, bounds: Mapping[str, Any]) -> bool:
    least, most = bounds.get("min_val"), bounds.get("max_val")
    return (least is None or value >= least) and (most is None or value <= most)


def _inputs(spec: Mapping[str, Any]) -> Iterator[str]:
    if "as_tensor" in spec["user_input"]["arg"]:
        yield spec["user_input"]["arg"]["as_tensor"]["name"]


def _weights(specs: Any, metas: Mapping[str, Any], shapes: Mapping[str, Dimensions]) -> Iterator[tuple[str, Weight]]:
    for spec in specs:
        (kind, content), *_ = spec.items()
        if kind in NAMED:
            name = content["arg"]["name"]
            meta = metas[name]
            yield (
                name,
                Weight(
                    str(content[NAMED[kind]]),
                    shapes[name],
                    trainable=bool(meta["requires_grad"]) if kind == PARAMETER else None,
                    precision=PRECISIONS.get(meta["dtype"]),
                ),
            )


def _dimensions(meta: Mapping[str, Any], sizes: OpenSizes) -> Dimensions:
    return tuple(map(sizes.size, meta["sizes"]))


def _nodes(stated: Mapping[str, Any], shapes: Mapping[str, Dimensions], sizes: OpenSizes) -> Iterator[Node]:
    """A call, and one node for each of its results where it has several."""
    results = [name for output in stated["outputs"] for name in _names(output)]
    if not results:
        return
    name = stated.get("name") or results[0]
    # torch.ops.aten.conv2d.default: the last part says which form of the operator.
    parts = stated["target"].split(".")
    kind = parts[-2] if stated["target"].startswith("torch.ops.") else parts[-1]
    arguments = {
        each["name"] or f"argument {index}": _argument(each["arg"], sizes)
        for index, each in enumerate(stated["inputs"])
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


def _argument(stated: Mapping[str, Any], sizes: OpenSizes) -> Any:
    (kind, value), *_ = stated.items()
    if kind == "as_tensor":
        return Reference(str(value["name"]))
    if kind == "as_tensors":
        return [Reference(str(each["name"])) for each in value]
    if kind == "as_optional_tensors":
        return [_argument(each, sizes) for each in value]
    if kind == "as_sym_ints":
        return [sizes.number(each) for each in value]
    if kind == "as_sym_int":
        return sizes.number(value)
    if not isinstance(value, PLAIN.get(kind, object)):
        raise ValueError(f"{value!r} stands where {kind} is stated")
    return None if kind == "as_none" else value
