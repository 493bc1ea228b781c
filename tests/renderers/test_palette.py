"""The colours of roles: every role has one, and there is none for a word that is no role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from effnet_inspect.choices import DiagramFormat
from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame, FrameRole, LineRole, Path, TextRole
from effnet_inspect.renderers import FORMATS
from effnet_inspect.renderers.palette import THEMES, Ground, Theme

BOX = Box("a", 0, 0, 10, 10, "plain")
MISSPELT: Any = "sub-blok-1"

FIGURES = {
    "box": Diagram("x", 20, 20, (Box("a", 0, 0, 10, 10, MISSPELT),)),
    "frame": Diagram("x", 20, 20, (Box("a", 0, 0, 10, 10, "plain", frame="f"),), (Frame("f", 0, 0, 20, 20, MISSPELT),)),
    "path": Diagram("x", 20, 20, (BOX,), paths=(Path("a", "a", ((0, 0), (5, 5)), MISSPELT),)),
    "caption": Diagram("x", 20, 20, captions=(Caption("a", 0, 0, role=MISSPELT),)),
}


@pytest.mark.parametrize("format_name", get_args(DiagramFormat))
@pytest.mark.parametrize("what", FIGURES)
def test_a_misspelt_role_is_no_colour(what: str, format_name: DiagramFormat) -> None:
    with pytest.raises(KeyError, match="sub-blok-1"):
        FORMATS[format_name].render(FIGURES[what])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("roles", "colour"),
    [(BoxRole, Theme.fill), (FrameRole, Theme.fill), (TextRole, Theme.text), (LineRole, Theme.stroke)],
)
def test_every_role_has_a_colour(roles: Any, colour: Callable[[Theme, Any], str], theme: Ground) -> None:
    for role in get_args(roles):
        if role != "bracket":  # drawn by its corners alone
            assert colour(THEMES[theme], role).startswith("#"), role


LEAST_CONTRAST = 1.3


def luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("role", get_args(BoxRole))
def test_what_has_no_border_can_be_told_from_the_paper(role: BoxRole, theme: Ground) -> None:
    if not Box("a", 0, 0, 10, 10, role, outlined=False).is_patch:
        return
    low, high = sorted(luminance(colour) for colour in (THEMES[theme].fill(role), THEMES[theme].paper))
    assert (high + 0.05) / (low + 0.05) >= LEAST_CONTRAST
