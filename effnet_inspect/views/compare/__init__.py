"""`compare`: any number of networks side by side, and in words how they differ.

The tables are made here; `verdict` says how alike the networks are, `chart` draws them above one another.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from effnet_inspect.document import Column, Document, Kind, Row, Table, Value
from effnet_inspect.errors import UnknownChoice, UsageError
from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.structure.network import Network, stage_numbers
from effnet_inspect.views.compare.aspects import MODEL, USUAL, Aspect, aspects, choices, properties
from effnet_inspect.views.compare.verdict import judge, matching_backbones
from effnet_inspect.words import join_and, said_of

if TYPE_CHECKING:
    from effnet_inspect.views.contracts import AspectData, CompareData, RowData


class CompareOptions(NamedTuple):
    """`aspects` are keys of `aspects.aspects()`, or MODEL; `only_differences` leaves out what is the same in all."""

    aspects: Sequence[str] = USUAL
    only_differences: bool = False


def compare(networks: Sequence[Network], options: CompareOptions | None = None) -> Document:
    """The verdict, a table for every aspect, and the same as data; the first network is the reference.

    Raises:
        UsageError: where there is nothing to compare, no such aspect, or only one network and its differences are
            asked for.
    """
    options = options or CompareOptions()
    if not networks:
        raise UsageError("there is nothing to compare: name one model or more")
    if options.only_differences and len(networks) == 1:
        raise UsageError("one model alone has no differences: name another to compare it with")
    if unknown := [key for key in options.aspects if key not in choices()]:
        raise UnknownChoice("aspect", unknown[0], choices())
    networks, choices_made = matching_backbones(networks)
    columns = _columns(networks)
    tables: list[Table] = []
    found: dict[str, list[_Line]] = {}
    same: list[str] = []
    for key in dict.fromkeys(options.aspects):
        title = "Model" if key == MODEL else aspects()[key].title
        lines = [line for line in _lines(networks, key) if not (options.only_differences and line.is_same)]
        if not lines:
            same.append(title if title[:2].isupper() else title.lower())
            continue
        note = "" if key == MODEL else aspects()[key].note
        tables.append(_table(title, lines, columns, networks)._replace(notes=(note,) if note else ()))
        found[key] = lines
    tidy = _wide(tables[0], *found) if len(found) == len(options.aspects) == 1 else _long(found, networks)
    verdict = judge(networks) if len(networks) > 1 else None
    notes = " ".join((*choices_made, *_notes(networks, tables, same, found)))
    if verdict and (table := verdict.table()):
        tables.insert(0, table)
    contract: CompareData = {
        "format": 1,
        "models": [network.key for network in networks],
        "exact": [network.totals.are_exact for network in networks],
        "verdict": verdict and verdict.data(),
        "aspects": {key: _aspect_data(lines) for key, lines in found.items()},
    }
    alone = f"One model alone: name another, and what sets it apart from {networks[0].title} is listed here."
    return Document(
        title=join_and([network.title for network in networks]),
        lead=verdict.sentence if verdict else alone,
        tables=tuple(tables),
        notes=(notes,) if notes else (),
        data=contract,
        tidy=tidy,
    )


def _notes(
    networks: Sequence[Network], tables: Sequence[Table], same: Sequence[str], shown: Container[str]
) -> Iterator[str]:
    if same:
        yield f"No difference in {join_and(same)}."
    if any(row.marked for table in tables for row in table.rows):
        yield "Marked cells differ from the model before."
    if len(networks) > 2 and any(column.key == "ratio" for table in tables for column in table.columns):
        yield f"Growth: {networks[-1].title} as a multiple of {networks[0].title}."
    if MODEL in shown and any(network.variant for network in networks):
        yield "Coefficients and accuracy on ImageNet are the published ones; all else is read from the graphs."
    for network in networks:
        ends = (stage.layers[-1] for stage in network.anatomy.stages if stage.layers)
        unseen = network.measures.unseen(ends) if MEASURES["receptive_field"].option in shown else ()
        for sentence in (*network.remarks, *network.totals.lower_bounds, *unseen):
            yield sentence if len(networks) == 1 else said_of(network.title, sentence)


class _Line(NamedTuple):
    """One row of an aspect: the stage's number (None without one), its name, and a value for every model."""

    stage: int | None
    part: str
    kind: Kind
    values: tuple[Value, ...]
    is_total: bool = False

    @property
    def is_same(self) -> bool:
        return all(value == self.values[0] for value in self.values)


def _lines(networks: Sequence[Network], aspect: str) -> Iterator[_Line]:
    """The rows of an aspect in which any model has a value, and the total where it has one."""
    lines = _property_lines(networks) if aspect == MODEL else _stage_lines(networks, aspects()[aspect])
    return (line for line in lines if any(value is not None for value in line.values))


def _property_lines(networks: Sequence[Network]) -> Iterator[_Line]:
    for each in properties():
        yield _Line(None, each.title, each.kind, tuple(map(each.value, networks)))


def _stage_lines(networks: Sequence[Network], aspect: Aspect) -> Iterator[_Line]:
    for number, key in stage_numbers(networks):
        stages = [network.stages.get(key) for network in networks]
        title = next(stage.title for stage in stages if stage)
        values = tuple(
            aspect.value(network, stage) if stage else None for network, stage in zip(networks, stages, strict=True)
        )
        yield _Line(number, title, aspect.kind, values)
    if aspect.total:
        yield _Line(None, "Total", aspect.kind, tuple(map(aspect.total, networks)), is_total=True)


