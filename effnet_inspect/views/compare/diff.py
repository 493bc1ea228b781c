"""The difference of two networks as a figure: place by place above each other, and the first difference item by item.

A sign and a colour say what is equal, changed, inserted and deleted; numbers below lead to the sentences at the end.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from shlex import quote

from effnet_inspect.drawing import Box, BoxRole, Caption, Diagram, Frame
from effnet_inspect.drawing.canvas import Canvas, caption_extent, fitted, fitted_name, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, SMALLEST, TEXT, Draw, Page
from effnet_inspect.errors import UsageError
from effnet_inspect.structure.anatomy import SubBlock
from effnet_inspect.structure.difference import EFFECTS
from effnet_inspect.structure.facts import Place
from effnet_inspect.structure.network import ANY_SIZE, Network
from effnet_inspect.structure.phrases import what, where
from effnet_inspect.views.compare.items import item_words
from effnet_inspect.views.compare.places import WHOLE, Alignment, Column, ItemRow, Part, Status
from effnet_inspect.views.compare.verdict import judge, matching_backbones
from effnet_inspect.views.diagram.labels import kernel_text, section_tooltip, shape_text, stride_text
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.words import join_and, pluralize

SIGNS: dict[Status, str] = {
    "same": "",
    "changed-slightly": "≈",
    "changed": "≠",
    "inserted": "+",
    "deleted": "−",
}
MEANINGS: dict[Status, str] = {
    "same": "equal",
    "changed-slightly": "differs in training or size only",
    "changed": "changed",
    "inserted": "only in {second}",
    "deleted": "only in {first}",
}

FIRST = "First difference"
FIRST_THAT_MATTERS = "First difference that changes outputs or weights"
"""What is framed where others stand before it."""

NAME_WIDTH = 72.0
"""Of the models' names beside their rows, at most."""
BESIDE = Place("other_branches")
"""What no data of the backbone go to."""
NARROW = 300.0
"""Room below which things stand closer."""
GAP = 11.0
DENSE_GAP = 5.5
INSET = 4.0
LINE = 8.75
BETWEEN_ROWS = 10.0
BETWEEN_LINES = 16.0
FRAME = 4.0
"""How far the frame stands off the columns in it."""
NUMBERS = 12.0
"""Height of the numbers below a column."""
ITEM_HEIGHT = 13.0
ITEM_GAP = 7.0
DENSE_ITEM_GAP = 4.0
BETWEEN_ITEMS = 22.0
MOST_SAID = 2
"""How many differences of the framed place its sentence names."""
FEWEST_SENTENCES = 3
"""How many differences a figure says at least that would be higher than its page with all of them."""
NARROWEST_SENTENCES = 230.0
"""Width of a column of them in a dense figure."""
SWATCH = 16.0


def diff(networks: Sequence[Network]) -> Draw:
    """What draws how the second network differs from the first.

    Raises:
        UsageError: where there are not two, or only one of them has sub-blocks.
    """
    if len(networks) != 2:
        raise UsageError(
            f"--view diff sets two models side by side, and there {'is' if len(networks) == 1 else 'are'} "
            f"{len(networks)}; --view growth draws any number"
        )
    chosen, said = matching_backbones(networks)
    without = [network for network in chosen if not network.anatomy.blocks]
    if len(without) == 1:
        raise UsageError(
            f"{without[0].title} has no MBConv sub-blocks, so its places cannot be set beside those of "
            f"{next(each.title for each in chosen if each is not without[0])}; --view growth or shape draws both"
        )
    alignment = Alignment(*chosen)
    sentences = (*said, *judge(chosen).sentences)

    def draw(own: Page, dense: bool) -> Diagram:
        look, number = Look(own.width).on(own, dense), len(alignment.changes)
        whole = _Figure(alignment, sentences, look, number).draw()
        if not dense or own.has_room_for(whole):
            return whole
        fewer = range(FEWEST_SENTENCES, number - 1)
        fitting = bisect(
            fewer, own.most or 0, key=lambda count: _Figure(alignment, sentences, look, count).draw().height
        )
        # One that is too high even with a few of them has all of them.
        return _Figure(alignment, sentences, look, fewer[fitting - 1]).draw() if fitting else whole

    return draw


