"""Programs whose calls change what they take, and the same written with tensors that stay as they are."""

from __future__ import annotations

from typing import Any

import pytest

from effnet_inspect.errors import SourceError
from effnet_inspect.sources.torch.in_place import without_changes_in_place
from effnet_inspect.sources.torch.live_module import graph_of
from effnet_inspect.sources.torch.program import Dimensions, Node, Program, Reference

IMAGE: Dimensions = (1, 8, 6, 6)
HALF: Dimensions = (1, 4, 6, 6)
FLAT: Dimensions = (1, 8, 36)


def call(name: str, kind: str, of: str, *others: str, shape: Dimensions = IMAGE) -> Node:
    return Node(
        name,
        kind,
        {"self": Reference(of), **{f"other{at}": Reference(each) for at, each in enumerate(others)}},
        (shape,),
    )


def item(name: str, of: str, at: int) -> Node:
    return Node(name, "getitem", {"of": Reference(of), "at": at}, (HALF,))


def program(*nodes: Node) -> Program:
    return Program({"x": IMAGE}, {}, nodes, (nodes[-1].name,))


START = call("y", "sigmoid", "x")

PROGRAMS: dict[str, tuple[tuple[Node, ...], str]] = {
    "nothing in place": ((call("z", "relu", "y"),), "relu(y)"),
    "the whole tensor": ((call("r", "relu_", "y"), call("z", "tanh", "y")), "tanh(relu(y))"),
    "what it gives back": ((call("r", "relu_", "y"), call("z", "tanh", "r")), "tanh(relu(y))"),
    "again and again": (
        (call("r", "relu_", "y"), call("s", "sin_", "r"), call("t", "cos_", "y"), call("z", "sub", "r", "s")),
        "sub(cos(sin(relu(y))), cos(sin(relu(y))))",
    ),
    "a part": (
        (call("p", "slice", "y", shape=HALF), call("r", "relu_", "p", shape=HALF), call("z", "tanh", "y")),
        "tanh(written(y, relu(slice(y))))",
    ),
    "a part that is looked at itself": (
        (call("p", "slice", "y", shape=HALF), call("r", "relu_", "p", shape=HALF), call("z", "tanh", "p")),
        "tanh(relu(slice(y)))",
    ),
    "another view of the same": (
        (
            call("p", "slice", "y", shape=HALF),
            call("q", "select", "y", shape=HALF),
            call("r", "relu_", "p", shape=HALF),
            call("z", "sub", "q", "y"),
        ),
        "sub(select(written(y, relu(slice(y)))), written(y, relu(slice(y))))",
    ),
    "the whole under a view": (
        (call("p", "slice", "y", shape=HALF), call("r", "relu_", "y"), call("z", "tanh", "p", shape=HALF)),
        "tanh(slice(relu(y)))",
    ),
    "all of it in another shape": (
        (call("f", "flatten", "y", shape=FLAT), call("r", "relu_", "f", shape=FLAT), call("z", "tanh", "y")),
        "tanh(written(relu(flatten(y))))",
    ),
    "a view of a view": (
        (
            call("f", "view", "y", shape=FLAT),
            call("p", "narrow", "f", shape=(1, 4, 36)),
            call("r", "relu_", "p", shape=(1, 4, 36)),
            call("z", "sub", "y", "f"),
        ),
        "sub(written(written(view(y), relu(narrow(view(y))))), written(view(y), relu(narrow(view(y)))))",
    ),
    "a copy": (
        (
            call("t", "permute", "y"),
            call("c", "reshape", "t", shape=FLAT),
            call("r", "relu_", "c", shape=FLAT),
            call("z", "tanh", "y"),
        ),
        "tanh(y)",
    ),
    "one of two halves": (
        (
            Node("h", "chunk", {"self": Reference("y"), "chunks": 2}, (HALF, HALF)),
            item("a", "h", 0),
            item("b", "h", 1),
            call("r", "relu_", "a", shape=HALF),
            call("z", "sub", "y", "b"),
        ),
        "sub(written(y, relu(getitem(chunk(y)))), getitem(chunk(written(y, relu(getitem(chunk(y)))))))",
    ),
    "results of what makes no views": (
        (
            Node("h", "topk", {"self": Reference("y")}, (HALF, HALF)),
            item("a", "h", 0),
            call("r", "relu_", "a", shape=HALF),
            call("z", "sub", "y", "h"),
        ),
        "sub(y, topk(y))",
    ),
}


