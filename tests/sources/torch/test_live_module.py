"""Live PyTorch modules, read in a process of their own as the command does, and in this one."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

import effnet_inspect
from effnet_inspect.catalog.targets import PythonTarget
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.library import compare
from effnet_inspect.sources import load, shipped
from effnet_inspect.sources.codec import decode
from effnet_inspect.sources.live import build
from effnet_inspect.structure.identity import sentence
from effnet_inspect.structure.network import Network

pytest.importorskip("torch", reason="needs PyTorch")

WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "of one number": lambda tensor, image: tensor.add_(5),
    "of a real tensor": lambda tensor, image: tensor.mul_(tensor.detach().clone()),
    "of the image": lambda tensor, image: tensor.copy_(image.mean()),
    "a part": lambda tensor, image: tensor[1:].div_(4),
    "one place": lambda tensor, image: tensor.__setitem__(0, 9),
    "its data": lambda tensor, image: tensor.data.sub_(1),
    "other data": lambda tensor, image: setattr(tensor, "data", tensor.data * 2),
    "another size": lambda tensor, image: tensor.resize_(5),
    "another axis": lambda tensor, image: tensor.unsqueeze_(0),
    "as a result": lambda tensor, image: tensor.add(1, out=tensor),
    "in a list": lambda tensor, image: [tensor][0].__iadd__(1),
    "whether it is trained": lambda tensor, image: tensor.requires_grad_(not tensor.requires_grad),
}
"""What the code of a module does with a tensor that it has."""

MODULES = "tests.sources.torch.modules"


def read(attribute: str, resolution: tuple[int, int] | None = None) -> LayerGraph:
    return build(PythonTarget(MODULES, attribute, resolution))


@pytest.fixture(scope="module")
def b0() -> LayerGraph:
    return read("b0")


def built_by_keras() -> LayerGraph:
    """B0 as it comes with the package, which needs no Keras to be read."""
    return decode(zlib.decompress((shipped.FOLDER / f"b0{shipped.SUFFIX}").read_bytes()))


def test_all_of_b0_is_told(b0: LayerGraph) -> None:
    network = Network(b0)
    assert sentence(network.identity) == "This is EfficientNet-B0."
    assert network.totals["trainable_parameters"] == 5_288_548
    assert network.totals["macs"] == 385_814_752
    assert not network.totals.total("macs").missing
    assert any("PyTorch counts 5,288,548 parameters" in remark for remark in b0.remarks)
    assert not any("does not say" in remark for remark in b0.remarks)


def test_layers_have_the_names_of_the_state_dictionary(b0: LayerGraph) -> None:
    from tests.sources.torch.modules import EfficientNetB0

    owners = {name.rpartition(".")[0] for name in EfficientNetB0().state_dict()}
    assert owners <= {layer.name for layer in b0}
    assert b0["blocks.2.depthwise"].kernel == (3, 3)
    assert b0["blocks.2.attend.mul"].operation == "multiply"
    assert b0["classifier.0"].operation == "global_average_pooling"


def test_stochastic_depth_is_seen(b0: LayerGraph) -> None:
    rates = [layer.rate for layer in b0 if layer.operation == "dropout"]
    assert rates == [pytest.approx(0.2 * number / 16) for number in (2, 4, 6, 7, 9, 10, 12, 13, 14)] + [0.2]


def test_what_differs_from_keras_is_what_is_different(b0: LayerGraph) -> None:
    """The preprocessing and the softmax are part of Keras' model; padding is even on both sides in this one."""
    changes = compare(Network(built_by_keras()), Network(b0)).data["verdict"]["differences"]
    assert [each["sentence"] for each in changes] == [
        "the stem: rescaling and input normalisation missing",
        "the classifier: dense layer activation softmax → linear",
        "2a and 4a: depthwise convolution padding same → 1+1 and 1+1",
        "3a and 6a: depthwise convolution padding same → 2+2 and 2+2",
        "the stem: stem's convolution padding same → 1+1 and 1+1",
    ]


def test_momentum_is_that_of_keras(b0: LayerGraph) -> None:
    assert {(layer.momentum, layer.epsilon) for layer in b0 if layer.operation == "batch_normalization"} == {
        (0.99, 1e-3)
    }


def test_the_size_that_is_asked_for_is_taken() -> None:
    graph = read("b0", (64, 96))
    assert next(iter(graph)).output_shape == (64, 96, 3)


def test_channels_and_what_is_frozen_are_those_of_the_module() -> None:
    graph = read("grey")
    assert next(iter(graph)).output_shape == (224, 224, 1)
    assert (graph["0"].parameters, graph["0"].trainable_parameters) == (40, 0)
    assert (graph["2"].parameters, graph["2"].trainable_parameters) == (148, 148)
    assert graph["2"].inputs == ("1",)
    assert any("does not say for which images" in remark for remark in graph.remarks)


