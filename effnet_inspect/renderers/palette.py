"""Colours: one table a theme, by the role that a box, line or text plays.

The fills are tints near the colour-blind safe set of Okabe and Ito (2008). Those of roles that stand together keep
a CIELAB distance of about 9, with and without deuteranopia; words in the boxes say the same, so that no meaning
hangs on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from effnet_inspect.choices import ThemeName
from effnet_inspect.drawing import BoxRole, FrameRole, LineRole, TextRole


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one theme; `fills` by the role of a box or frame."""

    paper: str
    ink: str
    faint: str
    line: str
    skip: str
    accent: str
    comparable: str
    fills: dict[BoxRole | FrameRole, str]

    def fill(self, role: BoxRole | FrameRole) -> str:
        """The fill of a box or frame of this role."""
        return self.fills[role]

    def text(self, role: TextRole) -> str:
        """The colour of a text of this role."""
        return {"ink": self.ink, "faint": self.faint, "accent": self.accent}[role]

    def stroke(self, role: LineRole) -> str:
        """The colour of a line of this role."""
        return {"flow": self.line, "skip": self.skip}[role]


THEMES: dict[ThemeName, Theme] = {
    "light": Theme(
        paper="#ffffff",
        ink="#1c2430",
        faint="#5f6b7c",
        line="#5b6270",
        skip="#737d90",
        accent="#b3261e",
        comparable="#5b6270",
        fills={
            "plain": "#f4f6f9",
            "stem": "#cfe0f5",
            "head": "#c8cdcf",
            "classifier": "#ecf2fa",
            "other": "#f4f6f9",
            "sub-block-1": "#f2b39b",
            "sub-block-2": "#f7e08f",
            "sub-block-3": "#c3b1e1",
            "sub-block-3-plain": "#d8bad9",
            "add": "#cdeadb",
            "module-1": "#b3ddfe",
            "module-2": "#f3e9b5",
            "module-3": "#f0ba7d",
            "module-4": "#cea3ba",
            "module-5": "#b9a9c9",
            "fused": "#abc37c",
            "frame": "#fafbfc",
            "inner-frame": "#f1f3f7",
            "bar": "#5b8fc9",
            "rule": "#c5ccd6",
            "wrong": "#f2b39b",
            "right": "#cdeadb",
        },
    ),
    "dark": Theme(
        paper="#12161c",
        ink="#eef1f5",
        faint="#a3aebd",
        line="#a3aebd",
        skip="#7d899b",
        accent="#ff8a7a",
        comparable="#8793a5",
        fills={
            "plain": "#1f2630",
            "stem": "#254669",
            "head": "#39495c",
            "classifier": "#2d3540",
            "other": "#1f2630",
            "sub-block-1": "#84402a",
            "sub-block-2": "#6b5710",
            "sub-block-3": "#54418a",
            "sub-block-3-plain": "#382c4c",
            "add": "#1f5a43",
            "module-1": "#295d86",
            "module-2": "#7e642e",
            "module-3": "#542812",
            "module-4": "#723b5b",
            "module-5": "#6c56a8",
            "fused": "#4e703f",
            "frame": "#171c24",
            "inner-frame": "#1d2430",
            "bar": "#5b8fc9",
            "rule": "#3a4654",
            "wrong": "#84402a",
            "right": "#1f5a43",
        },
    ),
}
