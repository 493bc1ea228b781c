"""The claims are about more models than the other tests: all of them are built at once."""

from __future__ import annotations

import pytest

from effnet_inspect.claims import choose, targets_of
from effnet_inspect.sources import load_all


@pytest.fixture(scope="session", autouse=True)
def _kept_graphs_of_all_claims() -> None:
    load_all(targets_of(choose()))
