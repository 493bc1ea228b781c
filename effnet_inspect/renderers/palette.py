"""Colours: one table a theme, by the role that a box, line or text plays.

Those of roles that stand together keep a CIELAB distance of 20, with and without deuteranopia; words in the boxes say
the same, so that no meaning hangs on colour alone. Those of heat grow steadily darker, and in the dark theme lighter:
a print in grey has the same order. No two roles share a colour of the light theme where they differ in the dark one,
because `auto` replaces colours, not roles.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

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

    def border(self, role: FrameRole) -> str:
        """The colour of the border of a frame of this role."""
        return {"bracket": self.accent, "plain": self.line}.get(role) or self.fill("rule")

    def text(self, role: TextRole) -> str:
        """The colour of a text of this role."""
        return {"ink": self.ink, "faint": self.faint, "accent": self.accent}[role]

    def stroke(self, role: LineRole) -> str:
        """The colour of a line of this role."""
        return {"flow": self.line, "skip": self.skip, "tap": self.line}[role]


Ground = Literal["light", "dark"]

THEMES: dict[Ground, Theme] = {
    "light": Theme(
        paper="#ffffff",
        ink="#1c2430",
        faint="#5f6b7c",
        line="#5b6270",
        skip="#737d90",
        accent="#b3261e",
        comparable="#5c6370",
        fills={
            "plain": "#f4f6f9",
            "stem": "#c6dffb",
            "head": "#8c9aab",
            "classifier": "#fefefe",
            "other": "#f4f6f9",
            "sub-block-1": "#f6907f",
            "sub-block-2": "#f5d362",
            "sub-block-3": "#bfb0f6",
            "sub-block-3-plain": "#9181d9",
            "fused-opening": "#f0a908",
            "fused-repeat": "#779f39",
            "add": "#ace0b9",
            "module-1": "#78c5ff",
            "module-2": "#f8e7ae",
            "module-3": "#f3a860",
            "module-4": "#bb8b8d",
            "module-5": "#6e8ce3",
            "fused": "#709f48",
            "frame": "#fafbfc",
            "inner-frame": "#f1f3f7",
            "bar": "#5b8fc9",
            "rule": "#c5ccd6",
            "wrong": "#f2b39b",
            "right": "#cdeadb",
            "heat-1": "#f9f1d2",
            "heat-2": "#f7ddaa",
            "heat-3": "#f6c78b",
            "heat-4": "#f7b072",
            "heat-5": "#f79761",
            "heat-6": "#f77b57",
            "heat-7": "#f45c54",
            "same": "#e6e9ee",
            "changed": "#f5cf4f",
            "changed-slightly": "#fbf0bd",
            "inserted": "#86bdf5",
            "deleted": "#f09480",
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
            "stem": "#104c6c",
            "head": "#646e82",
            "classifier": "#101a17",
            "other": "#1f2630",
            "sub-block-1": "#b44b00",
            "sub-block-2": "#7e6d29",
            "sub-block-3": "#443d8c",
            "sub-block-3-plain": "#4d374b",
            "fused-opening": "#2e371c",
            "fused-repeat": "#224c00",
            "add": "#1f7951",
            "module-1": "#376dac",
            "module-2": "#766e34",
            "module-3": "#954000",
            "module-4": "#702048",
            "module-5": "#4d42ac",
            "fused": "#154a01",
            "frame": "#171c24",
            "inner-frame": "#1d2430",
            "bar": "#5b8fc9",
            "rule": "#3a4654",
            "wrong": "#84402a",
            "right": "#1f5a43",
            "heat-1": "#322819",
            "heat-2": "#473012",
            "heat-3": "#5c3610",
            "heat-4": "#733c11",
            "heat-5": "#8b4018",
            "heat-6": "#a54222",
            "heat-7": "#bf432f",
            "same": "#2b323d",
            "changed": "#786500",
            "changed-slightly": "#474125",
            "inserted": "#1f66a3",
            "deleted": "#973c6b",
        },
    ),
}


def theme_named(name: ThemeName) -> Theme:
    """The colours that a figure is painted in; `auto` begins as light."""
    return THEMES["light" if name == "auto" else name]


def dark_counterparts() -> dict[str, str]:
    """For every colour of the light theme the one that stands in its place in the dark theme."""
    light, dark = THEMES["light"], THEMES["dark"]
    single = [field.name for field in fields(Theme) if field.name != "fills"]
    pairs = [(getattr(light, name), getattr(dark, name)) for name in single]
    pairs += [(colour, dark.fills[role]) for role, colour in light.fills.items()]
    return dict(pairs)
