"""Options that several commands share, and that do not go together."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.command_line import run

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell and devices")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("diagram b0 --block 0", "There is no block 0"),
        ("summary b0 --block 0", "There is no block 0"),
        ("diagram b0 --view stem --expand", "--expand goes with the views"),
        ("compare b0 b1 --by macs --out growth.svg", "'svg' is a drawing"),
        ("compare b0 b1 --only-differences --format png", "'png' is a drawing"),
        ("compare b0 b1 --view diff --format json", "--view diff is a drawing, and 'json' is not"),
        ("compare b0 b1 --view shape --out x.csv", "--view shape is a drawing, and 'csv' is not"),
        ("compare b0 b1 --view shape --by macs", "'svg' is a drawing"),
        ("compare b0 b1 b2 --view diff --out x.svg", "sets two models side by side, and there are 3"),
        ("compare b0 b1 --view growht --out x.svg", "did you mean 'growth'?"),
        ("diagram b0 --heat flops --out x.svg", "Unknown heat 'flops'"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    command: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*command.split())
    assert result.exit_code == 2
    assert message in result.stderr
    assert not list(tmp_path.iterdir())
