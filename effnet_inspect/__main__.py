"""`python -m effnet_inspect` is `effnet-inspect`."""

import os
import sys

# Python searches the working folder first, where a file named like a module would be run. The package needs no search.
first = sys.path[0]
if not first or (os.path.isdir(first) and os.path.samefile(first, ".")):  # noqa: PTH112, PTH121
    del sys.path[0]

from effnet_inspect.cli import main  # noqa: E402

main(prog_name="effnet-inspect")
