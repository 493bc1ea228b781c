"""`sample_output/` is what the commands really write: `python -m tests.samples` makes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.samples import COMMANDS, FOLDER, TEXT_ENDINGS, write

STALE = "sample_output/ is stale: run python -m tests.samples"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The text samples as the commands write them now."""
    folder = tmp_path_factory.mktemp("samples")
    write(folder, only_text=True)
    return folder


@pytest.mark.parametrize("name", [name for name in COMMANDS if Path(name).suffix in TEXT_ENDINGS])
def test_a_text_sample_is_what_its_command_writes(name: str, written: Path) -> None:
    assert (FOLDER / name).is_file(), STALE
    assert (FOLDER / name).read_text(encoding="utf-8") == (written / name).read_text(encoding="utf-8"), STALE


def test_the_folder_holds_the_samples_and_nothing_else() -> None:
    held = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert held == set(COMMANDS), STALE
    assert not [name for name in held if (FOLDER / name).stat().st_size == 0]