def told(rewritten: Program) -> str:
    """What the program gives, as one formula of what it is computed from."""
    formulas = {"x": "x"}
    for node in rewritten.nodes:
        inside = ", ".join(formulas[name] for name in node.references())
        kind = "written" if node.kind == "written_into" else node.kind.rstrip("_")
        formulas[node.name] = "y" if node.name == "y" else f"{kind}({inside})"
    return formulas[rewritten.outputs[0]]


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_given_is_what_is_computed(name: str) -> None:
    nodes, expected = PROGRAMS[name]
    assert told(without_changes_in_place(program(START, *nodes))) == expected


@pytest.mark.parametrize("name", PROGRAMS)
def test_there_is_no_layer_that_nobody_looks_at(name: str) -> None:
    """But for those that the program itself has."""
    nodes, expected = PROGRAMS[name]
    graph = graph_of(program(START, *nodes), "changed", None)
    before = {"sigmoid", *(node.kind.strip("_") for node in nodes)}
    used = {*graph.outputs, *(name for layer in graph for name in layer.inputs)}
    unused = [layer.class_name for layer in graph if layer.name not in used]
    assert set(unused) <= before
    assert sum(layer.class_name == "written_into" for layer in graph) <= expected.count("written")


def test_a_program_that_changes_nothing_is_the_same() -> None:
    before = program(START, call("z", "relu", "y"), call("a", "__and__", "z"))
    assert without_changes_in_place(before) is before


def views(count: int, kind: str = "view") -> list[Node]:
    """Each a view of the one before."""
    return [call(f"v{at}", kind, f"v{at - 1}" if at else "y") for at in range(count)]


def test_as_many_changes_as_views() -> None:
    """Of one tensor: that is what honest code has, and time grows with both together and not with their product."""
    sides = [call(f"p{at}", "slice", "y", shape=HALF) for at in range(10_000)]
    changes = [call(f"r{at}", "relu_", "p0", shape=HALF) for at in range(10_000)]
    rewritten = without_changes_in_place(program(START, *sides, *changes, call("z", "tanh", "p0", shape=HALF)))
    assert len(rewritten.nodes) < 3 * 10_000


def test_a_long_row_of_views_is_taken_anew() -> None:
    depth = 5_000
    nodes = [*views(depth), call("r", "relu_", "y"), call("z", "tanh", f"v{depth - 1}")]
    rewritten = without_changes_in_place(program(START, *nodes))
    assert sum(node.kind == "view" for node in rewritten.nodes) == depth
    assert told(rewritten) == "tanh(" + "view(" * depth + "relu(y)" + ")" * (depth + 1)


def test_a_long_row_of_views_is_written_to_once_a_change() -> None:
    depth = 300
    nodes = [*views(depth, "slice"), call("r", "relu_", f"v{depth - 1}"), call("z", "tanh", "y")]
    rewritten = without_changes_in_place(program(START, *nodes))
    assert sum(node.kind == "written_into" for node in rewritten.nodes) == depth
    assert max(len(node.name) for node in rewritten.nodes) < 20


def test_more_writing_than_can_be_shown_is_refused() -> None:
    nodes = [*views(300), *(call(f"r{at}", "relu_", "v299") for at in range(300))]
    with pytest.raises(SourceError, match="layers, and 50,000 are the most that are read"):
        without_changes_in_place(program(START, *nodes))


class Written:
    """Modules that write into parts; PyTorch says what their outputs depend on."""

    @staticmethod
    def modules() -> dict[str, Any]:
        import torch
        from torch import nn

        class Halves(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.one, self.other = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(4, 4, 1)

            def forward(self, x: Any) -> Any:
                y = self.one(x)
                y[:, :4] = self.other(y[:, 4:])
                y += 1
                return y

        class Canvas(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.one = nn.Conv2d(3, 8, 3)

            def forward(self, x: Any) -> Any:
                y = self.one(x)
                canvas = torch.zeros(1, 8, x.shape[2], x.shape[3])
                canvas[:, :, 1:-1, 1:-1] = y
                return canvas.relu_()

        return {"halves": Halves(), "canvas": Canvas()}


@pytest.mark.parametrize(("name", "layers"), [("halves", ["one", "other"]), ("canvas", ["one"])])
def test_outputs_depend_on_what_was_written(name: str, layers: list[str]) -> None:
    pytest.importorskip("torch", reason="needs PyTorch")
    from effnet_inspect.sources.torch.live_module import read_module

    model = Written.modules()[name]
    model.image_size = 16
    graph = read_module(model)
    assert set(layers) <= graph.ancestors(graph.outputs)
    assert not any(layer.operation == "opaque" for layer in graph)
