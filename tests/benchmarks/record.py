"""Writes what the benchmarks measured to `sample_output/`: `python -m tests.benchmarks.record [ROUNDS [FOLDER]]`.

FOLDER is where `tests.benchmarks.peers` keeps its virtual environments. On an idle machine it takes half an hour.
"""

from __future__ import annotations

import sys

from tests.benchmarks import growth, peers, repeated
from tests.samples import FOLDER

PICTURE = "growth.svg"

TEXT = """\
# Time and memory

Measured once, on one machine: compare the rows, not the seconds. `python -m tests.benchmarks.record` measures again.

## Beside other tools

Each shows EfficientNet-B0 and B7 as it usually does: the wall-clock time, the processor time and the peak memory of the
whole process, from the start of Python on.

{peers}

## What is repeated

A command that was called before, beside what it cannot do without: Python, click, rich and a table as large; for
`--help` Python and click. Then where the time of a summary goes. Between calls graphs are kept, and nothing that was
worked out from them: what is shown is derived from the graph each time.

{repeated}

## By the size of the network

Networks of B0's design, many times deeper, as ONNX files and as configurations of Keras.

![Time and memory against the number of layers]({picture})

{growth}
"""


def main(rounds: str = "3", folder: str = "") -> None:
    """Measure, and write the page and its picture."""
    beside = "\n".join(peers.table(int(rounds), folder))
    again = "\n".join(repeated.tables(int(rounds)))
    sizes = "\n".join(growth.tables(int(rounds), FOLDER / PICTURE))
    page = TEXT.format(peers=beside, repeated=again, growth=sizes, picture=PICTURE)
    (FOLDER / "benchmarks.md").write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
