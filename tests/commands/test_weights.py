"""The command `weights`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from effnet_inspect.checkpoints.checkpoint import Array, Checkpoint
from effnet_inspect.conventions.recognition import recognize
from effnet_inspect.views.weights import weights
from tests.checkpoints.files import arrays_of, kept, write_pytorch, write_safetensors
from tests.command_line import run


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(write_safetensors(tmp_path / "b0.safetensors", arrays_of("b0", "timm")))


def test_what_a_file_is(file: str) -> None:
    data = json.loads(run("weights", file, "--format", "json").stdout)
    expected = {
        "format": 1, "file": "b0.safetensors", "kind": "safetensors file", "code_base": "timm", "variant": "b0",
        "changed": False, "up_to": "classifier", "input_channels": 3, "classes": 1000, "arrays": 360,
        "parameters": 5_330_571 - 7, "dtype": "float32", "prefix": "", "extra": [], "into": None,
    }  # fmt: skip
    assert {key: data[key] for key in expected} == expected


@pytest.mark.parametrize(("target", "code"), [("b0", 0), ("b0@512", 0), ("b1", 3), ("b9", 2)])
def test_a_script_can_ask(file: str, target: str, code: int) -> None:
    result = run("weights", file, "--into", target)
    assert result.exit_code == code
    assert (f"They {'do not ' if code else ''}fit {target.upper()}" in result.stdout) is (code != 2)


def test_what_does_not_fit_is_told_by_reason_and_in_data_array_by_array(file: str) -> None:
    into = json.loads(run("weights", file, "--into", "b1", "-f", "json").stdout)["into"]
    assert (into["target"], into["fits"], into["matched"], len(into["missing"])) == ("b1", False, 311, 128)
    assert into["missing"][0] == {
        "name": "blocks.0.1.conv_dw.weight",
        "model_shape": [16, 1, 3, 3],
        "reason": "the file has no sub-block 1b: it is EfficientNet-B0, the model EfficientNet-B1",
    }
    rows = run("weights", file, "--into", "b1", "-f", "csv").stdout.splitlines()
    assert len(rows) == 1 + 311 + 128 + 3
    shown = run("weights", file, "--into", "b1").stdout
    assert shown.count("the file has no sub-block") == 7
    assert "Build EfficientNet-B0 for these weights" in shown


def test_so_many_reasons_and_no_more_are_shown(file: str) -> None:
    shown = run("weights", file, "--into", "v2-s").stdout
    assert len(re.findall(r"^ +\d+  (?:missing|other shape|left over) ", shown, re.MULTILINE)) == 12
    assert "more: --format csv lists them all." in shown


def test_every_array_with_its_role(file: str) -> None:
    rows = run("weights", file, "-f", "csv").stdout.splitlines()
    assert len(rows) == 361
    (row,) = [row for row in rows if row.startswith("blocks.3.2.se.conv_reduce.weight,")]
    assert row.endswith(",float32,squeeze-excite reduction,4c")


@pytest.mark.parametrize("form", ["markdown", "html", "latex"])
def test_other_formats(file: str, form: str) -> None:
    result = run("weights", file, "--into", "b1", "-f", form)
    assert result.exit_code == 3
    assert "1b" in result.stdout


def test_failures_are_one_sentence(tmp_path: Path) -> None:
    hostile = write_pytorch(tmp_path / "x.pt", b"\x80\x02cos\nsystem\nX\x01\x00\x00\x00a\x85R.")
    for path, said in (
        (hostile, "it needs os.system, which is neither a tensor's nor a plain setting's; save model.state_dict()"),
        (hostile, "no code in it was run"),
        (tmp_path / "none.pt", "There is no file"),
        (kept("torch-2.13-module.pt", tmp_path), "Sequential"),
    ):
        result = run("weights", str(path))
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
        assert said in result.stderr


def test_the_file_is_not_written_over(file: str) -> None:
    result = run("weights", file, "--out", file, "--format", "json")
    assert result.exit_code == 2
    assert "would take the place of the model that is read" in result.stderr


def test_the_type_of_a_file_is_that_of_most_of_its_numbers(tmp_path: Path) -> None:
    """A file may have more arrays of another type, as counters of batches are."""
    arrays = tuple(Array(f"counter_{index}", (), "int64") for index in range(9))
    checkpoint = Checkpoint("mine.pt", "file", 1, (*arrays, Array("kernel", (3, 3, 8, 8), "float16")))
    assert weights(checkpoint, recognize(checkpoint)).data["dtype"] == "float16"
