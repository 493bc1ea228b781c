"""Files that Keras writes -> LayerGraph: archives, HDF5 files, configurations, SavedModel folders.

No code in a file is run, and no weight is read. Files are not trusted: what is read of them is bounded, nothing is
unpacked, and whatever is wrong is a sentence.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from effnet_inspect import limits
from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.archives import mebibytes, opened
from effnet_inspect.sources.keras.config import read_config
from effnet_inspect.sources.keras.overrides import LiveOverrides
from effnet_inspect.sources.messages import first_line
from effnet_inspect.sources.protobuf import Budget, fields


def read_archive(target: FileTarget) -> LayerGraph:
    """The graph in a Keras archive, of which only its configuration is read."""
    path = Path(target.path)
    with opened(path) as archive:
        if "config.json" not in archive.names:
            raise SourceError(
                f"the file {path.name} is an archive without config.json, so it is not a model saved by Keras"
            )
        text = archive.read("config.json", limits.CONFIGURATION_BYTES)
    return _graph(target, text)


def read_json(target: FileTarget) -> LayerGraph:
    """The graph that a configuration states, as `model.to_json()` writes it."""
    with Path(target.path).open("rb") as stream:
        return _graph(target, stream.read(limits.CONFIGURATION_BYTES + 1))


def read_hdf5(target: FileTarget) -> LayerGraph:
    """The graph in an HDF5 file; its weights are counted, not read."""
    from effnet_inspect.sources.keras.hdf5 import read_model_config

    text, parameters = read_model_config(Path(target.path))
    return _graph(target, text, LiveOverrides(parameters=parameters))


def read_saved_model(target: FileTarget) -> LayerGraph:
    """The graph in a SavedModel folder, where Keras has left its metadata."""
    path = Path(target.path)
    metadata = path / "keras_metadata.pb"
    if not (path / "saved_model.pb").is_file():
        raise SourceError(f"the folder {str(path)!r} is not a SavedModel: it holds no saved_model.pb")
    if not metadata.is_file():
        raise SourceError(
            f"the SavedModel {str(path)!r} states no architecture (it has no keras_metadata.pb); "
            "save the model as a .keras file"
        )
    with metadata.open("rb") as stream:
        content = stream.read(2 * limits.CONFIGURATION_BYTES + 1)
    return _graph(target, _root_metadata(path, content), decode=_decode_saved_model)


def _root_metadata(path: Path, content: bytes) -> bytes:
    """The JSON of the root node: `SavedMetadata.nodes` (1), of which `node_path` (3) is `root`, its `metadata` (5)."""
    budget = Budget(limits.FIELDS, len(content))
    try:
        for node in _contents(content, budget).get(1, ()):
            inner = _contents(node, budget)
            if inner.get(3) == [b"root"]:
                return inner[5][-1]
    except (ValueError, EOFError, KeyError) as error:
        raise SourceError(f"the keras_metadata.pb of {path.name} is damaged: {first_line(error)}") from error
    raise SourceError(f"the keras_metadata.pb of {path.name} states no model")


def _contents(message: bytes, budget: Budget) -> dict[int, list[bytes]]:
    """The fields of bytes of a protocol buffer, by number."""
    stream = io.BytesIO(message)
    found: dict[int, list[bytes]] = {}
    for field in fields(stream, len(message), budget):
        if field.content is not None:
            found.setdefault(field.number, []).append(message[field.content : field.end])
    return found


def _decode(text: bytes | str) -> Any:
    return json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)


def _decode_saved_model(text: bytes | str) -> Any:
    """SavedModels write tuples and shapes as objects."""
    return json.loads(text, object_hook=lambda found: found["items"] if _is_tuple(found) else found)


def _is_tuple(found: dict[str, Any]) -> bool:
    return found.get("class_name") in ("__tuple__", "TensorShape") and isinstance(found.get("items"), list)


def _graph(
    target: FileTarget,
    text: bytes,
    overrides: LiveOverrides | None = None,
    decode: Callable[[bytes | str], Any] = _decode,
) -> LayerGraph:
    if len(text) > limits.CONFIGURATION_BYTES:
        raise SourceError(
            f"the configuration in {target.title} is larger than {mebibytes(limits.CONFIGURATION_BYTES)}, "
            "more than any model that can be shown"
        )
    try:
        config = decode(text)
        if isinstance(config, str):
            # json.dump(model.to_json(), file) encodes twice; people do it.
            config = decode(config)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else first_line(error)
        raise SourceError(f"the configuration in {target.title} is not JSON that can be read: {reason}") from error
    try:
        return read_config(config, name=target.title, target=target, overrides=overrides)
    except SourceError as error:
        raise SourceError(f"{target.title!r}: {error}") from error
