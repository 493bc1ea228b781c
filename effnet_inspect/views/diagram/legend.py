"""What is in the architecture figure, in words under it, in lines as wide as the figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from effnet_inspect.drawing import Box, BoxRole, Caption, LineRole, Path
from effnet_inspect.drawing.canvas import Canvas, text_width, wrapped
from effnet_inspect.drawing.page import SMALLEST, TEXT
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.views.diagram.labels import sub_block_name, sub_block_role
from effnet_inspect.views.diagram.look import Look
from effnet_inspect.words import describe_blocks, join_and

SWATCH = 18.0
SWATCH_HEIGHT = 10.0
TO_TEXT = 5.0
APART = 14.0
LINE = 9.5
RAISED = 3.0
"""How much higher a sign stands beside one line of words than beside two."""
BETWEEN_ROWS, DENSE_BETWEEN_ROWS = 6.0, 4.0

OPENS = "opens {blocks}: new width or resolution"
REPEATS = "repeats: its input is added to its output{but}"


class Meaning(NamedTuple):
    """What a box is in a word or two, and where there is room what it is called and stands for.

    Sub-blocks are called what their kinds are; what a figure writes beside its boxes anyway stands for nothing more.
    """

    short: str
    label: str = ""
    words: str = ""


MEANINGS: dict[BoxRole, Meaning] = {
    "stem": Meaning("stem"),
    "sub-block-1": Meaning("opens block 1", "", "opens {blocks}"),
    "sub-block-2": Meaning("opens a block", "", OPENS),
    "sub-block-3": Meaning("repeats", "", REPEATS),
    "sub-block-3-plain": Meaning("repeats, no expansion", "", "repeats in {blocks}: no expansion"),
    "fused-opening": Meaning("opens a block, fused", "", OPENS),
    "fused-repeat": Meaning("repeats, fused", "", REPEATS),
    "plain": Meaning("stage, or part of a network", "Stage", "the layers of one resolution"),
    "head": Meaning("final layers"),
    "other": Meaning("your own layers, or a stage", "Your own layers", "{dashed}not part of the EfficientNet"),
}
LINES: dict[LineRole, tuple[str, str]] = {
    "flow": ("Main path", "all data go along it"),
    "skip": ("Residual connection", "goes around a sub-block"),
    "tap": ("Tap", "what your own layers take from the middle"),
}


class _Entry(NamedTuple):
    """What a sign stands for; one that is `plain` is understood by its label alone."""

    sign: BoxRole | LineRole | None
    label: str
    meaning: str
    is_plain: bool = False


class _Placed(NamedTuple):
    """An entry with its meaning in lines, below its label or `beside` it."""

    entry: _Entry
    lines: list[str]
    width: float
    beside: float | None = None

    @property
    def height(self) -> float:
        return (len(self.lines) + (self.beside is None)) * LINE


def place_legend(
    canvas: Canvas, sub_blocks: Sequence[SubBlock], look: Look, y: float, *, has_stages: bool = False
) -> None:
    """Say under a figure, from y on, what is in it; an entry stands in the first row that has room for it.

    `has_stages` says that beside sub-blocks there are stages of networks without any.
    """
    rows: list[list[_Placed]] = []
    for entry in _entries(canvas, sub_blocks, look, has_stages=has_stages or not sub_blocks):
        placed = _placed(entry, look)
        fitting = (row for row in rows if sum(each.width + APART for each in row) + placed.width <= look.room)
        if (row := next(fitting, None)) is None:
            rows.append([placed])
        else:
            row.append(placed)
    for row in rows:
        x = 0.0
        for placed in row:
            _place(canvas, placed, x, y)
            x += placed.width + APART
        y += max(placed.height for placed in row) + (DENSE_BETWEEN_ROWS if look.dense else BETWEEN_ROWS)


def _placed(entry: _Entry, look: Look) -> _Placed:
    room, label = look.room - SWATCH - TO_TEXT, text_width(entry.label, TEXT, bold=True)
    meaning = "" if look.dense and entry.is_plain else entry.meaning
    in_one = label + (TO_TEXT + text_width(meaning, SMALLEST) if meaning else 0.0)
    if look.dense and in_one <= room:
        return _Placed(entry, [meaning], SWATCH + TO_TEXT + in_one, label + TO_TEXT)
    lines = wrapped(entry.meaning.split(), room, SMALLEST)
    return _Placed(entry, lines, SWATCH + TO_TEXT + max(label, *(text_width(line, SMALLEST) for line in lines)))


def _place(canvas: Canvas, placed: _Placed, x: float, y: float) -> None:
    _sign(canvas, placed.entry, x, y if placed.beside is None else y - RAISED)
    left = x + SWATCH + TO_TEXT
    canvas.caption(Caption(placed.entry.label, left, y, TEXT, "ink", bold=True, anchor="left"))
    for index, line in enumerate(placed.lines, start=placed.beside is None):
        x = left + (placed.beside or 0.0)
        canvas.caption(Caption(line, x, y + index * LINE, SMALLEST, "faint", anchor="left"))


def _sign(canvas: Canvas, entry: _Entry, x: float, y: float) -> None:
    key = f"legend {entry.sign or entry.label}"
    if entry.sign is None:
        canvas.caption(Caption("×N", x + SWATCH / 2, y + 3, 9, "accent", bold=True))
    elif entry.sign == "flow" or entry.sign == "skip" or entry.sign == "tap":
        ends = [
            canvas.box(Box(f"{key} {end}", x + at, y, 4, 6, "plain")) for end, at in (("from", 0), ("to", SWATCH - 4))
        ]
        points = ((x + 4, y + 3), (x + SWATCH - 4, y + 3))
        canvas.paths.append(Path(ends[0].key, ends[1].key, points, entry.sign, entry.meaning))
    else:
        canvas.box(
            Box(key, x, y - 2, SWATCH, SWATCH_HEIGHT, entry.sign, tooltip=f"{entry.label}: {entry.meaning}",
                dashed=entry.sign == "other" and entry.meaning.startswith("dashed"))
        )  # fmt: skip


def _entries(canvas: Canvas, sub_blocks: Sequence[SubBlock], look: Look, *, has_stages: bool) -> Iterator[_Entry]:
    roles = set() if look.heat else {box.role for box in canvas.boxes.values()}
    dashed = any(box.role == "other" and box.dashed for box in canvas.boxes.values())
    for role, (_, label, words) in MEANINGS.items():
        if role not in roles or not words or (role == "plain" and not has_stages):
            continue
        words = words.replace("{dashed}", "dashed: " * dashed)
        own = [each for each in sub_blocks if sub_block_role(each) == role]
        names = sorted({sub_block_name(each) for each in own})
        yield _Entry(role, join_and(names) if names else label, _meaning(words, own), not own)
    lines = {path.role for path in canvas.paths}
    for line, (label, words) in LINES.items():
        if line in lines:
            yield _Entry(line, label, words, is_plain=True)
    if any(frame.role == "bracket" for frame in canvas.frames.values()):
        yield _Entry(None, "Bracket", "the same N times")


def _meaning(words: str, own: Sequence[SubBlock]) -> str:
    bare = [each.name for each in own if each.position and not each.residual]
    blocks = describe_blocks((each.block for each in own), "–") if own else ""
    meaning = words.format(blocks=blocks, but=f", but in {join_and(bare)}" if bare else "")
    opens = [each.block for each in own if each.residual and each.position == 0]
    if not opens:
        return meaning
    where = f" in {describe_blocks(opens, '–')}" if len(opens) < len(own) else ""
    return f"{meaning}; its input is added{where}"
