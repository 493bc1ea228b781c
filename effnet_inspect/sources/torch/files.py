"""Files of PyTorch -> LayerGraph: programs of torch.export are read, all else is told what it is.

No code in a file is run: of a pickle only the names of the classes are looked at that reading it would make.
"""

from __future__ import annotations

import json
import pickletools
from collections.abc import Iterator
from pathlib import Path

from effnet_inspect import limits
from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.errors import SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.archives import PYTORCH_PICKLE, mebibytes, opened
from effnet_inspect.sources.messages import first_line
from effnet_inspect.sources.torch.live_module import graph_of
from effnet_inspect.sources.torch.serialized import program_of

PROGRAMS = ("/models/model.json", "serialized_exported_program.json")
"""What the program is called in an archive of torch.export: today, and in its first years."""

PLAIN = frozenset({"collections", "torch", "torch._utils", "builtins", "__builtin__", "_codecs", "numpy", "argparse"})
"""Packages and modules whose classes hold weights and settings, and no architecture."""

INSTEAD = "name the model in your code as module:attribute"


def read_archive(target: FileTarget) -> LayerGraph:
    """The graph of a program that torch.export.save has written.

    Raises:
        SourceError: for any other archive; says what it is.
    """
    path = Path(target.path)
    with opened(path) as archive:
        for name in archive.names:
            if name.endswith(PROGRAMS):
                return _graph(target, archive.read(name, limits.CONFIGURATION_BYTES))
        if any("/code/" in name for name in archive.names):
            raise SourceError(
                f"the file {path.name} holds TorchScript, which is not read: save it with torch.export.save, or "
                f"{INSTEAD}"
            )
        pickles = [name for name in archive.names if name.rpartition("/")[2] == PYTORCH_PICKLE]
        if not pickles:
            raise SourceError(
                f"the file {path.name} is an archive that holds neither a program nor a module of PyTorch"
            )
        raise SourceError(_told(path, archive.read(pickles[0], limits.GRAPH_BYTES)))


def read_pickle(target: FileTarget) -> LayerGraph:
    """No graph: a pickle of PyTorch's first years holds none that can be read without running code.

    Raises:
        SourceError: says what it is.
    """
    path = Path(target.path)
    with path.open("rb") as stream:
        raise SourceError(_told(path, stream.read(limits.GRAPH_BYTES + 1)))


def _graph(target: FileTarget, text: bytes) -> LayerGraph:
    if len(text) > limits.CONFIGURATION_BYTES:
        raise SourceError(f"the program in {target.title} is larger than {mebibytes(limits.CONFIGURATION_BYTES)}")
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"the program in {target.title} is not JSON that can be read: {first_line(error)}") from error
    try:
        program = program_of(stated, target.resolution)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise SourceError(f"the program in {target.title} is not written as torch.export writes it") from error
    return graph_of(program, target.title, target)


def _told(path: Path, pickle: bytes) -> str:
    """What a pickle holds, in a sentence with what to do instead."""
    foreign = next((name for name in _classes(pickle) if name.split(".")[0] not in PLAIN or ".nn." in name), None)
    if foreign:
        return (
            f"the file {path.name} holds a pickled {foreign}, which cannot be read without running code: {INSTEAD}, or "
            "save a program of it with torch.export.save (and its weights with torch.save(model.state_dict(), ...))"
        )
    return (
        f"the file {path.name} holds weights by their names (a state dictionary) and no architecture: "
        f"effnet-inspect weights FILE says what network they are of; for its architecture, {INSTEAD}"
    )


def _classes(pickle: bytes) -> Iterator[str]:
    """The full names of all classes and functions that a pickle names; as far as it can be followed."""
    texts: list[str] = []
    try:
        for operation, argument, _ in pickletools.genops(pickle):
            if operation.name == "GLOBAL":
                yield str(argument).replace(" ", ".")
            elif operation.name == "STACK_GLOBAL" and len(texts) > 1:
                yield ".".join(texts[-2:])
            elif isinstance(argument, str):
                texts = [*texts[-1:], argument]
    except ValueError:
        return  # what comes before the damage tells enough
