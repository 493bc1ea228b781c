"""The command `diagram`: what it draws, and the file that it writes where none is named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.command_line import run

DATA = Path(__file__).parents[1] / "sources" / "data"

FILES = {
    "b0": "b0.svg",
    "B0@224": "b0.svg",
    "b0@64": "b0@64.svg",
    "b0 --view stem": "b0-stem.svg",
    "b0 --view architecture --expand -f dot": "b0.dot",
    "b0 --block 4": "b0-block-4.svg",
    "b0 -v block -b 2 -f png --dpi 36": "b0-block-2.png",
    "b0 -o mine.gv": "mine.gv",
    "b0 -f dot -o mine.txt": "mine.txt",
    "my~model.json": "my_model.svg",
    "./my~model.json -v sub-blocks": "my_model-sub-blocks.svg",
}


@pytest.mark.parametrize("line", FILES)
def test_the_file_is_named_by_what_is_drawn(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "my~model.json"
    model.write_bytes(gzip.decompress((DATA / "efficientnet-1.1.1-b0.json.gz").read_bytes()))
    result = run("diagram", *line.split())
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"Wrote {FILES[line]}\n")
    assert {path.name for path in tmp_path.iterdir()} == {model.name, FILES[line]}