def _columns(networks: Sequence[Network]) -> tuple[Column, ...]:
    """The stage, a column for every model, and how much the last is of the first."""
    columns = [
        Column("stage", "#", "count"),
        Column("part", "Part"),
        *(
            Column(key, network.title, "per_row", paginate=True)
            for key, network in zip(_unique_keys(networks), networks, strict=True)
        ),
    ]
    if len(networks) > 1:
        columns.append(Column("ratio", "Ratio" if len(networks) == 2 else "Growth", "ratio", paginate=True))
    return tuple(columns)


def _unique_keys(networks: Sequence[Network]) -> list[str]:
    keys = [network.key for network in networks]
    return [key if keys.index(key) == at else f"{key} ({at + 1})" for at, key in enumerate(keys)]


def _levels(aspect: str) -> tuple[str, ...]:
    """What a row is of, for programs."""
    return ("model" if aspect == MODEL else "part",)


def _wide(table: Table, aspect: str) -> Table:
    """The table of one aspect for programs, without the growth of its total."""
    rows = (row._replace(levels=_levels(aspect)) for row in table.rows if row.kind != "ratio")
    return table._replace(rows=tuple(rows))


def _long(found: Mapping[str, Sequence[_Line]], networks: Sequence[Network]) -> Table:
    """All aspects for programs: a row for every value."""
    columns = tuple(Column(key, key) for key in ("aspect", "stage", "part", "model", "value"))
    rows = [
        Row(
            (aspect, line.stage, line.part, key, value),
            role="total" if line.is_total else "row",
            levels=_levels(aspect),
        )
        for aspect, lines in found.items()
        for line in lines
        for key, value in zip(_unique_keys(networks), line.values, strict=True)
    ]
    return Table("", columns, tuple(rows))


def _table(title: str, lines: Sequence[_Line], columns: tuple[Column, ...], networks: Sequence[Network]) -> Table:
    several = len(networks) > 1
    numbered = any(line.stage is not None for line in lines)
    has_ratio = several and any(_ratio(line) is not None for line in lines)
    shown = [
        column for column in columns if (column.key != "stage" or numbered) and (column.key != "ratio" or has_ratio)
    ]
    model_keys = [column.key for column in columns if column.kind == "per_row"]
    rows = []
    for line, marked in zip(lines, _marks(lines, model_keys), strict=True):
        values: dict[str, Value] = {
            "stage": line.stage,
            "part": line.part,
            **dict(zip(model_keys, line.values, strict=True)),
            "ratio": _ratio(line),
        }
        rows.append(
            Row(
                tuple(values[column.key] for column in shown),
                role="total" if line.is_total else "row",
                marked=marked,
                kind=line.kind,
                collapse=several and line.is_same,
            )
        )
    if len(networks) > 2 and lines[-1].is_total and not lines[-1].is_same:
        rows.append(_growth_row(lines[-1], shown))
    return Table(
        title,
        tuple(shown),
        tuple(rows),
        collapsed_label="The same in both" if len(networks) == 2 else f"The same in all {len(networks)}",
    )


MARKED_KINDS = frozenset({"text", "count", "number", "size", "flag"})
"""Of values that may stay as they are from one model to the next; sums hardly ever do."""


def _marks(lines: Sequence[_Line], model_keys: Sequence[str]) -> list[frozenset[str]]:
    """For each row the models in which it is other than in the model before; none where it is so everywhere.

    Of two models each row that is shown differs, which says enough.
    """
    found = []
    for line in lines:
        pairs = zip(model_keys[1:], line.values, line.values[1:], strict=False)
        is_marked = len(model_keys) > 2 and line.kind in MARKED_KINDS and not line.is_total
        found.append(frozenset(key for key, before, value in pairs if is_marked and value != before))
    stays = any(
        len(marked) < len(model_keys) - 1
        for line, marked in zip(lines, found, strict=True)
        if line.kind in MARKED_KINDS and not line.is_total and not line.is_same
    )
    return found if stays else [frozenset()] * len(lines)


def _growth_row(total: _Line, shown: Sequence[Column]) -> Row:
    """Every model's total as a multiple of the first's."""
    first = total.values[0]
    growth = iter([_multiple(first, value) for value in total.values])
    values = tuple(
        next(growth) if column.kind == "per_row" else "Growth" if column.key == "part" else None for column in shown
    )
    return Row(values, role="total", kind="ratio")


GROWING_KINDS = frozenset({"count", "quantity", "bytes"})
"""Of values of which a multiple says something."""


def _ratio(line: _Line) -> float | None:
    return _multiple(line.values[0], line.values[-1]) if line.kind in GROWING_KINDS else None


def _multiple(first: Value, last: Value) -> float | None:
    if isinstance(first, int | float) and isinstance(last, int | float) and first:
        return last / first
    return None


def _aspect_data(lines: Iterable[_Line]) -> AspectData:
    rows: list[RowData] = []
    data: AspectData = {"rows": rows}
    for line in lines:
        values = [list(value) if isinstance(value, tuple) else value for value in line.values]
        if line.is_total:
            data["total"] = values
        else:
            rows.append({"stage": line.stage, "part": line.part, "values": values})
    return data
