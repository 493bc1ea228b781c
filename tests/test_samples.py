"""`sample_output/` is what the commands really write, and describes the contracts as they are."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.views.contracts import MeasuredData
from tests.contracts import describe_contracts
from tests.notebook import executed
from tests.samples import FOLDER, NOTEBOOK, RUN_APART, SAMPLES, write

STALE = "sample_output/ is out of date: run python -m tests.samples"
TEXTS = ("README.md", *(sample.name for sample in SAMPLES if sample.is_text))
LARGEST_BYTES = 3_000_000
"""Of the whole folder: everyone who clones the project downloads it."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The text samples as the commands write them now."""
    folder = tmp_path_factory.mktemp("samples")
    write(folder, only_text=True)
    return folder


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_sample_is_what_its_command_writes(name: str, written: Path) -> None:
    assert (FOLDER / name).is_file(), STALE
    kept, now = ((folder / name).read_text(encoding="utf-8") for folder in (FOLDER, written))
    # Which releases built a model is another matter on each machine.
    assert BUILT_BY.sub("", kept) == BUILT_BY.sub("", now), STALE


BUILT_BY = re.compile(r'"built_by": \{[^}]*\}')


def test_the_folder_contains_the_samples_and_nothing_else() -> None:
    sizes = {path.relative_to(FOLDER).as_posix(): path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()}
    assert set(sizes) == {"README.md", NOTEBOOK, *(sample.name for sample in SAMPLES), *RUN_APART}, STALE
    assert all(sizes.values())
    assert sum(sizes.values()) < LARGEST_BYTES


@pytest.mark.filterwarnings("ignore")  # of the kernel's own packages
def test_the_notebook_shows_what_it_is_kept_with() -> None:
    kept, now = nbformat.read(FOLDER / NOTEBOOK, as_version=4), executed()
    assert [cell.source for cell in kept.cells] == [cell.source for cell in now.cells], STALE
    for before, after in zip(kept.cells, now.cells, strict=True):
        shown = [[output.get("data", output) for output in cell.get("outputs", [])] for cell in (before, after)]
        assert shown[0] == shown[1], STALE
        assert not shown[1] or "text/html" in shown[1][0]


def test_a_sample_of_every_kind_of_file_is_there() -> None:
    assert {Path(sample.name).suffix for sample in SAMPLES} == {
        *(".txt", ".json", ".csv", ".md", ".html", ".tex"),
        *(".svg", ".png", ".dot", ".tikz"),  # not .pdf, which states when it was made
    }


def test_every_measure_that_adds_up_is_in_the_contracts() -> None:
    assert list(MeasuredData.__annotations__) == [key for key, row in MEASURES.items() if row.combine == "sum"]


@pytest.mark.parametrize("words", ["#### SummaryData", "| `sub_blocks` | list of [SubBlockData](#subblockdata) |"])
def test_the_contracts_are_described(words: str) -> None:
    assert words in describe_contracts()


def test_no_contract_is_described_twice() -> None:
    headings = [line for line in describe_contracts() if line.startswith("#### ")]
    assert len(headings) == len(set(headings))
