"""Files of PyTorch, of which programs are read and all others are told what they are."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections import OrderedDict
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.errors import EffnetInspectError, SourceError
from effnet_inspect.sources.files import read_file
from effnet_inspect.sources.gate import admitted
from effnet_inspect.sources.torch.live_module import graph_of
from effnet_inspect.sources.torch.serialized import program_of


def tensor(*sizes: int, learns: bool = False, kind: int = 7) -> dict[str, Any]:
    return {"dtype": kind, "sizes": [{"as_int": size} for size in sizes], "requires_grad": learns}


def call(target: str, results: list[str], module: str, **arguments: Any) -> dict[str, Any]:
    outputs = [{"as_tensor": {"name": results[0]}}] if len(results) == 1 else [{"as_tensors": named(*results)}]
    inputs = [{"name": name, "arg": value} for name, value in arguments.items()]
    stack = f"L__self__,,mine.Net;L__self__{module},{module},torch.nn.Module"
    return {"target": target, "inputs": inputs, "outputs": outputs, "metadata": {"nn_module_stack": stack}}


def named(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def of(name: str) -> dict[str, Any]:
    return {"as_tensor": {"name": name}}


PROGRAM: dict[str, Any] = {
    "graph_module": {
        "graph": {
            "tensor_values": {
                "w": tensor(8, 3, 3, 3, learns=True, kind=6),
                "mean": tensor(8),
                "x": tensor(1, 3, 32, 32),
                "conv": tensor(1, 8, 30, 30),
                "norm": tensor(1, 8, 30, 30),
                "one": tensor(1, 4, 30, 30),
                "two": tensor(1, 4, 30, 30),
                "sum": tensor(1, 4, 30, 30),
            },
            "nodes": [
                call("torch.ops.aten.conv2d.default", ["conv"], "conv", input=of("x"), weight=of("w")),
                call(
                    "torch.ops.aten.batch_norm.default",
                    ["norm"],
                    "bn",
                    input=of("conv"),
                    weight={"as_none": True},
                    bias={"as_none": True},
                    running_mean=of("mean"),
                    momentum={"as_float": 0.1},
                    eps={"as_float": 1e-5},
                ),
                call("torch.ops.aten.chunk.default", ["one", "two"], "cut", self=of("norm"), chunks={"as_int": 2}),
                call("torch.ops.aten.add.Tensor", ["sum"], "", self=of("one"), other=of("two")),
            ],
        },
        "signature": {
            "input_specs": [
                {"parameter": {"arg": {"name": "w"}, "parameter_name": "conv.weight"}},
                {"buffer": {"arg": {"name": "mean"}, "buffer_name": "bn.running_mean"}},
                {"user_input": {"arg": of("x")}},
            ],
            "output_specs": [{"user_output": {"arg": of("sum")}}],
        },
    }
}


def archive(path: Path, **entries: bytes) -> FileTarget:
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/").replace("_", "."), content)
    return FileTarget(str(path))


def test_a_program_is_read_without_pytorch(tmp_path: Path) -> None:
    target = archive(tmp_path / "small.pt2", small__models__model_json=json.dumps(PROGRAM).encode())
    graph = read_file(target)
    assert [layer.name for layer in graph] == ["x", "conv", "bn", "cut.getitem", "cut.getitem:1", "add"]
    assert (graph["conv"].parameters, graph["conv"].precision) == (216, "float16")
    assert (graph["bn"].parameters, graph["bn"].trainable_parameters, graph["bn"].momentum) == (8, 0, 0.9)
    assert graph["add"].output_shape == (30, 30, 4)


def test_what_is_written_is_what_is_read_live(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch.modules import Shared

    path = tmp_path / "shared.pt2"
    model = Shared().eval()
    torch.export.save(torch.export.export(model, (torch.zeros(1, 3, 224, 224),), strict=False), path)
    written = read_file(FileTarget(str(path)))
    assert written == replace(read_module(model), name=path.name, target=written.target, remarks=())


def view(name: str, of_what: str) -> dict[str, Any]:
    return call("torch.ops.aten.view.default", [name], "", self=of(of_what))


OUT_OF_ORDER: dict[str, tuple[dict[str, Any], ...]] = {
    "takes itself": (view("v", "v"),),
    "takes what comes after it": (view("v", "later"), view("later", "x")),
    "takes nothing that there is": (view("v", "nobody"),),
    "a name once more": (view("v", "x"), view("v", "v")),
    "the name of an input": (view("x", "conv"),),
    "the name of a weight": (view("w", "x"),),
    "in a list": (call("torch.ops.aten.cat.default", ["v"], "", tensors={"as_tensors": named("x", "v")}),),
    "one of its own results": (call("torch.ops.aten.chunk.default", ["v", "later"], "", self=of("later")),),
}


@pytest.mark.parametrize("name", OUT_OF_ORDER)
@pytest.mark.parametrize("change", ["relu", "relu_"])
def test_what_takes_what_is_not_there_yet_is_no_program(name: str, change: str) -> None:
    changed = deepcopy(PROGRAM)
    graph = changed["graph_module"]["graph"]
    graph["tensor_values"] |= {each: tensor(1, 3, 32, 32) for each in ("v", "later", "nobody", "changed")}
    last = call(f"torch.ops.aten.{change}.default", ["changed"], "", self=of("v"))
    graph["nodes"] += [*OUT_OF_ORDER[name], last]
    with pytest.raises(ValueError, match=r"not there yet|are called"):
        program_of(changed)


def test_what_is_given_is_computed() -> None:
    changed = deepcopy(PROGRAM)
    changed["graph_module"]["signature"]["output_specs"] = [{"user_output": {"arg": of("nobody")}}]
    with pytest.raises(ValueError, match="nobody is given and never computed"):
        program_of(changed)


def open_program() -> dict[str, Any]:
    """The program for any number of images, with sides of 8 to 640 pixels that 8 divides."""
    changed = deepcopy(PROGRAM)
    metas = changed["graph_module"]["graph"]["tensor_values"]
    image = "Mul(Integer(8), Symbol('{}', positive=True))"
    for name in ("x", "conv", "norm", "one", "two", "sum"):
        formula = image if name == "x" else f"Add({image}, Integer(-2))"
        sides = [{"as_expr": {"expr_str": formula.format(symbol)}} for symbol in ("h", "w")]
        batch = {"as_expr": {"expr_str": "Symbol('n')"}}
        metas[name]["sizes"] = [batch, metas[name]["sizes"][1], *sides]
    changed["range_constraints"] = {name: {"min_val": 1, "max_val": 80} for name in ("h", "w", "n")}
    return changed


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        (None, (None, None, 8)),
        ((64, 96), (62, 94, 8)),
        ((60, 64), "is none that it takes"),
        ((800, 800), "leaves the size"),
    ],
)
def test_sizes_that_are_open_are_those_asked_for(
    resolution: tuple[int, int] | None, expected: object, tmp_path: Path
) -> None:
    made = archive(tmp_path / "open.pt2", small__models__model_json=json.dumps(open_program()).encode())
    target = FileTarget(made.path, resolution)
    if isinstance(expected, str):
        with pytest.raises(SourceError, match=expected):
            read_file(target)
        return
    graph = read_file(target)
    assert (graph["conv"].output_shape, graph["conv"].steps) == (expected, 1)
    assert graph["x"].output_shape == (*(resolution or (None, None)), 3)


class Mine:
    """Something of somebody's own."""


