"""The command `variants`."""

from __future__ import annotations

import json
import sys

import pytest

from effnet_inspect.catalog.variants import VARIANTS
from tests.command_line import run

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell and devices")


def test_the_command_lists_all_that_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {key: VARIANTS[key] for key in ("b0", "v2-b0", "lite0")}
    monkeypatch.setattr("effnet_inspect.commands.variants.VARIANTS", known)
    rows = json.loads(run("variants", "--format", "json").stdout)["variants"]
    assert [row["target"] for row in rows] == ["b0", "v2-b0", "lite0"]


@pytest.mark.parametrize(("amount", "code"), [("10M", 0), ("x", 2), ("", 2), ("-1", 2), ("10 kB", 2)])
def test_amounts(amount: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("effnet_inspect.commands.variants.VARIANTS", {"b0": VARIANTS["b0"]})
    result = run("variants", "--max-params", amount)
    assert result.exit_code == code
    assert "is not a valid amount" in result.stderr if code else "1 of 1 variants fits." in result.stdout
