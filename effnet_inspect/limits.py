"""How much of a model is read, and how much is drawn: every bound in one place.

Model files are not trusted. The bounds lie far above any EfficientNet, so that an ordinary file never meets one, and
low enough that reading whatever there is ends within seconds, in a gigabyte of memory.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from effnet_inspect.errors import EffnetInspectError, SourceError

MEBIBYTE = 1024 * 1024

CONFIGURATION_BYTES = 32 * MEBIBYTE
"""Of a Keras model's configuration; that of the deepest network that can be built here takes a fifth of it."""

DIRECTORY_BYTES = 2 * MEBIBYTE
"""Of what an archive says it holds; Keras puts a handful of files into one."""

GRAPH_BYTES = 8 * MEBIBYTE
"""Of an ONNX file without weights and remarks. EfficientNets take one or two; decoded, a byte may take a hundred."""

ATTRIBUTE_BYTES = MEBIBYTE
"""Of one attribute of an ONNX node that is no tensor, or of one with names in an HDF5 file."""

FIELDS = 500_000
"""Of a protocol buffer, looked at one by one."""

GROUPS = 200_000
"""Of an HDF5 file, and datasets in them."""

HEADER_BYTES = 16 * MEBIBYTE
"""Of the header of a safetensors file; it takes a hundred bytes an array."""

PICKLE_BYTES = 16 * MEBIBYTE
"""Of the pickle in a PyTorch file, which has the names and shapes; it takes two hundred bytes an array."""

ARRAYS = 100_000
"""Of weights in a file."""

LAYERS = 50_000
REFERENCES = 200_000
"""From layers to the layers that they take their inputs from."""

SOURCES = 256
"""Weights that one constant of an ONNX file is computed from."""

NESTING = 32
"""Of models in models, and of groups in an HDF5 file."""

INNER_GRAPHS = 16
"""Of graphs in the nodes of ONNX graphs, one in the other."""

RANK = 16
"""Axes of a tensor."""

SIZE = 2**31
"""Positions along an axis, and whatever else is counted along one: kernels, strides, margins."""

COUNT = 10**24
"""Of elements, parameters or multiplications of one layer."""

NAME = 500
"""Characters of a name."""

EXPRESSION = 4096
"""Characters of a formula for a size."""

PIXELS = 100_000_000
"""Of a picture."""

SECONDS = 30
"""Of computing, for a whole command; waiting for Keras takes none."""

MEMORY = 1024 * MEBIBYTE
"""Bytes, for a whole command, beside what Python has when it begins."""

LOOK_EACH = 0.1
"""Seconds of computing after which it is looked how much was used."""


def within(number: int, most: int, what: str) -> None:
    """Raises SourceError where a number is more than a bound; the sentence names both.

    >>> within(40, RANK, "axes of a shape")
    Traceback (most recent call last):
    effnet_inspect.errors.SourceError: there are 40 axes of a shape, and 16 are the most that are read
    """
    if number > most:
        stated = f"{number:,}" if number < COUNT else "far too many"
        raise SourceError(f"there are {stated} {what}, and {most:,} are the most that are read")


class OverBudget(EffnetInspectError):
    """A command has used all the time or memory that it may use."""


@contextmanager
def budget() -> Iterator[None]:
    """End what is done inside with OverBudget once it has used SECONDS of computing or MEMORY.

    For whole commands: it takes the process' signal for used time, where there is one, and only in the main thread.
    """
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    import resource
    import time

    unit = 1 if sys.platform == "darwin" else 1024
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

    def look(number: int, frame: object) -> None:
        if time.process_time() - started > SECONDS:
            raise OverBudget(f"given up: this takes more than {SECONDS} seconds of computing")
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before > MEMORY:
            raise OverBudget(f"given up: this takes more than {MEMORY // MEBIBYTE:,} MiB of memory")

    earlier = signal.signal(signal.SIGPROF, look)
    signal.siginterrupt(signal.SIGPROF, False)
    signal.setitimer(signal.ITIMER_PROF, LOOK_EACH, LOOK_EACH)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, earlier)


@contextmanager
def little_memory() -> Iterator[None]:
    """Let the system give what is done inside no more than MEMORY beside what there is, where it is Linux.

    For libraries that believe what a file says of its size: they are refused the memory, and raise OSError or
    MemoryError, before Python could look at what they do.
    """
    if sys.platform != "linux":
        yield
        return
    import resource
    from pathlib import Path  # takes long to import, and every command knows its limits

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + MEMORY
    bounds = [each for each in (soft, hard, most) if each != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
