"""A target that has to be run -> LayerGraph: a variant that Keras builds, or a model that the user's code makes.

Runs in a process of its own (see `worker`), which keeps a framework's memory, messages and global state away
from the asking process.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

from effnet_inspect.catalog.targets import BuiltTarget, PythonTarget
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.files import of_the_size_asked_for
from effnet_inspect.sources.gate import admitted
from effnet_inspect.sources.keras.build import build_known
from effnet_inspect.sources.messages import first_line

STACK_BYTES = 512 * 1024 * 1024
RECURSION_LIMIT = 1_000_000

Result = TypeVar("Result")


class LiveKind(NamedTuple):
    """One kind of live model: what it is called, how it is recognised without importing its framework, what reads it.

    `reader` is `module:function` in this package, imported when there is such a model.
    """

    title: str
    recognizes: Callable[[object], bool]
    reader: str

    def read(self, model: object, name: str, target: PythonTarget | None) -> LayerGraph:
        """The graph of a model of this kind; `name` is the graph's."""
        module, function = self.reader.split(":")
        read: Any = getattr(import_module(f"effnet_inspect.sources.{module}"), function)
        graph: LayerGraph = read(model, name=name, target=target)
        return graph


def is_keras_model(value: object) -> bool:
    """Whether it is a model of any Keras: this one, tf_keras, or tf.keras of an older TensorFlow."""
    return not isinstance(value, type) and all(hasattr(value, name) for name in ("to_json", "layers", "get_config"))


def is_torch_module(value: object) -> bool:
    """Whether it is a PyTorch module; whoever has one has imported PyTorch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


LIVE_KINDS = (
    LiveKind("Keras model", is_keras_model, "keras.live_model:read_model"),
    LiveKind("PyTorch module", is_torch_module, "torch.live_module:read_module"),
)
"""A Keras model may be a PyTorch module too, which computes for it."""


def build(target: BuiltTarget | PythonTarget) -> LayerGraph:
    """Build a model with Keras, or have the user's code make one, and read its graph.

    Raises:
        SourceError: where it cannot be built.
    """
    if isinstance(target, PythonTarget):
        return admitted(_on_a_deep_stack(lambda: _run(target)))
    return admitted(_on_a_deep_stack(lambda: build_known(target)))


def read_live(model: object) -> LayerGraph:
    """Read a live model in this process; the graph is named like the model's class.

    Raises:
        SourceError: where it is none of a kind that is known, or cannot be read.
    """
    kind = _kind_of(model)
    if kind is None:
        raise SourceError(f"{_class_of(model)} is not a {_titles()}")
    return admitted(_on_a_deep_stack(lambda: kind.read(model, type(model).__name__, None)))


def _class_of(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _titles() -> str:
    return " or ".join(each.title for each in LIVE_KINDS)


def _run(target: PythonTarget) -> LayerGraph:
    """Import the user's module, and call what is asked for unless it is a model already."""
    try:
        found: Any = import_module(target.module)
        for name in target.attribute.split("."):
            found = getattr(found, name)
        model = found() if callable(found) and _kind_of(found) is None else found
    except (Exception, SystemExit) as error:
        reason = first_line(error, "no message")
        if isinstance(error, EOFError):
            reason += " (standard input is closed to it)"
        raise SourceError(f"running {target.text} failed: {type(error).__name__}: {reason}") from error
    kind = _kind_of(model)
    if kind is None:
        raise SourceError(f"running {target.text} gives {_class_of(model)}, not a {_titles()}")
    return of_the_size_asked_for(kind.read(model, target.title, target), target)


def _kind_of(value: object) -> LiveKind | None:
    return next((kind for kind in LIVE_KINDS if kind.recognizes(value)), None)


def _on_a_deep_stack(work: Callable[[], Result]) -> Result:
    """Run `work` where Keras' recursion over the graph has space: it goes one call deep for every layer."""
    outcome: list[Result] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:  # handed on to the caller's thread
            failure.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(STACK_BYTES)
    sys.setrecursionlimit(RECURSION_LIMIT)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if failure:
        raise failure[0]
    return outcome[0]
