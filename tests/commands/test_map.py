"""The command `map`."""

from __future__ import annotations

import json

import pytest

from effnet_inspect.choices import CODE_BASES
from effnet_inspect.conventions import CONVENTIONS
from tests.command_line import run


def test_the_words_are_the_code_bases() -> None:
    assert tuple(CONVENTIONS) == CODE_BASES


def test_names_side_by_side() -> None:
    data = json.loads(run("map", "b0", "--to", "timm", "--find", "block2a_dwconv/", "--format", "json").stdout)
    assert (data["format"], data["from"], data["to"]) == (1, "keras", "timm")
    assert data["variables"] == [
        {
            "from": {"name": "block2a_dwconv/kernel", "shape": [3, 3, 96, 1]},
            "to": {"name": "blocks.1.0.conv_dw.weight", "shape": [96, 1, 3, 3]},
            "transpose": [2, 3, 0, 1],
            "role": "depthwise convolution",
            "sub_block": "2a",
        }
    ]


def test_a_table_for_converters() -> None:
    rows = run("map", "v2-s", "--from", "timm", "--to", "torchvision", "--format", "csv").stdout.splitlines()
    assert len(rows) == 1 + 2 * 336
    assert rows[1].startswith("conv_stem.weight,")


def test_a_program_is_printed() -> None:
    shown = run("map", "b0", "--to", "timm", "--code").stdout
    defined: dict[str, object] = {}
    exec(compile(shown, "convert.py", "exec"), defined)
    assert {"ARRAYS", "convert", "convert_back"} <= defined.keys()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("map b0", "Missing option '--to'"),
        ("map b0 --to tim", "Unknown code base 'tim', did you mean 'timm'?"),
        ("map v2-s --to efficientnet-pytorch", "efficientnet-pytorch has no EfficientNetV2-S"),
        ("map lite0 --from torchvision --to timm --code", "Torchvision has no EfficientNet-Lite0"),
        ("map b0 --to timm --code --find 4c", "--code prints a whole program"),
        ("map b0 --to timm --code --out x.json", "--code prints a whole program"),
    ],
)
def test_mistakes(line: str, said: str) -> None:
    result = run(*line.split())
    assert result.exit_code == 2
    assert said in result.stderr
