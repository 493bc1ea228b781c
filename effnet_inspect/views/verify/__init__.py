"""`verify`: published statements about EfficientNet, checked against the graphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from effnet_inspect.catalog.published import SOURCES
from effnet_inspect.choices import SourceName
from effnet_inspect.claims.claim import Cell, Checked, Evidence, Finding, Verdict
from effnet_inspect.document import Column, Document, HeaderField, Kind, Row, Table, Value
from effnet_inspect.errors import ClaimError
from effnet_inspect.words import pluralize

if TYPE_CHECKING:
    from effnet_inspect.views.contracts import CellData, ClaimData, EvidenceData, VerifyData

COLUMNS = (
    Column("verdict", "Verdict", "verdict", wrap=True),
    Column("claim", "Claim"),
    Column("statement", "Published statement", wrap=True),
    Column("graph", "What the graph says", wrap=True),
    Column("place", "Place", drop_priority=9, wrap=True),
)

TIDY_COLUMNS = tuple(Column(key, key) for key in ("source", "claim", "verdict", "expected", "found", "place"))
"""What programs get: a row for every claim, of whatever source."""

DETAIL_COLUMNS = (Column("what", ""), Column("text", "", wrap=True))

IN_SENTENCES = {
    Verdict.HOLDS: ("holds", "hold"),
    Verdict.HOLDS_IF: ("holds with a condition", "hold with a condition"),
    Verdict.DOES_NOT_HOLD: ("does not hold", "do not hold"),
    Verdict.ANSWERED: ("is answered", "are answered"),
    Verdict.CANNOT_BE_CHECKED: ("cannot be checked here", "cannot be checked here"),
}

CONDITION_TITLES = {Verdict.HOLDS_IF: "Holds if", Verdict.CANNOT_BE_CHECKED: "Why not"}

PROGRAM = "effnet-inspect"
DETAIL_COMMAND = f"{PROGRAM} verify --claim"

LAYERS_SHOWN = 15
LONGEST_TEXT = 16
"""Text that is longer may be broken into several lines."""


def claims_overview(checked: Sequence[Checked]) -> Document:
    """All claims at a glance: the counts, then a table for every source."""
    return Document(
        title="Published statements about EfficientNet, checked against the graphs",
        lead=_counts(checked),
        tables=tuple(
            _table(source, list(claims)) for source, claims in groupby(checked, lambda one: one.claim.entry.source)
        ),
        notes=(
            *_differences(checked),
            f"One claim in detail, with its evidence: {DETAIL_COMMAND} CLAIM.",
        ),
        data=verify_data(checked),
        tidy=_tidy(checked),
    )


def _tidy(checked: Sequence[Checked]) -> Table:
    rows = (
        Row((entry.source, entry.id, finding.verdict.value, finding.expected, finding.found, entry.place))
        for entry, finding in ((one.claim.entry, one.finding) for one in checked)
    )
    return Table("", TIDY_COLUMNS, tuple(rows))


def _counts(checked: Sequence[Checked]) -> str:
    counts = Counter(one.finding.verdict for one in checked)
    parts = [
        f"{counts[verdict]} {words[counts[verdict] > 1]}" for verdict, words in IN_SENTENCES.items() if counts[verdict]
    ]
    return f"{pluralize(len(checked), 'claim')}: {', '.join(parts)}."


def _table(source: SourceName, checked: Sequence[Checked]) -> Table:
    published = SOURCES[source]
    rows = tuple(
        Row(
            (
                one.finding.verdict.value,
                one.claim.entry.id,
                one.claim.statement,
                _what_the_graph_says(one.finding),
                one.claim.entry.place,
            ),
            marked=frozenset() if one.as_recorded else frozenset({"verdict"}),
        )
        for one in checked
    )
    return Table(published.title, COLUMNS, rows, caption=f"{published.authors}; {published.edition}")


def _what_the_graph_says(finding: Finding) -> str:
    if finding.verdict is Verdict.HOLDS_IF:
        return f"if {finding.condition}"
    return finding.condition if finding.verdict is Verdict.CANNOT_BE_CHECKED else finding.found


def _differences(checked: Sequence[Checked]) -> Iterator[str]:
    for one in checked:
        if not one.as_recorded:
            yield (
                f"The verdict on {one.claim.entry.id} is “{one.finding.verdict.value}”; "
                f"recorded for it is “{one.claim.entry.recorded.value}”."
            )


def check_strict(checked: Sequence[Checked]) -> None:
    """Let nothing pass that has another verdict than the one recorded.

    Raises:
        ClaimError: naming the claims that have.
    """
    if different := list(_differences(checked)):
        raise ClaimError(" ".join(different))


def claim_detail(one: Checked) -> Document:
    """One claim with everything that was found about it."""
    entry, finding = one.claim.entry, one.finding
    source = SOURCES[entry.source]
    rows = [
        ("Source", f"{source.title}. {source.authors}; {source.edition}"),
        ("Address", source.reference),
        ("Place", entry.place),
        ("Published", finding.expected),
        ("In the graph", finding.found),
        (CONDITION_TITLES.get(finding.verdict, ""), finding.condition),
        ("Layers", "; ".join(_layers_in_words(finding))),
        ("See", f"{PROGRAM} {entry.see}"),
        ("Picture", f"{DETAIL_COMMAND} {entry.id} --out {entry.id}.svg" if entry.has_picture else ""),
    ]
    return Document(
        title=f"Claim {entry.id}",
        lead=one.claim.statement,
        header=(
            HeaderField("", finding.verdict.value, "verdict", "as recorded" if one.as_recorded else "not as recorded"),
        ),
        tables=(
            Table("", DETAIL_COLUMNS, tuple(Row(row) for row in rows if row[1])),
            *(_evidence_table(each) for each in finding.evidence),
        ),
        notes=tuple(_differences([one])),
        data=verify_data([one]),
        tidy=_tidy([one]),
    )


def _layers_in_words(finding: Finding) -> Iterator[str]:
    for target, names in finding.layers:
        shown = ", ".join(names[:LAYERS_SHOWN])
        more = f" and {len(names) - LAYERS_SHOWN} more" if len(names) > LAYERS_SHOWN else ""
        yield f"{target}: {shown}{more}"


def _evidence_table(evidence: Evidence) -> Table:
    """The cells as computed; under a row that does not agree stands what was expected where it differs."""
    columns = (Column("name", evidence.corner, wrap=_is_long(name for name, _ in evidence.rows)), *_columns(evidence))
    if any(cell.is_judged for cell in evidence.cells):
        columns = (Column("agrees", "Agrees", "flag"), *columns)
    rows = [row for name, cells in evidence.rows for row in _evidence_rows(name, cells, columns, evidence)]
    notes = ("Marked: differs from the source.",) if not all(cell.agrees for cell in evidence.cells) else ()
    return Table(evidence.title, columns, tuple(rows), notes)


def _columns(evidence: Evidence) -> Iterator[Column]:
    """A column for each title; how its values are written follows from what they are."""
    for index, title in enumerate(evidence.columns):
        cells = [cells[index] for _, cells in evidence.rows if index < len(cells)]
        values = [value for cell in cells for value in (cell.found, _shown(cell, evidence))]
        yield Column(_key(title), title, _kind(values), wrap=_is_long(values))


def _shown(cell: Cell, evidence: Evidence) -> Value:
    """What is expected of a cell, where a row of its own says so."""
    return cell.expected if evidence.reference and not cell.agrees else None


def _key(title: str) -> str:
    """The name of a column for programs: `computed_m`, `block_4`."""
    words = "_".join(re.findall(r"\w+", title.lower()))
    return f"block_{words}" if words.isdigit() else words


def _kind(values: Iterable[Value]) -> Kind:
    types = {type(value) for value in values if value is not None}
    return "text" if str in types else "number" if float in types else "count"


def _is_long(values: Iterable[Value]) -> bool:
    return any(len(value) > LONGEST_TEXT for value in values if isinstance(value, str))


def _evidence_rows(name: str, cells: Sequence[Cell], columns: Sequence[Column], evidence: Evidence) -> Iterator[Row]:
    first: tuple[Value, ...] = (all(cell.agrees for cell in cells),) if columns[0].key == "agrees" else ()
    keys = [column.key for column in columns[len(first) + 1 :]]
    cells = (*cells, *[Cell(None)] * (len(keys) - len(cells)))
    wrong = frozenset(key for key, cell in zip(keys, cells, strict=True) if not cell.agrees)
    yield Row((*first, name, *(cell.found for cell in cells)), marked=wrong)
    expected = [_shown(cell, evidence) for cell in cells]
    if any(value is not None for value in expected):
        yield Row((None, evidence.reference, *expected), level=1)


def verify_data(checked: Sequence[Checked]) -> VerifyData:
    """The findings as JSON values: format 1 of the contract."""
    counts = Counter(one.finding.verdict for one in checked)
    return {
        "format": 1,
        "counts": {verdict.value: counts[verdict] for verdict in Verdict},
        "as_recorded": all(one.as_recorded for one in checked),
        "claims": [_claim_data(one) for one in checked],
    }


def _claim_data(one: Checked) -> ClaimData:
    entry, finding = one.claim.entry, one.finding
    return {
        "id": entry.id,
        "statement": one.claim.statement,
        "source": entry.source,
        "place": entry.place,
        "models": list(entry.targets),
        "verdict": finding.verdict.value,
        "recorded": entry.recorded.value,
        "as_recorded": one.as_recorded,
        "expected": finding.expected,
        "found": finding.found,
        "condition": finding.condition or None,
        "layers": [{"model": target, "names": list(names)} for target, names in finding.layers],
        "evidence": [_evidence_data(each) for each in finding.evidence],
        "alignments": [
            {
                "title": alignment.title,
                "drawn": list(alignment.reference),
                "built": [{"where": location, "layers": list(row)} for location, row in alignment.actual],
            }
            for alignment in finding.alignments
        ],
        "command": f"{PROGRAM} {entry.see}",
    }


def _evidence_data(evidence: Evidence) -> EvidenceData:
    return {
        "title": evidence.title,
        "columns": [_key(title) for title in evidence.columns],
        "rows": [{"name": name, "cells": [_cell_data(cell) for cell in cells]} for name, cells in evidence.rows],
    }


def _cell_data(cell: Cell) -> CellData:
    return {"found": cell.found, "expected": cell.found if cell.agrees else cell.expected, "agrees": cell.agrees}
