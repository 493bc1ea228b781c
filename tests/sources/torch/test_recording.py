"""What a run without numbers notes of a module, and what is left to torch.export."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph

torch = pytest.importorskip("torch", reason="needs PyTorch")

MODULES = "tests.sources.torch.modules"


def small(forward: Callable[[Any, Any], Any], **buffers: Any) -> Any:
    """A module with a convolution, a normalisation and what else it is given."""

    class Small(torch.nn.Module):  # type: ignore[name-defined]
        image_size = 16

        def __init__(self) -> None:
            super().__init__()
            self.conv, self.norm = torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8)
            self.cache: dict[str, Any] = {}
            for name, value in buffers.items():
                self.register_buffer(name, torch.tensor(value))

        def forward(self, x: Any) -> Any:
            return forward(self, x)

    return Small()


def read(model: Any) -> LayerGraph:
    from effnet_inspect.sources.torch.live_module import read_module

    return read_module(model)


def with_gradients(self: Any, x: Any) -> Any:
    with torch.enable_grad():
        return self.norm(self.conv(x))


def without_autocast(self: Any, x: Any) -> Any:
    with torch.autocast(x.device.type, enabled=False):
        return self.norm(self.conv(x))


def with_autocast(self: Any, x: Any) -> Any:
    with torch.autocast(x.device.type, dtype=torch.bfloat16):
        return self.norm(self.conv(x)).float()


def casting_in_autocast(self: Any, x: Any) -> Any:
    with torch.autocast(x.device.type, dtype=torch.bfloat16):
        return self.norm(self.conv(x.to(torch.bfloat16))).float()


def remembering(self: Any, x: Any) -> Any:
    if "grid" not in self.cache:
        self.cache["grid"] = torch.arange(float(x.shape[-1]), device=x.device)
    return self.norm(self.conv(x + self.cache["grid"]))


def by_rows(self: Any, x: Any) -> Any:
    return torch.cat([self.conv(x[:, :, at : at + 8]) for at in torch.tensor([1, 2]).tolist()], 1)


NOTED: dict[str, tuple[Any, list[str]]] = {
    "by a number that it has": (small(lambda self, x: self.conv(x) * float(self.k), k=2.0), ["conv2d", "mul"]),
    "by whether it has one": (small(lambda self, x: self.conv(x) if self.k else x, k=True), ["conv2d"]),
    "as many as it has": (small(lambda self, x: self.conv(x)[:, : int(self.k)], k=2), ["conv2d", "slice"]),
    "by a number in its code": (small(lambda self, x: self.conv(x) * torch.tensor(2.0).item()), ["conv2d", "mul"]),
    "by a list in its code": (small(by_rows), ["slice", "conv2d", "slice", "conv2d", "cat"]),
    "by places in its code": (small(lambda self, x: self.conv(x)[:, [2, 0]]), ["conv2d", "index"]),
    "with gradients": (small(with_gradients), ["conv2d", "batch_norm"]),
    "without autocast": (small(without_autocast), ["conv2d", "batch_norm"]),
    "with autocast": (small(with_autocast), ["conv2d", "batch_norm"]),
    "with a cast in autocast": (small(casting_in_autocast), ["conv2d", "batch_norm"]),
    "with a memory": (small(remembering), ["add", "conv2d", "batch_norm"]),
    "by where it is": (small(lambda self, x: self.conv(x) if x.is_cpu and not x.is_meta else x), ["conv2d"]),
    "by the kind of tensor": (small(lambda self, x: self.conv(x) if type(x) is torch.Tensor else x), ["conv2d"]),
    "what nobody looks at": (
        small(lambda self, x: (self.state_dict(), self.norm(self.conv(x)))[1]),
        ["conv2d", "batch_norm"],
    ),
}
"""A module, and the operators of its layers behind the input."""


@pytest.fixture
def no_export(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("torch.export was asked")

    monkeypatch.setattr(torch.export, "export", refuse)


@pytest.mark.usefixtures("no_export")
@pytest.mark.parametrize("name", NOTED)
def test_what_a_run_tells_needs_no_export(name: str) -> None:
    model, expected = NOTED[name]
    for _ in range(2):
        assert [layer.class_name for layer in read(model)][1:] == expected
    assert not model.cache


EXPORTED: dict[str, tuple[Any, str]] = {
    "times a number of its data": (small(lambda self, x: self.conv(x) * self.conv(x).mean().item()), "mul"),
    "as large as its data say": (small(lambda self, x: torch.nonzero(self.conv(x))), "nonzero"),
    "what it has written": (small(lambda self, x: (self.k.add_(1), self.conv(x) * self.k.item())[1], k=1.0), "mul"),
}
"""A module that goes by numbers that are not there, and the operator that gives its output."""


@pytest.mark.parametrize("name", EXPORTED)
def test_what_needs_numbers_is_exported(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    export = torch.export.export

    def noted(*args: Any, **named: Any) -> Any:
        asked.append(args)
        return export(*args, **named)

    monkeypatch.setattr(torch.export, "export", noted)
    model, last = EXPORTED[name]
    graph = read(model)
    assert (len(asked), [graph[each].class_name for each in graph.outputs]) == (1, [last])


WRITES: dict[str, Callable[[Any], Any]] = {
    "itself": lambda tensor: tensor.add_(1),
    "a view": lambda tensor: tensor.view(1)[0:].add_(1),
    "its data": lambda tensor: tensor.data.mul_(3),
    "other data": lambda tensor: setattr(tensor, "data", tensor * 5),
    "a result": lambda tensor: torch.add(tensor, 1, out=tensor),
}


@pytest.mark.parametrize("writes", WRITES)
def test_what_it_has_written_decides_nothing(writes: str) -> None:
    model = small(lambda self, x: (WRITES[writes](self.k), self.conv(x) if self.k.item() > 1 else x)[1], k=1.0)
    with pytest.raises(SourceError, match="depends on the numbers in a tensor"):
        read(model)
    assert model.k.item() == 1


def test_a_module_of_two_goes_by_its_path_in_the_one_that_calls_it() -> None:
    part = torch.nn.Sequential(torch.nn.Conv2d(3, 3, 1), torch.nn.ReLU())
    model = torch.nn.Sequential(torch.nn.Sequential(part), torch.nn.Sequential(part, part))
    graph = read(model)
    assert [layer.name for layer in graph][1:] == ["0.0.0", "0.0.1", "1.0.0", "1.0.1", "1.0.0:1", "1.0.1:1"]
    assert sum(layer.parameters or 0 for layer in graph) == 12
    assert not any("no part in what is" in remark for remark in graph.remarks)


def test_neither_the_compiler_of_pytorch_nor_symbols_are_imported() -> None:
    """They take longer than all the rest."""
    script = (
        f"import sys; from effnet_inspect.sources.live import read_live; from {MODULES} import b0\n"
        "read_live(b0()); print({'torch._dynamo', 'sympy'} & set(sys.modules) or 'neither')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "neither\n", done.stderr


@pytest.mark.parametrize("device", ["cpu", "meta"])
@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16", "float64"])
def test_precision_and_place_of_the_weights_do_not_matter(precision: str, device: str) -> None:
    model = small(lambda self, x: self.norm(self.conv(x)).mean((2, 3)))
    layers = [(layer.name, layer.operation, layer.output_shape, layer.parameters) for layer in read(model)]
    moved = read(model.to(getattr(torch, precision)).to(device))
    assert [(layer.name, layer.operation, layer.output_shape, layer.parameters) for layer in moved] == layers