class _Figure:
    """`most` is how many differences it says in words."""

    def __init__(self, alignment: Alignment, sentences: Sequence[str], look: Look, most: int) -> None:
        self.alignment = alignment
        self.sentences = sentences
        self.look = look
        self.most = most
        self.canvas = Canvas(join_and([network.title for network in alignment.networks]))
        self.marked = alignment.first_difference
        differing = next((column for column in alignment.columns if column.changes), None)
        self.first_words = FIRST if self.marked is differing else FIRST_THAT_MATTERS
        names = [text_width(network.title, TEXT, bold=True) for network in alignment.networks]
        self.is_brief = look.dense or look.room < NARROW
        self.columns = alignment.with_equal_joined() if self.is_brief else alignment.columns
        self.name_room = min(max(names), NAME_WIDTH, look.room / 5)
        self.left = FRAME if self.is_brief else self.name_room + GAP
        texts = [self._texts(column, side) for column in self.columns for side in (0, 1)]
        widest = max(text_width(text, SMALLEST, bold=not at) for lines in texts for at, text in enumerate(lines))
        self.gap = DENSE_GAP if self.is_brief else GAP
        inset = INSET / 2 if self.is_brief else INSET
        room = look.room - FRAME - self.left + self.gap
        lines = -(-len(self.columns) // max(int(room / (widest + 2 * inset + self.gap)), 1))
        self.per_line = -(-len(self.columns) // lines)
        self.cell = room / self.per_line - self.gap
        self.height = max(map(len, texts)) * LINE + 7

    def draw(self) -> Diagram:
        columns = self.columns
        y = 0.0
        for start in range(0, len(columns), self.per_line):
            y = self._line(columns[start : start + self.per_line], y) + BETWEEN_LINES
        y = self._legend(y - 4)
        if self.marked and (rows := self.alignment.items(self.marked)):
            y = _Items(self.canvas, self.alignment, self.marked, self.look, y + 16).place(rows)
        self._sentences(y + 16)
        sentences = [*self.sentences]
        if self.is_brief:
            above, below = (network.title for network in self.alignment.networks)
            sentences.append(f"Above {above}, below {below}; equal places in a row are one box.")
        lines = [line for sentence in sentences for line in wrapped(sentence.split(), self.look.room, TEXT)]
        heading(self.canvas, f"{self.canvas.name}, differences", lines, self.look, -10)
        return self.canvas.diagram(self.look.width)

    def _line(self, columns: Sequence[Column], y: float) -> float:
        """Both rows of some columns; returns where they end."""
        y = self._first_difference(columns, y)
        before = ""
        for index, column in enumerate(columns):
            title = column.place.stage.capitalize() if column.place.sub_block else ""
            if title and title != before:
                x = self._x(index)
                self.canvas.caption(Caption(title, x, y + TEXT / 2, TEXT, "faint", bold=True, anchor="left"))
            before = title
        top = y + TEXT + 6
        rows = (top, top + self.height + BETWEEN_ROWS)
        for side, network in enumerate(self.alignment.networks):
            if not self.is_brief:
                name = fitted_name(network.title, self.name_room + 0.01, TEXT, bold=True)
                middle = rows[side] + self.height / 2
                self.canvas.caption(Caption(name, 0, middle, TEXT, "ink", bold=True, anchor="left"))
            placed = [self._box(column, side, index, rows[side]) for index, column in enumerate(columns)]
            in_a_row = [box for box, column in zip(placed, columns, strict=True) if box and column.place != BESIDE]
            for one, other in pairwise(in_a_row):
                self.canvas.right(one, other)
        bottom = rows[1] + self.height
        for index, column in enumerate(columns):
            words = self._numbers(column)
            middle = self._x(index) + self.cell / 2
            self.canvas.caption(Caption(words, middle, bottom + NUMBERS / 2 + 1, SMALLEST, "ink"))
            if column is self.marked:
                x, top = self._x(index) - FRAME, rows[0] - FRAME
                self.canvas.frame(
                    Frame("first difference", x, top, self.cell + 2 * FRAME, bottom + NUMBERS + 2 - top, "bracket",
                          tooltip=self.first_words.lower())
                )  # fmt: skip
        return bottom + NUMBERS

    def _numbers(self, column: Column) -> str:
        """The numbers of its differences that are said below, as many as have room; dots for others."""
        numbers = [str(number + 1) for number in column.changes if number < self.most]
        for kept in range(len(numbers), -1, -1):
            words = ", ".join([*numbers[:kept], *(["…"] if kept < len(column.changes) else [])])
            if text_width(words, SMALLEST) <= self.cell + self.gap - 2:
                return words
        return "…"

    def _x(self, index: int) -> float:
        return self.left + index * (self.cell + self.gap)

    def _first_difference(self, columns: Sequence[Column], y: float) -> float:
        """The sentence of the framed column above its line; returns where the line begins."""
        if self.marked is None or self.marked not in columns:
            return y
        sentence = f"{self.first_words}: {self._said_of(self.marked)}"
        lines = wrapped(_kept_together(sentence), self.look.room, TEXT, bold=True)
        widest = max(text_width(line, TEXT, bold=True) for line in lines)
        x = min(self._x(columns.index(self.marked)) - FRAME, self.look.room - widest)
        for line in lines:
            y += TEXT * 0.7
            self.canvas.caption(Caption(line, x, y, TEXT, "accent", bold=True, anchor="left"))
            y += TEXT * 0.7
        return y + 4

    def _said_of(self, column: Column) -> str:
        first, second = (network.title for network in self.alignment.networks)
        alone = {"deleted": f" is only in {first}", "inserted": f" is only in {second}"}.get(column.status, "")
        said = []
        for change in self.alignment.at(column):
            is_whole = change.places[0].stage in WHOLE
            if not (alone and is_whole):
                said.append(what(change) if change.keys or is_whole else f"{what(change)} in {where(change)}")
        unique = list(dict.fromkeys(said))
        more = [f"{len(unique) - MOST_SAID} more"] if len(unique) > MOST_SAID else []
        return ": ".join(filter(None, (f"{column.title}{alone}", "; ".join([*unique[:MOST_SAID], *more]))))

    def _texts(self, column: Column, side: int) -> list[str]:
        """What stands in a box; nothing where a network has none."""
        parts = (column.first, column.second)[side]
        title = " ".join(filter(None, (SIGNS[column.status], self._title(column))))
        if not parts:
            network = self.alignment.networks[side]
            shape = network.anatomy.input_shape
            if column.place.stage != "image" or not shape:
                return []
            return [title, *([f"{ANY_SIZE},", "shown at"] if network.is_size_assumed else []), shape_text(shape)]
        part = parts[0]
        if column.is_run:
            return [
                *(f"{end}{dash}" for end, dash in zip(title.split("–"), ("–", ""), strict=True)),
                f"{len(parts)} {'of another size' if column.size_only else 'equal'}",
            ]
        if not isinstance(part, SubBlock):
            return [title, pluralize(len(part.layers), "layer"), *self._shape(part)]
        stride = stride_text(part.stride) if part.stride != (1, 1) and not self.is_brief else ""
        times = f"×{len(parts)}" if len(parts) > 1 else ""
        kernel = " ".join(filter(None, (kernel_text(part.kernel), stride, times)))
        return [title, part.operator, kernel, *self._shape(part)]

    def _title(self, column: Column) -> str:
        """`4b–4c`; the first word where others would make all boxes wide."""
        ends = column.title.split("–")
        return "–".join(end.split()[0] if self.is_brief else end for end in ends)

    def _shape(self, part: Part) -> list[str]:
        """Its shape; nothing in a brief figure."""
        return [] if self.is_brief else [shape_text(part.output_shape)]

    def _box(self, column: Column, side: int, index: int, y: float) -> Box | None:
        texts = self._texts(column, side)
        if not texts:
            return None
        network = self.alignment.networks[side]
        parts = (column.first, column.second)[side]
        role: BoxRole = column.status
        tooltip = [self._tooltip(parts[0], network) if parts else f"Input: {' '.join(texts[1:])}"]
        tooltip += [f"{where(change)}: {what(change)}" for change in self.alignment.at(column)]
        return self.canvas.box(
            Box(f"{side} {column.title}", self._x(index), y, self.cell, self.height, role, texts[0],
                "\n".join(texts[1:]), "\n".join(tooltip), size=SMALLEST, note_size=SMALLEST,
                dashed=column.status == "deleted")
        )  # fmt: skip

    def _tooltip(self, part: Part, network: Network) -> str:
        title = part.name if isinstance(part, SubBlock) else part.title
        return section_tooltip(f"{network.title}: {title}", part, network)

    def _legend(self, y: float) -> float:
        """What signs and colours mean; returns where that ends."""
        first, second = (network.title for network in self.alignment.networks)
        there = {column.status for column in self.alignment.columns}
        if self.marked:
            there |= {row.status for row in self.alignment.items(self.marked)}
        x = 0.0
        for status, meaning in MEANINGS.items():
            if status not in there:
                continue
            words = fitted(meaning.format(first=first, second=second), self.look.room - SWATCH - 5, SMALLEST)
            width = SWATCH + 5 + text_width(words, SMALLEST)
            if x and x + width > self.look.room:
                x, y = 0.0, y + 15
            self.canvas.box(
                Box(f"legend {status}", x, y - 5.5, SWATCH, 11, status, SIGNS[status], size=SMALLEST,
                    dashed=status == "deleted")
            )  # fmt: skip
            self.canvas.caption(Caption(words, x + SWATCH + 5, y, SMALLEST, "faint", anchor="left"))
            x += width + 12
        return y + 6

    def _sentences(self, y: float) -> None:
        """Every difference in words, with its number and what it changes."""
        changes = self.alignment.changes
        if not changes:
            return
        counts = {len(network.anatomy.sub_blocks) for network in self.alignment.networks}
        sub_blocks = counts.pop() if len(counts) == 1 else 0
        self.canvas.caption(
            Caption("All differences, and what they change", 0, y, HEADING, "ink", bold=True, anchor="left")
        )
        y += HEADING * 1.5
        size = SMALLEST if self.look.dense else TEXT
        columns = max(int(self.look.room / NARROWEST_SENTENCES), 1) if self.look.dense else 1
        step = (self.look.room + BETWEEN_ITEMS) / columns
        indent = text_width(f"{self.most}", size, bold=True) + 8
        said = []
        for change in changes[: self.most]:
            words = f"{where(change, sub_blocks)}: {what(change)} ({EFFECTS[change.effect]})"
            said.append(wrapped(_kept_together(words), step - BETWEEN_ITEMS - indent, size))
        highest = -(-sum(map(len, said)) // columns)
        x, top, done = 0.0, y, 0
        for number, lines in enumerate(said, start=1):
            if done >= highest:
                x, y, done = x + step, top, 0
            self.canvas.caption(Caption(str(number), x, y, size, "ink", bold=True, anchor="left"))
            for line in lines:
                self.canvas.caption(Caption(line, x + indent, y, size, "ink", anchor="left"))
                y += size * 1.45
            y += 1.5
            done += len(lines)
        if len(changes) > self.most:
            y = max(caption_extent(each)[3] for each in self.canvas.captions) + size
            keys = " ".join(quote(network.key) for network in self.alignment.networks)
            words = (
                f"… stands for {len(changes) - self.most} more differences, which effnet-inspect compare {keys} lists"
            )
            for line in wrapped(words.split(), self.look.room, size):
                self.canvas.caption(Caption(line, 0, y, size, "faint", anchor="left"))
                y += size * 1.45


class _Items:
    """The items of one place in both networks, each network in a column of its own."""

    def __init__(self, canvas: Canvas, alignment: Alignment, column: Column, look: Look, y: float) -> None:
        self.canvas = canvas
        self.alignment = alignment
        self.column = column
        self.look = look
        self.y = y
        self.width = (look.room - BETWEEN_ITEMS) / 2
        self.size = TEXT if look.room > NARROW else SMALLEST
        self.step = ITEM_HEIGHT + (DENSE_ITEM_GAP if look.dense else ITEM_GAP)

    def place(self, rows: Sequence[ItemRow]) -> float:
        """Place them; returns where they end."""
        title = f"The framed place in detail: {self.column.title}"
        self.canvas.caption(Caption(title, 0, self.y, HEADING, "ink", bold=True, anchor="left"))
        y = self.y + HEADING * 1.5
        for side, network in enumerate(self.alignment.networks):
            name = fitted_name(network.title, self.width, TEXT, bold=True)
            self.canvas.caption(Caption(name, self._x(side), y, TEXT, "ink", bold=True, anchor="left"))
        y += TEXT
        before: list[Box | None] = [None, None]
        for number, (one, other) in enumerate(_beside(rows)):
            for side, row in enumerate((one, other)):
                if row is not None:
                    box = self._item(row, f"item {number} {side}", side, y)
                    if above := before[side]:
                        self.canvas.down(above, box)
                    before[side] = box
            y += self.step
        return y

    def _item(self, row: ItemRow, key: str, side: int, y: float) -> Box:
        facts = (row.first, row.second)[side]
        assert facts is not None
        said = item_words(row.key, facts, row.changes, is_first=side == 0)
        whole = ", ".join(said)
        sign = f"{SIGNS[row.status]} ".lstrip()
        room = self.width - 4
        while len(said) > 1 and text_width(sign + ", ".join(said), self.size) > room:
            said.pop()
        label = fitted(sign + ", ".join(said), room, self.size)
        return self.canvas.box(
            Box(key, self._x(side), y, self.width, ITEM_HEIGHT, row.status, label, "", whole, size=self.size,
                dashed=row.status == "deleted")
        )  # fmt: skip

    def _x(self, side: int) -> float:
        return side * (self.width + BETWEEN_ITEMS)


def _beside(rows: Sequence[ItemRow]) -> Iterator[tuple[ItemRow | None, ItemRow | None]]:
    """The rows of both networks; what one has in the place of what the other has stands beside that."""
    alone: tuple[list[ItemRow], list[ItemRow]] = ([], [])
    for row in rows:
        if row.first and row.second:
            yield from zip_longest(*alone)
            alone = ([], [])
            yield row, row
        else:
            alone[row.first is None].append(row)
    yield from zip_longest(*alone)


def _kept_together(sentence: str) -> list[str]:
    """The words of a sentence, what an arrow leads from and to in one piece."""
    return sentence.replace(" → ", "\u00a0→\u00a0").split(" ")
