"""Rows of layers as a source draws them beside the same rows as they are built, with the differences marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from effnet_inspect.catalog.published import SOURCES
from effnet_inspect.claims.alignment import LayerAlignment, Pairing, align
from effnet_inspect.claims.claim import Checked
from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame, TextRole
from effnet_inspect.drawing.canvas import Canvas, fitted, wrapped
from effnet_inspect.drawing.page import HEADING, SMALLEST, TEXT, TITLE
from effnet_inspect.formatting import SIGNS

WIDTH = 96.0
HEIGHT = 24.0
GAP = 9.0
COLUMN = WIDTH + 24.0
INSET = 6.0
TOP = 50.0
APART = 8.0
COLUMNS_IN_A_LINE = 5


def picture(one: Checked) -> Diagram:
    """Draw what was found about a claim on rows of layers.

    Args:
        one: a claim whose finding has alignments.
    """
    canvas = Canvas(f"{one.claim.statement.id}, as drawn and as built")
    y = 0.0
    for line in _lines(one.finding.alignments):
        x, height = 0.0, max(_height(alignment) for alignment in line)
        for alignment in line:
            x += _place(canvas, alignment, x, y, height).width + APART
        y += height + APART
    _stretch(canvas)
    _heading(canvas, one, max(frame.x + frame.width for frame in canvas.frames.values()))
    return canvas.diagram()


def _lines(every: Sequence[LayerAlignment]) -> list[list[LayerAlignment]]:
    """As many side by side as their columns allow."""
    lines: list[list[LayerAlignment]] = [[]]
    for alignment in every:
        if lines[-1] and sum(1 + len(each.actual) for each in (*lines[-1], alignment)) > COLUMNS_IN_A_LINE:
            lines.append([])
        lines[-1].append(alignment)
    return lines


def _stretch(canvas: Canvas) -> None:
    """Let the last frame of every line end where the longest line ends."""
    last = {frame.y: frame for frame in sorted(canvas.frames.values(), key=lambda frame: frame.x)}
    right = max(frame.x + frame.width for frame in last.values())
    canvas.frames.update({frame.key: replace(frame, width=right - frame.x) for frame in last.values()})


def _heading(canvas: Canvas, one: Checked, width: float) -> None:
    """Claim, verdict and source above the frames, no wider than they are."""
    finding, source = one.finding, SOURCES[one.claim.statement.source]
    verdict = f"{SIGNS[finding.verdict.value]} {finding.verdict.value}"
    texts: tuple[tuple[str, float, TextRole, bool], ...] = (
        (f"{source.title}, {one.claim.statement.place}. Dashed: not as drawn.", TEXT, "faint", False),
        (f"{verdict}: {finding.condition}" if finding.condition else verdict, HEADING, "ink", False),
        (one.claim.statement.text, TITLE, "ink", True),
    )
    y = -8.0
    for text, size, role, bold in texts:
        for line in reversed(wrapped(text.split(), width, size, bold=bold)):
            y -= size * 0.7
            canvas.caption(Caption(line, 0, y, size, role, bold, "left"))
            y -= size * 0.8


def _height(alignment: LayerAlignment) -> float:
    added_lines = _lines_before(
        len(alignment.reference), [align(alignment.reference, row) for _, row in alignment.actual]
    )
    return TOP + (sum(added_lines) + len(alignment.reference)) * (HEIGHT + GAP) - GAP + INSET


def _place(canvas: Canvas, alignment: LayerAlignment, x: float, y: float, height: float) -> Frame:
    pairings = [align(alignment.reference, row) for _, row in alignment.actual]
    added_lines = _lines_before(len(alignment.reference), pairings)
    left = x + INSET
    _column(canvas, alignment, "as drawn", left, y, list(_drawn_boxes(alignment.reference, pairings, added_lines)))
    for index, ((where, _), pairing) in enumerate(zip(alignment.actual, pairings, strict=True), start=1):
        boxes = list(_built_boxes(pairing, added_lines))
        _column(canvas, alignment, f"as built, {where}", left + index * COLUMN, y, boxes)
    width = INSET + (1 + len(alignment.actual)) * COLUMN
    canvas.caption(Caption(alignment.title, left, y + 10, HEADING, "ink", bold=True, anchor="left"))
    canvas.caption(
        Caption(fitted(alignment.caption, width - 2 * INSET, TEXT), left, y + 21, TEXT, "faint", anchor="left")
    )
    return canvas.frame(Frame(alignment.title, x, y, width, height, "frame"))


def _lines_before(count: int, pairings: Sequence[Sequence[Pairing]]) -> list[int]:
    """For each drawn layer, and for the end, how many lines what is added before it takes."""
    added_lines = [0] * (count + 1)
    for pairing in pairings:
        at, added = 0, 0
        for old, _ in pairing:
            if old is None:
                added += 1
                added_lines[at] = max(added_lines[at], added)
            else:
                at, added = at + 1, 0
    return added_lines


Placed = tuple[int, str, str, bool]
"""Line, label, note, and whether it differs; a label is empty where a drawn layer is missing."""


def _drawn_boxes(
    drawn: Sequence[str], pairings: Sequence[Sequence[Pairing]], added_lines: Sequence[int]
) -> Iterator[Placed]:
    partners = [[new for old, new in pairing if old is not None] for pairing in pairings]
    line = 0
    for index, label in enumerate(drawn):
        line += added_lines[index]
        yield line, label, "", bool(partners) and all(row[index] != label for row in partners)
        line += 1


def _built_boxes(pairing: Sequence[Pairing], added_lines: Sequence[int]) -> Iterator[Placed]:
    line, at, added = 0, 0, 0
    for old, new in pairing:
        if old is None:
            yield line + added, str(new), "not drawn", True
            added += 1
            continue
        line, added = line + added_lines[at], 0
        if new is None:
            yield line, "", f"no {old}", True
        else:
            yield line, new, "" if new == old else f"drawn as {old}", new != old
        line, at = line + 1, at + 1


def _column(canvas: Canvas, alignment: LayerAlignment, title: str, x: float, y: float, boxes: Sequence[Placed]) -> None:
    for index, words in enumerate(wrapped(title.split(), COLUMN - 6, TEXT, bold=True)):
        canvas.caption(Caption(words, x, y + 33 + index * 9, TEXT, "ink", bold=True, anchor="left"))
    before: Box | None = None
    for line, label, note, differs in boxes:
        top = y + TOP + line * (HEIGHT + GAP)
        if not label:
            for index, word in enumerate(note.split(" ", 1)):
                space = COLUMN - WIDTH / 2 - 8
                word = fitted(word, space, SMALLEST, bold=True)
                canvas.caption(
                    Caption(word, x + WIDTH / 2 + 4, top + 8 + 8.5 * index, SMALLEST, "accent", True, "left")
                )
            continue
        key = f"{alignment.title} {title} {line}"
        role: BoxRole = "wrong" if differs else "right"
        box = canvas.box(
            Box(
                key,
                x,
                top,
                WIDTH,
                HEIGHT,
                role,
                label,
                note,
                f"{label} {note}".strip(),
                alignment.title,
                TEXT,
                SMALLEST,
                differs,
            )
        )
        if before is not None:
            canvas.down(before, box)
        before = box