def pickled(value: object) -> bytes:
    stream = io.BytesIO()
    pickle.dump(value, stream, protocol=2)
    return stream.getvalue()


TOLD: dict[str, tuple[dict[str, bytes], str]] = {
    "state dictionary": (
        {"m__data_pkl": pickled(OrderedDict(a=1))},
        r"no architecture: effnet-inspect weights FILE says what .*, name the model",
    ),
    "module": (
        {"m__data_pkl": pickled(Mine())},
        r"holds a pickled tests\.\S+\.Mine, .* without running code: name the",
    ),
    "script": ({"m__data_pkl": b"", "m__code__main_py": b""}, "holds TorchScript"),
    "nothing": ({"readme": b""}, "holds neither a program nor a module"),
    "no JSON": ({"m__models__model_json": b"{"}, "is not JSON that can be read"),
    "other JSON": ({"m__models__model_json": b"{}"}, "is not written as torch.export writes it"),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_no_program_is_told(name: str, tmp_path: Path) -> None:
    entries, says = TOLD[name]
    with pytest.raises(SourceError, match=says):
        read_file(archive(tmp_path / "m.pt", **entries))


@pytest.mark.parametrize(("value", "says"), [({"a": [1]}, "a state dictionary"), (Mine(), "holds a pickled tests")])
def test_a_pickle_is_looked_at_and_not_run(value: object, says: str, tmp_path: Path) -> None:
    path = tmp_path / "old.pth"
    for content in (pickled(value), pickled(value)[:-1]):
        path.write_bytes(content)
        with pytest.raises(SourceError, match=says):
            read_file(FileTarget(str(path)))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a nested value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in pairs for place in places(each, (*path, key)))]


OPEN_PROGRAM = open_program()


@given(
    st.sampled_from(places(OPEN_PROGRAM)[1:]),
    st.sampled_from([None, [], {}, "x", "y", -1, 0, 2**40, 0.5, True]),
)
@example(("graph_module", "graph", "nodes", 1, "inputs", 5, "arg", "as_float"), [])
def test_whatever_is_wrong_is_a_sentence(place: tuple[Any, ...], value: Any) -> None:
    changed = deepcopy(OPEN_PROGRAM)
    inner: Any = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        program = program_of(changed, (64, 64))
    except (TypeError, ValueError, LookupError, AttributeError):
        return
    with suppress(EffnetInspectError):
        assert admitted(graph_of(program, "changed", None)).layers
