"""The process that builds: it is given targets, and writes one answer for each.

An answer is a line: `graph` and an encoded graph, or `error` and a sentence. Whatever else the frameworks or
the user's code print goes to standard error, which the asking process keeps to itself. The end of what the worker is
given as standard input tells it that the asking process is gone; user code finds an empty standard input instead.

Nothing that lies in the working folder is imported, unless the user's own code is what is asked for, and that has a
process of its own: what it does to Keras reaches no model that is built here and kept.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from effnet_inspect.errors import EffnetInspectError, SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.codec import decode, encode

Started = Callable[[str], None]

PROGRAM = """
import sys
from importlib.util import module_from_spec, spec_from_file_location

before, after = {before!r}, {after!r}
sys.path[:] = [*before, *(each for each in sys.path if each not in before)]
sys.path += [each for each in after if each not in sys.path]
found = spec_from_file_location("effnet_inspect", {package!r}, submodule_search_locations=[{folder!r}])
sys.modules["effnet_inspect"] = package = module_from_spec(found)
found.loader.exec_module(package)
from effnet_inspect.sources.worker import main

main(sys.argv[1:])
"""
"""What the worker runs. Python's own folders come first but for `before`; this package is found by its place alone."""


def build_apart(targets: Sequence[str], started: Started, *, runs_user_code: bool = False) -> Iterator[LayerGraph]:
    """Build all targets in one process of their own, in order; `started` is told each target before it is built.

    Args:
        targets: as they are written; all of them variants, or all of them in the user's code.
        started: told what is built now.
        runs_user_code: True finds modules in the working folder, and obeys the user's settings of Keras.

    Raises:
        SourceError: where one cannot be built, or the process ends without an answer.
    """
    if not targets:
        return
    # Isolated, Python looks neither into the working folder nor at the variables that would lead it there.
    command = [sys.executable, "-I", "-X", "utf8", "-c", _program(runs_user_code), *targets]
    with (
        tempfile.TemporaryFile() as chatter,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=chatter,
            env=_environment(runs_user_code),
        ) as process,
    ):
        try:
            assert process.stdout is not None
            for target in targets:
                started(target)
                kind, _, answer = process.stdout.readline().partition(b" ")
                if kind == b"error":
                    raise SourceError(answer.decode(errors="replace").strip())
                if kind != b"graph":
                    raise SourceError(f"the process that builds {target} ended: {_last_line(chatter)}")
                try:
                    graph = decode(answer)
                except ValueError as error:
                    raise SourceError(f"the process that builds {target} ended within its answer: {error}") from error
                yield graph
        finally:
            process.kill()


def _program(runs_user_code: bool) -> str:
    """PROGRAM, to find what this process finds: behind the installation, and without the working folder.

    User code finds what `python -m` would, the working folder first.
    """
    here = _working_folder()
    found = [each for each in sys.path if Path(each).is_absolute() and (here is None or Path(each).resolve() != here)]
    before = [str(here), *found] if runs_user_code and here else []
    package = Path(__file__).parents[1]
    return PROGRAM.format(before=before, after=found, package=str(package / "__init__.py"), folder=str(package))


def _working_folder() -> Path | None:
    """None where it was removed, and nothing can be found in it."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _environment(runs_user_code: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if runs_user_code or not name.startswith("KERAS_")}
    # Keras looks there for settings of the user's, and finds none.
    settings = {} if runs_user_code else {"KERAS_HOME": os.devnull}
    return {
        **kept,
        **settings,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONIOENCODING": "utf-8",
    }


def _last_line(chatter: IO[bytes]) -> str:
    chatter.seek(0)
    lines = chatter.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _end_with_the_asking_process() -> None:
    """Wait for the end of standard input in a thread, and leave an empty one to whoever asks for it."""
    given = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    def wait() -> None:
        os.read(given, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main(targets: Sequence[str]) -> None:
    """Answer each target on the real standard output."""
    _end_with_the_asking_process()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    gc.disable()  # graphs are built once and kept to the end: collecting among them only costs time

    from effnet_inspect.catalog.targets import FileTarget, parse_target
    from effnet_inspect.sources.live import build

    for target in targets:
        try:
            parsed = parse_target(target)
            assert not isinstance(parsed, FileTarget), "files are read without Keras"
            answer = b"graph " + encode(build(parsed))
        except EffnetInspectError as error:
            answer = b"error " + " ".join(str(error).split()).encode(errors="replace") + b"\n"
        answers.write(answer)
        answers.flush()
    # The frameworks take long to take themselves down, and everything has been said.
    os._exit(0)
