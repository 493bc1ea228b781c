"""Lines of Python that make the model of a target with Keras, for the reader's own script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from effnet_inspect.catalog.targets import BuilderTarget, FileTarget, PythonTarget, VariantTarget
from effnet_inspect.errors import UsageError
from effnet_inspect.structure.network import Network


def builder_of(network: Network) -> str | None:
    """The name in `keras.applications` of what a built target is; None for files, code and what Keras lacks."""
    target = network.graph.target
    if isinstance(target, BuilderTarget):
        return target.builder
    return target.variant.builder or None if isinstance(target, VariantTarget) else None


def keras_lines(network: Network, *, with_top: bool) -> list[str]:
    """Lines that define `model`; `with_top` whether one of `keras.applications` has its classifier.

    Raises:
        UsageError: for what Keras cannot make.
    """
    target = network.graph.target
    if builder := builder_of(network):
        top = "" if with_top else "include_top=False, "
        shape = tuple(network.anatomy.input_shape or ())
        return [
            "import keras",
            "",
            f'model = keras.applications.{builder}({top}weights=None, input_shape={shape})  # or weights="imagenet"',
        ]
    is_in_keras = network.framework == "keras"
    if isinstance(target, PythonTarget) and is_in_keras:
        name = target.attribute.split(".")[0]
        return [
            "import keras",
            f"from {target.module} import {name}",
            "",
            f"model = {target.attribute} if isinstance({target.attribute}, keras.Model) else {target.attribute}()",
        ]
    if isinstance(target, FileTarget) and is_in_keras:
        if target.path.lower().endswith(".json"):
            return [
                "from pathlib import Path",
                "",
                "import keras",
                "",
                f"model = keras.models.model_from_json(Path({_quoted(target.path)}).read_text())",
            ]
        return ["import keras", "", f"model = keras.models.load_model({_quoted(target.path)})"]
    raise UsageError(f"no lines of Keras make {network.name}: its layers are named in the tables")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folder_of(names: Iterable[str]) -> tuple[str, ...]:
    """The nested models in which all of these layers are, the outermost first.

    >>> folder_of(["outer/inner/a", "outer/inner/b"]), folder_of(["a", "b"])
    (('outer', 'inner'), ())

    Raises:
        UsageError: where they are in several.
    """
    folders = {tuple(name.split("/")[:-1]) for name in names}
    if len(folders) > 1:
        raise UsageError("the layers are in several nested models: lines are written for those of one")
    return folders.pop() if folders else ()


def lines_within(network: Network, folders: Sequence[str], name: str) -> list[str]:
    """Lines that define `name` as the nested model within `model`; none where nothing is nested."""
    return [f"{name} = model{path_within(network, folders)}"] if folders else []


def path_within(network: Network, folders: Sequence[str]) -> str:
    """What leads from `model` to a nested model: a wrapper that applies it to each step holds it as its `layer`."""
    path, prefix, is_wrapped = "", "", False
    for folder in folders:
        path += f".get_layer({_quoted(folder)})"
        prefix += f"{folder}/"
        if not is_wrapped and all(layer.steps != 1 for layer in network.graph if layer.name.startswith(prefix)):
            path, is_wrapped = f"{path}.layer", True
    return path
