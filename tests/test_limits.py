"""The bounds of a whole command; those of files are tested with what reads them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from itertools import count

import pytest

from effnet_inspect import limits
from effnet_inspect.errors import SourceError
from effnet_inspect.limits import OverBudget, budget, within

posix = pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")


def test_what_is_within_a_bound() -> None:
    within(3, 3, "things")
    with pytest.raises(SourceError, match="there are 4 things, and 3 are the most that are read"):
        within(4, 3, "things")
    with pytest.raises(SourceError, match="there are far too many things, and 3 are"):
        within(10**5000, 3, "things")


@posix
def test_computing_without_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.2)
    began = time.process_time()
    with pytest.raises(OverBudget, match=r"more than 0\.2 seconds"), budget():
        all(time.process_time() - began < 20 for _ in count())
    assert time.process_time() - began < 5


MEMORY = """
from effnet_inspect import limits
from effnet_inspect.errors import SourceError
limits.MEMORY = 50 * limits.MEBIBYTE
kept = []
with limits.budget():
    for _ in range(100_000_000):
        kept.append(bytearray(100_000))
"""


@posix
def test_memory_without_end_is_ended() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, timeout=60)
    assert done.stderr.splitlines()[-1].endswith("more than 50 MiB of memory")


@posix
def test_the_signal_is_given_back() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with budget():
        assert signal.getsignal(signal.SIGPROF) is not before
    assert signal.getsignal(signal.SIGPROF) is before
    assert signal.getitimer(signal.ITIMER_PROF) == (0, 0)
