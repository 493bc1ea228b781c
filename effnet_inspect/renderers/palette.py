"""Colours: one table a theme, by the role that a box, line or text plays.

The fills are tints of the colour-blind safe set of Okabe and Ito (2008), apart in lightness too; words in the
boxes say the same, so that no meaning hangs on colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one theme; `fills` by role, everything a role does not name has the fill `plain`."""

    paper: str
    ink: str
    faint: str
    line: str
    skip: str
    accent: str
    outline: str
    fills: dict[str, str]

    def fill(self, role: str) -> str:
        """The fill of a box or frame of this role."""
        return self.fills.get(role, self.fills["plain"])


THEMES: dict[str, Theme] = {
    "light": Theme(
        paper="#ffffff",
        ink="#1c2430",
        faint="#5f6b7c",
        line="#5b6270",
        skip="#8a94a6",
        accent="#b3261e",
        outline="#5b6270",
        fills={
            "plain": "#f4f6f9",
            "stem": "#cfe0f5",
            "head": "#d3dae2",
            "classifier": "#e6eaef",
            "other": "#f4f6f9",
            "sub-block-1": "#f2b39b",
            "sub-block-2": "#f7e08f",
            "sub-block-3": "#c3b1e1",
            "sub-block-3-plain": "#e6dcf4",
            "add": "#cdeadb",
            "module-1": "#c9def4",
            "module-2": "#f7e08f",
            "module-3": "#f6cfa6",
            "module-4": "#e3d0e8",
            "module-5": "#c3b1e1",
            "fused": "#f2b39b",
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
        outline="#8793a5",
        fills={
            "plain": "#1f2630",
            "stem": "#254669",
            "head": "#3a4654",
            "classifier": "#2b3440",
            "other": "#1f2630",
            "sub-block-1": "#84402a",
            "sub-block-2": "#6b5710",
            "sub-block-3": "#54418a",
            "sub-block-3-plain": "#3a3158",
            "add": "#1f5a43",
            "module-1": "#254669",
            "module-2": "#6b5710",
            "module-3": "#7a4a17",
            "module-4": "#5b3a66",
            "module-5": "#54418a",
            "fused": "#84402a",
            "frame": "#171c24",
            "inner-frame": "#1d2430",
            "bar": "#5b8fc9",
            "rule": "#3a4654",
            "wrong": "#84402a",
            "right": "#1f5a43",
        },
    ),
}