def test_what_is_shared_counts_once_and_what_is_unused_not_at_all() -> None:
    graph = read("Shared")
    assert sum(layer.parameters or 0 for layer in graph) == 3 * 8 * 9 + (8 * 8 * 9 + 8) + 4 * 8
    assert graph["again:1"].shares_weights_with == "again"
    assert graph["norm:1"].shares_weights_with == "norm"
    assert any("42 parameters of unused.weight, unused.bias have no part" in remark for remark in graph.remarks)


def test_what_is_only_there_in_training_is_left_out() -> None:
    graph = read("TwoHeads")
    assert [layer.name for layer in graph if layer.operation == "dense"] == ["one"]
    assert any("other things in training" in remark for remark in graph.remarks)


DECISION = "a decision that depends on the numbers in a tensor, which no export can follow"

FAILURES = {
    "Undecided": ("then", f"by {DECISION}, at line ", "return x if self.look(x).sum() > 0 else -x"),
    "CountsItsSteps": ("then", f"by {DECISION}, at line ", "for _ in range(int(x.sum())):"),
    "UsesNumpy": ("then", "by RuntimeError: ", "return x * float(x.numpy().mean())"),
    "NeedsMask": ("then", "by TypeError: ", "missing 1 required positional argument: 'mask'"),
    "DoesNotFit": ("then.classify", "by RuntimeError: ", "return self.classify(self.body(x).flatten(1))"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_stood_in_the_way_is_said_with_its_module_and_line(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch import modules

    place, why, line = FAILURES[name]
    with pytest.raises(SourceError) as caught:
        read_module(modules.behind(getattr(modules, name)()))
    said = str(caught.value)
    kind = "Linear" if name == "DoesNotFit" else name
    assert said.startswith(f"PyTorch cannot export Sequential, stopped in {place} ({kind}) {why}")
    assert line in said
    assert len(said.splitlines()) == 1
    assert capfd.readouterr() == ("", "")


def test_a_failure_is_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceError, match=r"stopped in dense \(Linear\) by RuntimeError"):
        read("flat")
    assert capfd.readouterr() == ("", "")


def test_torchscript_is_not_exported() -> None:
    with pytest.raises(SourceError, match="cannot export its module body: it is TorchScript"):
        read("scripted")


def test_what_has_no_weights_yet_is_named() -> None:
    with pytest.raises(SourceError, match=r"export its module body\.1: a LazyConv2d has no weights before its first"):
        read("lazy")


def test_multiplications_are_those_of_all_windows_and_positions() -> None:
    from tests.sources.torch.modules import WINDOWS_MACS, Windows

    network = effnet_inspect.load(Windows())
    assert network.totals.exact("macs") == WINDOWS_MACS
    assert {layer.name: layer.steps for layer in network.graph if layer.macs or layer.filters} == {
        "body": 1,
        "inside": 6,
        "keys": 6 * 64,
        "columns": 1,
    }


def test_the_module_is_left_as_it_was() -> None:
    import torch

    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch.modules import Shared

    model = Shared()
    model.norm.eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    read_module(model)
    assert [each.training for each in model.modules()] == [True, True, True, False, True]
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_what_a_module_remembers_and_gives_may_be_anything() -> None:
    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch.modules import Remembers

    model = Remembers()
    assert read_module(model).outputs == ("relu",)
    assert (model.seen, model.calls, len(model._forward_hooks)) == (None, 0, 0)


def test_nothing_that_a_module_writes_stays() -> None:
    import torch

    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch.modules import WritesEverywhere

    model = WritesEverywhere()
    parts = dict(model.named_modules())
    read_module(model)
    assert dict(model.named_modules()) == parts
    assert {type(each) for each in (*model.parameters(), *model.buffers())} == {torch.nn.Parameter, torch.Tensor}
    assert (model.count.item(), model.mean.tolist()) == (0, [0] * 8)
    assert (model.features, list(model.latest), model.sizes) == ([], [], set())
    assert (model.nested, model.notes.last, model.notes.by_name) == (
        {"deep": ([], {"first": 1})},
        None,
        {"all": []},
    )
    assert not hasattr(model.body, "seen")
    model(torch.zeros(1, 3, 8, 8))
    assert (model.count.item(), len(model.features), model.latest.maxlen) == (1, 1, 2)
    torch.save(model.state_dict(), io.BytesIO())


@pytest.mark.parametrize("name", ["plain", "buffer", "weight"])
@pytest.mark.parametrize("writes", WRITES)
def test_no_tensor_of_a_module_is_written_to(writes: str, name: str) -> None:
    import torch

    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch.modules import WritesTensors

    model = WritesTensors(name, WRITES[writes])
    before = {each: getattr(model, each) for each in ("plain", "buffer", "weight")}
    with suppress(SourceError):  # PyTorch does not export all of them
        read_module(model)
    for each, tensor in before.items():
        assert getattr(model, each) is tensor
        assert tensor.requires_grad is (each == "weight")
        assert tensor.tolist() == [1, 2, 3]
    assert torch.equal(WritesTensors.of_the_class, torch.ones(3))


def test_what_is_in_slots_stays() -> None:
    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch.modules import CountsInSlots

    model = CountsInSlots()
    read_module(model)
    counter = model.counter
    assert (counter.calls, counter.rows, counter.first, counter.note) == (0, [], None, "none")
    assert not hasattr(counter, "last")


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_tensors_of_any_kind_are_left_alone() -> None:
    import torch

    from effnet_inspect.sources.torch.modes import kept

    class Odd(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.nowhere = torch.nn.Parameter(torch.empty(3, device="meta"))
            self.sparse = torch.eye(3).to_sparse()
            self.nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
            self.computed = self.nowhere * 2
            with torch.inference_mode():
                self.of_inference = torch.ones(3)

    model = Odd()
    before = dict(vars(model))
    with kept(model):
        model.sparse = None
    assert all(value is before[name] for name, value in vars(model).items())


def test_several_threads_read_modules() -> None:
    """Each its own, and all of them one that they share."""
    import torch

    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch.modules import CountsInSlots, Shared

    shared = Shared()
    models: list[torch.nn.Module] = [shared, CountsInSlots(), shared, Shared(), shared, CountsInSlots()]
    alone = {type(each): read_module(each) for each in models}
    with ThreadPoolExecutor(len(models)) as threads:
        together = list(threads.map(read_module, models))
    assert together == [alone[type(each)] for each in models]
    assert all(each.training for model in models for each in model.modules())


def said_of_training(model: object) -> list[str]:
    from effnet_inspect.sources.torch.live_module import read_module

    return [remark.split(";")[0] for remark in read_module(model).remarks if "raining" in remark]


def test_what_is_said_of_training_is_what_was_seen() -> None:
    import torch

    from effnet_inspect.sources.torch.live_module import read_module
    from tests.sources.torch.modules import Attends, NeedsTargets, TwoHeads

    assert said_of_training(NeedsTargets()) == ["In training the model cannot be run with an image alone"]
    assert said_of_training(TwoHeads()) == ["The model computes other things in training than at inference"]
    assert said_of_training(Attends()) == []
    assert said_of_training(Attends(0.1)) == []
    dropouts = [layer.rate for layer in read_module(Attends(0.1)) if layer.operation == "dropout"]
    assert dropouts == [0.1, 0.1, 0.1]
    assert torch.backends.mha.get_fastpath_enabled()


def test_the_library_takes_modules() -> None:
    from tests.sources.torch.modules import EfficientNetB0, Shared

    network = effnet_inspect.load(Shared())
    assert (network.key, network.totals["trainable_parameters"]) == ("Shared", 216 + 584 + 16)
    lead = effnet_inspect.compare(EfficientNetB0(), EfficientNetB0(classes=10)).document.lead
    assert lead.endswith("have the same graph; they differ in classes.")
    assert "EfficientNet-B0" in effnet_inspect.summary(EfficientNetB0()).to_text()


def test_neither_tensorflow_nor_keras_is_imported() -> None:
    script = (
        "import sys; from effnet_inspect.catalog.targets import parse_target\n"
        "from effnet_inspect.sources.live import build\n"
        f"build(parse_target('{MODULES}:grey'))\n"
        "print(sorted({'keras', 'tensorflow', 'h5py'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize(
    ("number", "parameters", "macs"), [(0, 5_288_548, 385_814_752), (7, 66_347_960, 37_745_884_192)]
)
def test_the_port_that_most_people_had(number: int, parameters: int, macs: int) -> None:
    package = pytest.importorskip("efficientnet_pytorch", reason="needs efficientnet_pytorch")
    from effnet_inspect.sources.torch.live_module import read_module

    network = Network(read_module(package.EfficientNet.from_name(f"efficientnet-b{number}")))
    assert sentence(network.identity) == f"This is EfficientNet-B{number}."
    assert (network.totals["trainable_parameters"], network.totals["macs"]) == (parameters, macs)


def test_the_command_reads_a_module() -> None:
    graph = load(PythonTarget(MODULES, "b0"))
    assert replace(graph, target=None) == replace(read("b0"), target=None)
