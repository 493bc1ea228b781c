"""`weights`: what a file of weights is of, and whether it fits a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from effnet_inspect.checkpoints import Array, Checkpoint
from effnet_inspect.conventions.fit import Fit, Pairing, Status
from effnet_inspect.conventions.loading import Way
from effnet_inspect.conventions.recognition import Recognition
from effnet_inspect.conventions.slots import words_of
from effnet_inspect.document import Column, Document, HeaderField, Later, Row, Table
from effnet_inspect.graph import elements
from effnet_inspect.views.plain import plain
from effnet_inspect.words import abbreviate, plural, pluralize

if TYPE_CHECKING:
    from effnet_inspect.views.contracts import IntoData, WeightsData

FAULTS: dict[Status, str] = {"missing": "missing", "other shape": "of another shape", "left over": "left over"}
"""What is the matter with an array -> how it is said behind their number."""

MOST_REASONS = 12
"""Rows of reasons that people are shown."""

ARRAY_COLUMNS = (
    Column("name", "Array", keep_end=True),
    Column("shape", "Shape", "size"),
    Column("dtype", "Type"),
    Column("role", "What it is of"),
    Column("sub_block", "Sub-block"),
)

PAIRING_COLUMNS = (
    Column("name", "Array", keep_end=True),
    Column("status", "Status"),
    Column("file_shape", "In the file", "size"),
    Column("model_shape", "In the model", "size"),
    Column("reason", "Reason", wrap=True),
)

REASON_COLUMNS = (
    Column("arrays", "Arrays", "count"),
    Column("status", "Status"),
    Column("name", "The first of them", keep_end=True),
    Column("file_shape", "In the file", "size", drop_priority=1),
    Column("model_shape", "In the model", "size", drop_priority=1),
    Column("reason", "Reason", wrap=True),
)

WAY_COLUMNS = (
    Column("call", "Call"),
    Column("by", "Arrays find their layers", drop_priority=2),
    Column("loads", "Loads"),
    Column("arrays", "Arrays that fit", "count", drop_priority=1),
    Column("trouble", "What is the matter", wrap=True),
)

EXTRA_COLUMNS = (
    Column("name", "Names begin with", keep_end=True),
    Column("arrays", "Arrays", "count"),
    Column("what", "What it is", wrap=True),
)


def weights(checkpoint: Checkpoint, found: Recognition, into: Fit | None = None) -> Document:
    """A file of weights as tables and as data.

    Args:
        checkpoint: what is in the file.
        found: what it is of.
        into: how it fits a model, where that is asked.
    """
    tables = []
    if into and (wrong := [each for each in into.pairings if each.status != "fits" and each.is_needed]):
        tables.append(_faults(wrong))
    if into and (len(into.ways) > 1 or (into.ways[0].trouble and into.ways[0].pairs)):
        tables.append(Table("How Keras loads them", WAY_COLUMNS, tuple(_way(each) for each in into.ways)))
    if found.extra:
        rows = tuple(Row((each.name, each.arrays, each.what)) for each in found.extra)
        tables.append(Table("Beside the network's weights", EXTRA_COLUMNS, rows))
    return Document(
        title=f"Weights in {checkpoint.name}",
        lead=" ".join(_sentences(found, into)),
        header=tuple(_header(checkpoint, found)),
        tables=tuple(tables),
        notes=tuple(_notes(into)),
        tidy=_pairings(into.pairings) if into else _arrays(checkpoint, found),
        data=Later(lambda: _data(checkpoint, found, into)),
    )


def _sentences(found: Recognition, into: Fit | None) -> Iterator[str]:
    if found.convention is None:
        yield "No code base that is known here names an EfficientNet's weights so."
    else:
        yield f"{_what(found)} {_extent(found)}, with the names of {found.convention.title}."
    if into:
        yield _verdict(into)


def _what(found: Recognition) -> str:
    if found.network is None:
        return "An EfficientNet of no published size"
    return f"{found.network.name}{', with some other shapes,' if found.is_changed else ''}"


def _extent(found: Recognition) -> str:
    if found.up_to == "classifier":
        if found.classes is None:
            return "with a classifier"
        return f"with a classifier of {pluralize(found.classes, 'class')}"
    if found.up_to == "head":
        return "up to the final layers, without a classifier"
    return f"up to block {found.up_to}"


def _verdict(into: Fit) -> str:
    needed = [each for each in into.pairings if each.is_needed]
    fitting = sum(each.status == "fits" for each in needed)
    if into.fits:
        return f"They fit {into.title}: all {pluralize(fitting, 'array')}."
    if fitting == len(needed):
        trouble = into.ways[0].trouble
        return f"Their {pluralize(fitting, 'array')} fit {into.title}, but are not loaded as they are: {trouble}."
    wanted = sum(each.status != "left over" for each in needed)
    counts = Counter(each.status for each in needed)
    others = ", ".join(f"{counts[status]:,} {words}" for status, words in FAULTS.items() if counts[status])
    return f"They do not fit {into.title}: {fitting:,} of the model's {pluralize(wanted, 'array')} fit; {others}."


def _header(checkpoint: Checkpoint, found: Recognition) -> Iterator[HeaderField]:
    yield HeaderField("", checkpoint.kind)
    yield HeaderField("on disk", checkpoint.size, "bytes")
    yield HeaderField(plural("array", len(checkpoint.arrays)), len(checkpoint.arrays), "count", _counters(found))
    yield HeaderField(plural("parameter", found.parameters), found.parameters, "count")
    yield HeaderField("", _dtype(checkpoint.arrays))
    if found.input_channels is not None:
        yield HeaderField(plural("input channel", found.input_channels), found.input_channels, "count")


def _counters(found: Recognition) -> str:
    if not found.counters:
        return ""
    return f"{found.counters:,} of them {'counts' if found.counters == 1 else 'count'} batches"


def _dtype(arrays: Sequence[Array]) -> str:
    """The type of most numbers in a file."""
    counts: Counter[str] = Counter()
    for array in arrays:
        counts[array.dtype] += elements(array.shape) or 0
    return counts.most_common(1)[0][0]


def _faults(wrong: Sequence[Pairing]) -> Table:
    """For people: what has one reason is one row, and the first rows tell enough."""
    rows = tuple(_by_reason(wrong))
    more = sum(int(str(row.values[0])) for row in rows[MOST_REASONS:])
    notes = (f"And {pluralize(more, 'array')} more: --format csv lists them all.",) if more else ()
    return Table("What does not fit", REASON_COLUMNS, rows[:MOST_REASONS], notes)


def _by_reason(wrong: Sequence[Pairing]) -> Iterator[Row]:
    """Rows for people: what has one reason is one row."""
    order = list(dict.fromkeys((each.status, each.reason) for each in wrong))
    for (status, reason), group in groupby(
        sorted(wrong, key=lambda each: order.index((each.status, each.reason))),
        key=lambda each: (each.status, each.reason),
    ):
        same = list(group)
        yield Row((len(same), status, same[0].name, same[0].file_shape, same[0].model_shape, reason))


def _way(way: Way) -> Row:
    return Row((way.call, way.by, "yes" if way.loads else "no", way.loaded, way.trouble or None))


def _pairings(pairings: Sequence[Pairing]) -> Table:
    rows = (Row((each.name, each.status, each.file_shape, each.model_shape, each.reason)) for each in pairings)
    return Table("", PAIRING_COLUMNS, tuple(rows))


def _arrays(checkpoint: Checkpoint, found: Recognition) -> Table:
    slots = found.found.by_name if found.found else {}
    rows = []
    for array in checkpoint.arrays:
        slot = slots.get(found.own_name(array) or "")
        place = slot.place.name if slot and slot.place else None
        rows.append(Row((array.name, array.shape, array.dtype, words_of(slot.role) if slot else None, place)))
    return Table("", ARRAY_COLUMNS, tuple(rows))


def _notes(into: Fit | None) -> Iterator[str]:
    if into is None:
        return
    unread = [each.name for each in into.pairings if not each.is_needed and each.status == "left over"]
    if unread:
        yield f"Not read: {abbreviate(unread)}. No layer of the model takes {'it' if len(unread) == 1 else 'them'}."
    idle = [each.name for each in into.pairings if not each.is_needed and each.status == "missing"]
    if idle:
        yield (
            f"Not needed: {', '.join(idle)}. Keras keeps the mean and variance of pixels as weights; other code bases "
            "leave that to whoever prepares the images."
        )
    yield from into.advice


def _data(checkpoint: Checkpoint, found: Recognition, into: Fit | None) -> WeightsData:
    return {
        "format": 1,
        "file": checkpoint.name,
        "kind": checkpoint.kind,
        "bytes": checkpoint.size,
        "code_base": found.convention.key if found.convention else None,
        "variant": found.network.key if found.network else None,
        "changed": found.is_changed,
        "up_to": found.up_to,
        "input_channels": found.input_channels,
        "classes": found.classes,
        "arrays": len(checkpoint.arrays),
        "parameters": found.parameters,
        "dtype": _dtype(checkpoint.arrays),
        "prefix": found.prefix,
        "extra": [{"name": each.name, "arrays": each.arrays, "what": each.what} for each in found.extra],
        "into": _into(into) if into else None,
    }


def _into(into: Fit) -> IntoData:
    return {
        "target": into.target,
        "fits": into.fits,
        "matched": len(into.of("fits")),
        "missing": [
            {"name": each.name, "model_shape": plain(each.model_shape), "reason": each.reason}
            for each in into.of("missing")
            if each.is_needed
        ],
        "unexpected": [
            {"name": each.name, "file_shape": plain(each.file_shape), "reason": each.reason}
            for each in into.of("left over")
        ],
        "mismatched": [
            {
                "name": each.name,
                "file_shape": plain(each.file_shape),
                "model_shape": plain(each.model_shape),
                "reason": each.reason,
            }
            for each in into.of("other shape")
        ],
        "ways": [
            {"call": way.call, "by": way.by, "loads": way.loads, "arrays": way.loaded, "trouble": way.trouble}
            for way in into.ways
        ],
        "advice": [*into.advice],
    }
