"""The process that builds: `python -m effnet_inspect.sources.worker TARGET...` writes one answer a target.

An answer is a line: `graph` and an encoded graph, or `error` and a sentence. Whatever else the frameworks or
the user's code print goes to standard error, which the asking process keeps to itself. The worker's standard
input says nothing; its end tells the worker that the asking process is gone.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from effnet_inspect.errors import EffnetInspectError, SourceError
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.codec import decode, encode

Started = Callable[[str], None]


def build_apart(targets: Sequence[str], started: Started) -> Iterator[LayerGraph]:
    """Build all targets in one process of their own, in order; `started` is told each target before it is built.

    Raises:
        SourceError: where one cannot be built, or the process ends without an answer.
    """
    if not targets:
        return
    environment = {
        **os.environ,
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        "PYTHONIOENCODING": "utf-8",
    }
    command = [sys.executable, "-m", __name__, *targets]
    with (
        tempfile.TemporaryFile() as chatter,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=chatter, env=environment
        ) as process,
    ):
        try:
            assert process.stdout is not None
            for target in targets:
                started(target)
                kind, _, answer = process.stdout.readline().partition(b" ")
                if kind == b"error":
                    raise SourceError(answer.decode().strip())
                if kind != b"graph":
                    raise SourceError(f"the process that builds {target} ended: {_last_line(chatter)}")
                try:
                    graph = decode(answer)
                except ValueError as error:
                    raise SourceError(f"the process that builds {target} ended within its answer: {error}") from error
                yield graph
        finally:
            process.kill()


def _last_line(chatter: IO[bytes]) -> str:
    chatter.seek(0)
    lines = chatter.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _end_with_the_asking_process() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def main(targets: Sequence[str]) -> None:
    """Answer each target on the real standard output."""
    threading.Thread(target=_end_with_the_asking_process, daemon=True).start()
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


if __name__ == "__main__":
    main(sys.argv[1:])
