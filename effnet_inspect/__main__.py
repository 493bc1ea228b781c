"""`python -m effnet_inspect` is `effnet-inspect`."""

from effnet_inspect.cli import main

main(prog_name="effnet-inspect")
