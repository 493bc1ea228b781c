"""The silhouette of networks: every sub-block a slab, the higher the finer its maps, the wider the more channels.

Heights and widths grow with the square root: maps of 7 and of 600 pixels, 16 and 2,560 channels can be seen in one
figure, and four times as much is always twice as long. The scales hold for the whole figure and are drawn below it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt
from typing import NamedTuple

from effnet_inspect.drawing import Box, Caption, Diagram, Path
from effnet_inspect.drawing.canvas import Canvas, caption_extent, fitted_name, text_width, wrapped
from effnet_inspect.drawing.page import HEADING, SMALLEST, TEXT
from effnet_inspect.drawing.rows import spread
from effnet_inspect.errors import UsageError
from effnet_inspect.formatting import format_value
from effnet_inspect.structure.network import Network
from effnet_inspect.views.diagram.flags import ABOVE, CLEARANCE, POLE, Flag, Labelled, place_flags
from effnet_inspect.views.diagram.labels import model_facts
from effnet_inspect.views.diagram.legend import place_legend
from effnet_inspect.views.diagram.look import Look, heading
from effnet_inspect.views.diagram.silhouette import Silhouette, Slab, by_network, silhouette_of
from effnet_inspect.views.marks import meanings
from effnet_inspect.words import join_and, join_runs

NARROWEST = 0.8
"""Of a slab; its height has the same least."""
BETWEEN_STAGES = 4.0
BETWEEN_SLABS = 1.0
HIGHEST = 150.0
"""Of the highest slab."""
LANE = 5.0
"""Between the lines of taps."""
TYPICAL = 16
WORTH_OUTLINES = 3.0
"""The width from which on a slab of few channels is outlined, and with it all others."""
APART = 10.0
BETWEEN_ROWS = 14.0
BETWEEN_COLUMNS = 18.0
NARROWEST_COLUMN = 110.0
"""Of silhouettes: wide enough for what the network is."""
SIZES = (1.0, 0.8, 0.65, 0.5)
"""Heights of silhouettes that are tried, as parts of the usual one."""
DENSE_SIZE = 0.6
BESIDE = 4.0
"""Between a title and the shape in the same line."""
LINE = 9.5
SCALE_LENGTHS = (1, 2, 5)
LONGEST_SCALE = 46.0
HIGHEST_SCALE = 34.0


class _Scale(NamedTuple):
    """How many points one pixel is high and one channel wide, between slabs, and the least of a slab."""

    height: float
    width: float
    gap: float
    narrowest: float

    @property
    def outlined(self) -> bool:
        """Whether outlines leave something of the narrow slabs."""
        return sqrt(TYPICAL) * self.width >= WORTH_OUTLINES

    def of(self, slab: Slab) -> tuple[float, float]:
        """Width and height of a slab in points."""
        width, height = sqrt(slab.channels) * self.width, sqrt(slab.height) * self.height
        return max(width, self.narrowest), max(height, self.narrowest)


def shape(network: Network, look: Look) -> Diagram:
    """Draw the silhouette of one network."""
    return shapes(silhouettes_of([network]), look)


def silhouettes_of(networks: Sequence[Network]) -> list[Silhouette]:
    """The silhouettes of networks.

    Raises:
        UsageError: where a network has no tensor of known height, width and channels.
    """
    drawn = [silhouette_of(network) for network in networks]
    if missing := [each.network for each in drawn if not each.stages]:
        raise UsageError(f"{missing[0].name} has no maps of known size, so it has no silhouette")
    return drawn


def shapes(drawn: Sequence[Silhouette], look: Look, sentences: Sequence[str] = ()) -> Diagram:
    """Draw silhouettes, all at one scale: below each other, side by side where they are too high else."""
    usual = _Arrangement(drawn, look, sentences)
    if len(drawn) == 1 or not look.dense or look.most is None:
        return usual.draw()
    most = min(len(drawn), int((look.room + BETWEEN_COLUMNS) / (NARROWEST_COLUMN + BETWEEN_COLUMNS)))
    tried = []
    for columns in sorted({-(-len(drawn) // -(-len(drawn) // each)) for each in range(1, most + 1)}):
        arrangement = usual._replace(columns=columns, is_marked=True)
        tried.append(arrangement._replace(size=SIZES[-1]).draw())
        if tried[-1].height > look.most:
            continue
        larger = (arrangement._replace(size=size).draw() for size in SIZES[:-1])
        return next((figure for figure in larger if figure.height <= look.most), tried[-1])
    return min(tried, key=lambda each: each.height)


class _Arrangement(NamedTuple):
    """How silhouettes stand on a page: in how many columns, how large; with marks below instead of labels above."""

    drawn: Sequence[Silhouette]
    look: Look
    sentences: Sequence[str]
    columns: int = 1
    size: float = 1.0
    is_marked: bool = False

    def draw(self) -> Diagram:
        """All of them under their names, then the scales and what colours mean."""
        drawn, look = self.drawn, self.look
        networks = [each.network for each in drawn]
        single = len(drawn) == 1
        canvas = Canvas(f"{networks[0].name}, shape" if single else join_runs(each.title for each in networks))
        step = (look.room + BETWEEN_COLUMNS) / self.columns
        cell = look._replace(width=look.width - look.room + step - BETWEEN_COLUMNS)
        size = self.size if self.is_marked else DENSE_SIZE if look.dense else 1.0
        scale = _scale_for(drawn, cell, min(HIGHEST, look.room / 4 + (50 if single else 20)) * size)
        rows = [_Row(each, scale, cell) for each in drawn]
        for row in rows:
            row.place()
        unsaid = _write_marks(rows) if self.is_marked else _write_labels(rows)
        y = 0.0
        for start in range(0, len(rows), self.columns):
            below = y
            for at, row in enumerate(rows[start : start + self.columns]):
                top = y if single else _title(canvas, row.drawn.network, cell, at * step, y)
                placed = row.canvas.diagram(margin=0)
                canvas.place(placed, at * step, top, "" if single else f"{start + at} ")
                below = max(below, top + placed.height)
            y = below + BETWEEN_ROWS
        y = _scales(canvas, drawn, scale, look, y, unsaid)
        sub_blocks = [each for network in networks for each in network.anatomy.sub_blocks]
        has_stages = any(network.anatomy.resolution_stages for network in networks)
        place_legend(canvas, sub_blocks, look, y + 12, has_stages=has_stages)
        facts = model_facts(networks[0]) if single else []
        lines = [line for sentence in self.sentences for line in wrapped(sentence.split(), look.room, TEXT)]
        heading(canvas, look.title(networks[0].name, "shape") if single else canvas.name, facts or lines, look, -8)
        return canvas.diagram(look.width)


def _write_marks(rows: Sequence[_Row]) -> list[str]:
    """Write a mark below each stage of all silhouettes; returns what they stand for."""
    stages = {stage.title: stage.mark for row in rows for stage in row.drawn.stages}
    for row in rows:
        row.write_marks()
    return [f"Below the slabs: {', '.join(meanings(list(stages.items())))}."]


def _write_labels(rows: Sequence[_Row]) -> list[str]:
    """Write on all silhouettes in the first way that has a place for every label, else in the one with the most.

    Returns a sentence on what is then not said.
    """
    ways = []
    for shorten, in_lines in ((False, False), (False, True), (True, True)):
        texts = [row.drawn.texts(shorten) for row in rows]
        missing = sum(
            flag is None for row, own in zip(rows, texts, strict=True) for _, flag in row.flags(own, in_lines)
        )
        ways.append((missing, texts, in_lines))
        if not missing:
            break
    _, texts, in_lines = min(ways, key=lambda way: way[0])
    unsaid = [words for row, own in zip(rows, texts, strict=True) for words in row.write(own, in_lines)]
    return [f"Without a label, for want of room: {join_and(unsaid)}."] if unsaid else []


def _title(canvas: Canvas, network: Network, look: Look, x: float, y: float) -> float:
    name = fitted_name(network.title, look.room, HEADING, bold=True)
    canvas.caption(Caption(name, x, y + HEADING / 2, HEADING, "ink", bold=True, anchor="left"))
    y += HEADING + 3
    for line in wrapped(model_facts(network), look.room, SMALLEST, "  ·  "):
        y += SMALLEST / 2
        canvas.caption(Caption(line, x, y, SMALLEST, "faint", anchor="left"))
        y += SMALLEST
    return y + 4


def _scale_for(drawn: Sequence[Silhouette], look: Look, size: float) -> _Scale:
    """The largest scale at which all of them fit the width; `size` is the height of the highest slab."""
    height = size / sqrt(max(slab.height for each in drawn for slab in each.slabs))
    most = max(len(each.slabs) for each in drawn)
    gap, narrowest = (min(usual, look.room / 4 / most) for usual in (BETWEEN_SLABS, NARROWEST))
    roots = [Counter(sqrt(slab.channels) for slab in each.slabs) for each in drawn]
    gaps = [_gaps(each, gap) for each in drawn]
    low, high = 0.0, look.room
    for _ in range(50):
        middle = (low + high) / 2
        widths = (sum(number * max(root * middle, narrowest) for root, number in own.items()) for own in roots)
        is_wide = max(width + own for width, own in zip(widths, gaps, strict=True)) > look.room
        low, high = (low, middle) if is_wide else (middle, high)
    return _Scale(height, low, gap, narrowest)


def _gaps(drawn: Silhouette, gap: float) -> float:
    """How much room there is between slabs."""
    within = sum(gap * (len(stage.slabs) - 1) for stage in drawn.stages)
    return BETWEEN_STAGES * (len(drawn.stages) - 1) + within


class _Row:
    """One silhouette, its middle at y = 0."""

    def __init__(self, drawn: Silhouette, scale: _Scale, look: Look) -> None:
        self.drawn, self.scale, self.look = drawn, scale, look
        self.canvas = Canvas(drawn.network.name)
        self.slab_of: dict[str, Box] = {}
        self.groups: list[list[Box]] = []

    def place(self) -> None:
        """Place slabs and taps on the canvas."""
        x = 0.0
        for stage in self.drawn.stages:
            group = []
            for slab in stage.slabs:
                group.append(self._slab(slab, x))
                x += group[-1].width + self.scale.gap
            self.groups.append(group)
            x += BETWEEN_STAGES - self.scale.gap
        self._taps()

    def _slab(self, slab: Slab, x: float) -> Box:
        width, height = self.scale.of(slab)
        box = self.canvas.box(
            Box(slab.key, x, -height / 2, width, height, slab.role, tooltip=self.drawn.tooltips[slab.key],
                dashed=slab.role == "other", layers=tuple(layer.name for layer in slab.layers),
                outlined=self.scale.outlined, square=True)
        )  # fmt: skip
        self.slab_of |= dict.fromkeys((layer.name for layer in slab.layers), box)
        return box

    def flags(self, texts: Sequence[Sequence[str]], in_lines: bool) -> list[tuple[Labelled, Flag | None]]:
        """Where labels find a place, the words of each below each other or in one line."""
        groups = self.groups
        obstacles = [(box.x, box.y, box.x + box.width, box.y + box.height) for group in groups for box in group]
        things = []
        for words, group in zip(texts, groups, strict=True):
            widths = [text_width(text, SMALLEST, bold=not at) for at, text in enumerate(words)]
            width = max(widths) if in_lines else sum(widths) + BESIDE * (len(words) - 1)
            top, end = min(box.y for box in group), group[-1].x + group[-1].width
            things.append(Labelled(group[0].x, end, top, width, LINE * (len(words) if in_lines else 1)))
        return list(zip(things, place_flags(things, obstacles, self.look.room), strict=True))

    def write(self, texts: Sequence[Sequence[str]], in_lines: bool) -> list[str]:
        """Write the labels, what has no place above the slabs below them; returns those that find no place at all."""
        missing = []
        hung = 0.0
        for number, ((thing, flag), words) in enumerate(zip(self.flags(texts, in_lines), texts, strict=True)):
            if flag is not None:
                height = thing.top - flag.pole_top - 1
                self.canvas.box(Box(f"pole {number}", flag.pole - POLE / 2, flag.pole_top + 1, POLE, height, "rule"))
                self._words(words, flag.x, flag.y, in_lines)
                continue
            x = min(thing.left, self.look.room - thing.width)
            below = max(box.y + box.height for box in self.slab_of.values() if box.x + box.width > x)
            if self.canvas.paths or x < hung:
                missing.append(f"{self.drawn.stages[number].title} {self.drawn.shapes[number]}")
            else:
                self._words(words, x, below + ABOVE, in_lines)
                hung = x + thing.width + CLEARANCE
        return missing

    def write_marks(self) -> None:
        """Write the marks in a row, none on another."""
        shown = list(zip(self.drawn.stages, self.groups, strict=True))
        blank = SMALLEST * 0.4
        while sum(text_width(stage.mark, SMALLEST) + blank for stage, _ in shown) > self.look.room:
            shown = shown[::2]
        middles = [(group[0].x + group[-1].x + group[-1].width) / 2 for _, group in shown]
        widths = [text_width(stage.mark, SMALLEST) for stage, _ in shown]
        lowest = max(box.y + box.height for group in self.groups for box in group)
        lowest = max([lowest, *(y for path in self.canvas.paths for _, y in path.points)])
        y = lowest + ABOVE + LINE / 2
        for (stage, _), x in zip(shown, spread(middles, widths, self.look.room, blank), strict=True):
            self.canvas.caption(Caption(stage.mark, x, y, SMALLEST, "faint"))

    def _words(self, words: Sequence[str], x: float, y: float, in_lines: bool) -> None:
        y += LINE / 2
        for at, text in enumerate(words):
            self.canvas.caption(Caption(text, x, y, SMALLEST, "ink", bold=not at, anchor="left"))
            x, y = (x, y + LINE) if in_lines else (x + text_width(text, SMALLEST, bold=not at) + BESIDE, y)

    def _taps(self) -> None:
        """Below the slabs from what is tapped to what takes it; the widest way is the lowest."""
        pairs: dict[tuple[str, str], tuple[Box, Box, str]] = {}
        for stage, group in zip(self.drawn.stages, self.groups, strict=True):
            for name in stage.taps:
                if source := self.slab_of.get(name):
                    pairs[source.key, group[0].key] = (source, group[0], name)
        lowest = max(box.y + box.height for group in self.groups for box in group)
        in_order = sorted(pairs.values(), key=lambda pair: pair[1].x - pair[0].x)
        for index, (source, box, name) in enumerate(in_order):
            lane = lowest + (index + 1) * LANE
            start, end = source.centre[0], box.centre[0]
            points = ((start, source.y + source.height), (start, lane), (end, lane), (end, box.y + box.height))
            self.canvas.paths.append(Path(source.key, box.key, points, "tap", f"takes {name}", radius=3))


def _scales(
    canvas: Canvas, drawn: Sequence[Silhouette], scale: _Scale, look: Look, y: float, unsaid: Sequence[str]
) -> float:
    """A length of either scale, and in words what they are; returns where that ends."""
    slabs = [slab for each in drawn for slab in each.slabs]
    pixels = _round_number(min((HIGHEST_SCALE / scale.height) ** 2, max(slab.height for slab in slabs)))
    channels = _round_number(min((LONGEST_SCALE / scale.width) ** 2, max(slab.channels for slab in slabs)))
    height, width = sqrt(pixels) * scale.height, sqrt(channels) * scale.width
    first = f"{format_value(pixels, 'count')} pixels high"
    second = f"{format_value(channels, 'count')} channels wide"
    to_width = 5 + text_width(first, SMALLEST) + 14
    to_words = to_width + width + 4
    # Beside the low end of a silhouette there is room, and else below it.
    x = look.room - to_words - text_width(second, SMALLEST)
    bottom = y - BETWEEN_ROWS
    if canvas.paths or _lowest(canvas, x - APART) > bottom - height - APART:
        x, bottom = 0.0, bottom + height + APART
    level = bottom - SMALLEST / 2
    canvas.box(Box("scale of heights", x, bottom - height, 1.2, height, "bar"))
    canvas.caption(Caption(first, x + 5, level, SMALLEST, "ink", anchor="left"))
    canvas.box(Box("scale of widths", x + to_width, level - 0.6, width, 1.2, "bar"))
    canvas.caption(Caption(second, x + to_words, level, SMALLEST, "ink", anchor="left"))
    y = bottom + 6
    for line in _lines(drawn, scale, look, unsaid):
        y += SMALLEST
        canvas.caption(Caption(line, 0, y, SMALLEST, "faint", anchor="left"))
        y += SMALLEST * 0.5
    return y


def _lowest(canvas: Canvas, x: float) -> float:
    """Where ends what stands right of x."""
    boxes = [box.y + box.height for box in canvas.boxes.values() if box.x + box.width > x]
    extents = [caption_extent(caption) for caption in canvas.captions]
    return max([*boxes, *(bottom for _, _, right, bottom in extents if right > x)])


def _lines(drawn: Sequence[Silhouette], scale: _Scale, look: Look, unsaid: Sequence[str]) -> Iterable[str]:
    sentences = [
        "A slab is what a sub-block or part gives: the larger its maps the higher, the more channels the wider.",
        "Both grow with the square root: four times as much is twice as long.",
    ]
    if any(sqrt(slab.channels) * scale.width < scale.narrowest for each in drawn for slab in each.slabs):
        sentences.append(f"The narrowest are drawn {scale.narrowest:.1g} pt wide.")
    sentences += unsaid
    sentences += by_network([each.network for each in drawn], [each.remark for each in drawn])
    for sentence in sentences:
        yield from wrapped(sentence.split(), look.room, SMALLEST)


def _round_number(most: float) -> int:
    """1, 2 or 5 times a power of ten, the largest below `most`.

    >>> [_round_number(most) for most in (0.4, 7, 49.9, 51, 230)]
    [1, 5, 20, 50, 200]
    """
    power = 1
    found = 1
    while power <= most:
        found = max([found, *(length * power for length in SCALE_LENGTHS if length * power <= most)])
        power *= 10
    return found
