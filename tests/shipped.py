"""Builds the graphs that come with the package, and writes them: `python -m tests.shipped`."""

from __future__ import annotations

from effnet_inspect.sources import load_all, shipped

if __name__ == "__main__":
    shipped.write(load_all(shipped.TARGETS, use_cache=False))
