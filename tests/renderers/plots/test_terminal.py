"""Plots as text: as wide as there is room, no control codes without colour, every model told from the others."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from effnet_inspect.choices import PLOT_NAMES, PlotName
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.plots import render
from effnet_inspect.renderers.plots.terminal import BLANK, NARROWEST, SIGNS, USUAL_WIDTH, WIDEST
from effnet_inspect.views.plot import KINDS, USUAL, PlotOptions
from tests.graphs import network_of

CODE = re.compile("\x1b\\[[0-9;]*m")


def text_of(kind: PlotName, *targets: str, width: int | None = None, colour: bool = False) -> str:
    networks = [network_of(target) for target in targets or USUAL[kind]]
    return render(KINDS[kind](networks, PlotOptions()).plot, "terminal", Options(width, colour)).decode()


@pytest.mark.parametrize("kind", PLOT_NAMES)
@pytest.mark.parametrize("width", [None, 20, 60, 80, 300])
def test_it_is_as_wide_as_there_is_room(kind: PlotName, width: int | None) -> None:
    lines = text_of(kind, width=width).splitlines()
    most = min(max(width or USUAL_WIDTH, NARROWEST), WIDEST)
    drawn = [line for line in lines if "┤" in line or "│" in line or "└" in line]
    assert drawn
    assert max(map(cell_len, drawn)) <= most
    assert max(len(line) for line in lines if " " in line.strip()) <= max(most, 90)


@pytest.mark.parametrize("kind", PLOT_NAMES)
def test_without_colour_there_are_no_control_codes_and_with_it_the_same_words(kind: PlotName) -> None:
    plain, coloured = text_of(kind, width=90), text_of(kind, width=90, colour=True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", plain)
    assert BLANK not in plain
    assert CODE.search(coloured)
    assert [line.rstrip() for line in CODE.sub("", coloured).splitlines()] == plain.splitlines()


def test_every_model_has_its_name_or_its_sign() -> None:
    text = text_of("accuracy")
    for target in USUAL["accuracy"]:
        assert network_of(target).title in text
    many = text_of("cost", *(f"b{number}" for number in range(8)))
    for number, sign in zip(range(8), SIGNS, strict=False):
        assert f"{sign} B{number}" in many
        assert many.count(sign) > 1
    assert "Bytes moved" in many


@pytest.mark.parametrize("target", ["b0", "b7", "l2", "v2-xl"])
@pytest.mark.parametrize("width", [40, 60, 100, 140])
def test_every_panel_names_every_part_in_one_way(target: str, width: int) -> None:
    lines = text_of("cost", target, width=width).splitlines()
    named = [lines[at + 1].split() for at, line in enumerate(lines) if "└" in line]
    assert named == [["S", *"1234567", "F", "C"]] * 4


def test_networks_that_are_the_same_have_one_sign_that_names_both() -> None:
    text = text_of("receptive-field", "b0", "b0")
    assert f"{SIGNS[0]} B0 (1) = B0 (2)" in text
    assert SIGNS[1] not in text
    assert text.count(SIGNS[0]) > 2


def test_a_point_is_where_its_axes_say() -> None:
    lines = text_of("receptive-field", "b0", "b7").splitlines()
    top = next(at for at, line in enumerate(lines) if line.startswith("Resolution"))
    panel = lines[top + 1 : top + 15]
    (row_of_b7,) = (at for at, line in enumerate(panel) if line.split("┤")[0].strip() == "300")
    assert row_of_b7 <= 1
    assert "◆" in panel[row_of_b7] or "◆" in panel[row_of_b7 + 1]
