"""Two networks side by side, place by place: what is equal, changed, inserted and deleted.

The places and the differences are those of `structure.difference`; here they are only put in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby, zip_longest
from typing import Literal, NamedTuple

from effnet_inspect.graph import Shape
from effnet_inspect.structure.anatomy import Block, Section, Stage, StageKey, SubBlock
from effnet_inspect.structure.difference import OPERATOR, Change
from effnet_inspect.structure.facts import Key, Place, PlaceFacts, name_of
from effnet_inspect.structure.network import Network, changes_between, stage_numbers
from effnet_inspect.structure.signature import Strictness, signature

Status = Literal["same", "changed-slightly", "changed", "inserted", "deleted"]
"""How a place or an item of the second network is to that of the first; slightly: it computes the same at inference, or
the same at another size."""

Part = Stage | SubBlock

SERIOUS = frozenset({"outputs", "weights"})
"""The effects of differences that are more than slight."""

AROUND = frozenset({"before", "after", "other_branches"})
"""The places around a backbone, of which it lacks nothing."""

RUN = Place("run")

WHOLE = ("end", "network")
"""The places of differences that are about what one network lacks as a whole."""


class Column(NamedTuple):
    """One place in both networks, or several in a row that are alike; None where a network has nothing there.

    `changes` are the numbers of the differences there, from 0. The input is a place without parts. One that differs
    in `size_only` has those of the place that gave its data another size.
    """

    place: Place
    first: tuple[Part, ...]
    second: tuple[Part, ...]
    status: Status
    changes: tuple[int, ...]
    title: str = ""
    size_only: bool = False

    @property
    def is_run(self) -> bool:
        """Whether it stands for places of several kinds, which are equal in both or differ in size alone."""
        return self.place == RUN


class ItemRow(NamedTuple):
    """One item of a place in both networks: its key, its facts in each, and its differences."""

    key: Key
    first: dict[str, object] | None
    second: dict[str, object] | None
    status: Status
    changes: tuple[Change, ...]


class Alignment:
    """Two networks, their differences in the order of the data, and the columns in which they stand."""

    def __init__(self, first: Network, second: Network) -> None:
        self.first, self.second = first, second
        self.networks = (first, second)
        found = changes_between(first, second)
        bare = list(self._bare(found))
        order = {change: at for at, column in reversed(list(enumerate(bare))) for change in column.changes}
        rank = sorted(range(len(found)), key=lambda number: (order.get(number, len(bare)), number))
        self.changes = [found[number] for number in rank]
        new = {number: at for at, number in enumerate(rank)}
        renumbered = [
            column._replace(changes=tuple(sorted(new[number] for number in column.changes))) for column in bare
        ]
        self.columns = [_joined(list(group)) for _, group in groupby(renumbered, key=_likeness)]

    @cached_property
    def first_difference(self) -> Column | None:
        """The first place that differs in more than training and cost; where there is none, that differs at all."""
        differing = [column for column in self.columns if column.changes]
        serious = (
            column
            for column in differing
            if not column.size_only and any(self.changes[number].effect in SERIOUS for number in column.changes)
        )
        return next(serious, differing[0] if differing else None)

    def with_equal_joined(self) -> list[Column]:
        """The columns, each run of equal ones as one: what is left are the differences and where they are.

        So is each run of those that the same difference gives another size.
        """
        found: list[Column] = []
        for (is_like, changes), group in groupby(
            self.columns, key=lambda column: (column.status == "same" or column.size_only, column.changes)
        ):
            run = list(group)
            if not is_like or len(run) == 1:
                found += run
                continue
            first = tuple(part for column in run for part in column.first)
            second = tuple(part for column in run for part in column.second)
            title = f"{run[0].title.partition('–')[0]}–{run[-1].title.rpartition('–')[2]}"
            found.append(Column(RUN, first, second, run[-1].status, changes, title, run[-1].size_only))
        return found

    def at(self, column: Column) -> list[Change]:
        """The differences at a place, each as it is there alone; the serious ones first."""
        found = [each for number in column.changes for each in _at_place(self.changes[number], column.place)]
        return sorted(found, key=lambda change: change.effect not in SERIOUS)

    def items(self, column: Column) -> list[ItemRow]:
        """The items of a place in both networks, in the order of the data; none of a whole block."""
        own, others = (_facts_at(network, column.place) for network in self.networks)
        if own is None or others is None:
            return []
        rows: list[ItemRow] = []
        local = [change for change in self.at(column) if change.keys]
        for key, side in _in_order(own, others, local):
            if key == OPERATOR and own.items.get(key) == others.items.get(key):
                continue
            touching = tuple(change for change in local if change.keys[0] == key and _side(change) in (None, side))
            rows.append(
                ItemRow(
                    key,
                    own.items.get(key) if side != "second" else None,
                    others.items.get(key) if side != "first" else None,
                    "deleted" if side == "first" else "inserted" if side == "second" else _status(touching),
                    touching,
                )
            )
        return rows

    def _bare(self, changes: Sequence[Change]) -> Iterator[Column]:
        """The columns one by one."""
        shapes = [network.anatomy.input_shape for network in self.networks]
        last: tuple[int, ...] = ()
        if any(shapes):
            last = tuple(at for at, change in enumerate(changes) if any(p.stage == "image" for p in change.places))
            status = _status([changes[number] for number in last])
            yield Column(Place("image"), (), (), status, last, "Input")
        sizing = last if shapes[0] != shapes[1] else ()
        for _, key in stage_numbers(self.networks):
            for place, one, other, title in self._parts(key):
                column = self._column(changes, place, one, other, title)
                if one and other and not column.changes and _shapes(one) != _shapes(other):
                    numbers = sizing or last
                    status = "changed-slightly" if numbers else "same"
                    column = column._replace(changes=numbers, status=status, size_only=bool(numbers))
                elif one and other and one.input_shape == other.input_shape and one.output_shape != other.output_shape:
                    sizing = column.changes
                last = column.changes or last
                yield column

    def _column(
        self, changes: Sequence[Change], place: Place, one: Part | None, other: Part | None, title: str
    ) -> Column:
        """A column with the differences that are at its place."""
        first, second = ((part,) if part else () for part in (one, other))
        is_cut = bool(one and other) and isinstance(one, SubBlock) != isinstance(other, SubBlock)
        numbers = set(_touching(changes, place, is_alone=not (one and other)))
        numbers |= set(_of_the_whole(changes)) if is_cut else set()
        status = _status([changes[number] for number in numbers])
        if not (one and other):
            status = "deleted" if one else "inserted"
        return Column(place, first, second, status, tuple(sorted(numbers)), title)

    def _parts(self, key: StageKey) -> Iterator[tuple[Place, Part | None, Part | None, str]]:
        one, other = (network.stages.get(key) for network in self.networks)
        there = one or other
        assert there is not None
        if not isinstance(there, Block):
            if not (one and other) and isinstance(there, Section) and there.of in self._whole_of_cut:
                return
            if not (one and other) and all(layer.operation == "input" for layer in there.layers):
                return
            yield Place(name_of(there)), one, other, there.title
            return
        own, others = (stage.sub_blocks if isinstance(stage, Block) else () for stage in (one, other))
        for first, second in zip_longest(own, others):
            name = (first or second).name
            yield (
                Place(name_of(there), name),
                first or self._cut(self.first, name),
                second or self._cut(self.second, name),
                name,
            )

    @cached_property
    def _whole_of_cut(self) -> set[str]:
        """The sub-blocks that one network has a part of, and the other all of."""
        found = set()
        for network, other in (self.networks, self.networks[::-1]):
            part = network.anatomy.part
            if part and part.of in {each.name for each in other.anatomy.sub_blocks}:
                found.add(part.of)
        return found

    def _cut(self, network: Network, name: str) -> Section | None:
        """The part of a sub-block at which a network is cut."""
        part = network.anatomy.part
        return part if part and part.of == name and name in self._whole_of_cut else None


def _touching(changes: Sequence[Change], place: Place, *, is_alone: bool) -> Iterator[int]:
    """The numbers of the differences at a place; of what one network has alone, those about its block or its end."""
    numbers = [at for at, change in enumerate(changes) if any(_is_at(each, place) for each in change.places)]
    if not is_alone:
        return iter(numbers)
    of_block = [at for at, change in enumerate(changes) if Place(place.stage) in change.places and not change.keys]
    of_whole = [] if place.stage in AROUND or numbers else _of_the_whole(changes)
    return iter(sorted({*numbers, *(of_block or of_whole)}))


def _of_the_whole(changes: Sequence[Change]) -> list[int]:
    """The numbers of the differences that are about what one network lacks as a whole."""
    return [at for at, change in enumerate(changes) if change.places[0].stage in WHOLE]


def _is_at(own: Place, place: Place) -> bool:
    """Whether a difference is at a place; a cut sub-block is a place by its stage alone."""
    if place.sub_block is None:
        return own.stage == place.stage
    return own == place


def _at_place(change: Change, place: Place) -> Iterator[Change]:
    """A difference as it is at one place, once for each of its items there."""
    keys = change.keys or (None,) * len(change.places)
    values = change.values or ((change.first, change.second),) * len(change.places)
    here = [at for at, own in enumerate(change.places) if _is_at(own, place)]
    here = here or [at for at, own in enumerate(change.places) if own == Place(place.stage) or own.stage in WHOLE]
    for at in here:
        key, (first, second) = keys[at], values[at]
        own = (key,) if key else ()
        yield change._replace(
            places=(change.places[at],), keys=own, first=first, second=second, values=((first, second),)
        )


def _shapes(part: Part) -> tuple[Shape | None, Shape | None]:
    return part.input_shape, part.output_shape


def _status(changes: Sequence[Change]) -> Status:
    if not changes:
        return "same"
    return "changed" if any(change.effect in SERIOUS for change in changes) else "changed-slightly"


def _likeness(column: Column) -> object:
    """What is equal in columns that stand for each other: those of one block."""
    if not column.place.sub_block:
        return column.place
    parts = [each for side in (column.first, column.second) for each in side or (None,)]
    shapes = tuple(signature(each, Strictness.SHAPES) if isinstance(each, SubBlock) else None for each in parts)
    return (column.place.stage, column.status, column.changes, column.size_only, shapes)


def _joined(group: Sequence[Column]) -> Column:
    first, *others = group
    if not others:
        return first
    return first._replace(
        first=tuple(part for column in group for part in column.first),
        second=tuple(part for column in group for part in column.second),
        title=f"{first.title}–{group[-1].title}",
    )


def _facts_at(network: Network, place: Place) -> PlaceFacts | None:
    facts = network.facts
    if place.sub_block is None:
        return facts.sections.get(place.stage)
    return next((each for block in facts.blocks for each in block if each.place == place), None)


def _side(change: Change) -> Literal["first", "second"] | None:
    """The network that alone has the item of a difference."""
    if change.attribute not in ("presence", "added"):
        return None
    return "second" if change.first is None else "first" if change.second is None else None


def _in_order(
    own: PlaceFacts, others: PlaceFacts, changes: Sequence[Change]
) -> Iterator[tuple[Key, Literal["first", "second"] | None]]:
    """The keys of both in one row, each with the network that has it alone."""
    alone = {(change.keys[0], side) for change in changes if (side := _side(change))}
    rows: list[tuple[Key, Literal["first", "second"] | None]] = [
        (key, "second" if (key, "second") in alone or key not in own.items else None) for key in others.items
    ]
    before: Key | None = None
    for key in own.items:
        if (key, "first") in alone or key not in others.items:
            at = next((index for index, row in enumerate(rows) if row[0] == before), -1)
            rows.insert(at + 1, (key, "first"))
        before = key
    return iter(rows)
