"""A page to walk through as HTML that needs nothing beside it: template, style and script are in this folder.

All that is said goes into the page as text or as JSON, which cannot end the element that it stands in. A policy in the
page lets only its own style and script be used, named by their hashes, and lets nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from effnet_inspect.renderers.page.charts import charts_of
from effnet_inspect.renderers.page.tables import section_of
from effnet_inspect.renderers.palette import THEMES
from effnet_inspect.text import all_clean
from effnet_inspect.webpage import Cell, WebPage

FOLDER = Path(__file__).parent
SCRIPTS = ("data.js", "layout.js", "lines.js", "figure.js", "panel.js", "page.js")
"""The parts of the script; each uses the names of those before it."""

NOT_IN_SCRIPTS = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)
"""What could end a script element, or begin a comment in one, as JSON writes it otherwise."""


def render(page: WebPage) -> str:
    """The page."""
    shown = all_clean(page)
    style, script = _style(), _script()
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    anchors = {part.anchor for part in shown.parts}
    return _template().render(
        page=shown,
        policy=policy,
        style=Markup(style),
        script=Markup(script),
        data=Markup(_data(shown)),
        charts=charts_of(shown),
        sections=[section_of(section, anchors) for section in shown.sections],
    )


def script_lines() -> Iterator[str]:
    """The lines of the whole script."""
    for name in SCRIPTS:
        yield from (FOLDER / name).read_text(encoding="utf-8").splitlines()


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template("page.html.jinja")


@cache
def _script() -> str:
    return '\n"use strict";\n' + "\n".join(script_lines()) + "\n"


@cache
def _style() -> str:
    """The style, with the colours of the figures by the role of what they are of."""
    light, dark = THEMES["light"].fills, THEMES["dark"].fills
    colours = "\n".join(
        f".role-{role} {{ --own: light-dark({colour}, {dark[role]}); }}" for role, colour in light.items()
    )
    add = f":root {{ --own-add: light-dark({light['add']}, {dark['add']}); }}"
    return f"\n{(FOLDER / 'page.css').read_text(encoding='utf-8')}{colours}\n{add}\n"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(page: WebPage) -> str:
    stages = [part for part in page.parts if part.parent is None]
    totals = [
        [
            sum(cell.amounts[at] or 0 for part in stages if (cell := part.cells[model]))
            for at in range(len(page.measures))
        ]
        for model in range(len(page.models))
    ]
    data = {
        "models": [model.title for model in page.models],
        "totals": totals,
        "first_difference": page.first_difference,
        "lines": [{"title": line.title, "columns": line.columns, "below": line.below} for line in page.lines],
        "parts": [
            {
                "anchor": part.anchor,
                "kind": part.kind,
                "role": part.role,
                "parent": part.parent,
                "same": part.same,
                "cells": [cell and _cell(cell) for cell in part.cells],
            }
            for part in page.parts
        ],
    }
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(NOT_IN_SCRIPTS)


def _cell(cell: Cell) -> dict[str, Any]:
    return {name: getattr(cell, name) for name in Cell.__dataclass_fields__}
