"""`verify`: what has been written about EfficientNet, held against the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from effnet_inspect.claims.claim import Cell, Checked, Evidence, Finding, Verdict
from effnet_inspect.document import Column, Document, Fact, Row, Table, Value
from effnet_inspect.errors import ClaimError
from effnet_inspect.published import SOURCES
from effnet_inspect.words import counted

if TYPE_CHECKING:
    from effnet_inspect.drawing import Diagram

COLUMNS = (
    Column("verdict", "Verdict", "verdict"),
    Column("claim", "Claim"),
    Column("statement", "What is written", wraps=True),
    Column("graph", "What the graph says", leaves=1, wraps=True),
    Column("place", "Where it is written", leaves=2, wraps=True),
)

STORY_COLUMNS = (Column("what", ""), Column("text", "", wraps=True))

IN_SENTENCES = {
    Verdict.HOLDS: ("holds", "hold"),
    Verdict.HOLDS_IF: ("holds on a condition", "hold on a condition"),
    Verdict.DOES_NOT_HOLD: ("does not hold", "do not hold"),
    Verdict.ANSWERED: ("is answered", "are answered"),
    Verdict.CANNOT_BE_CHECKED: ("cannot be checked here", "cannot be checked here"),
}

STORY_COMMAND = "effnet-inspect verify --claim"

LAYERS_SHOWN = 15
LONGEST_NAME = 40
"""A row's name that is longer is running text."""


def answer(checked: Sequence[Checked], *, whole_story: bool, drawn: bool) -> Document | Diagram:
    """All claims at a glance, or the whole story of the only one, in words or as its picture."""
    if drawn:
        from effnet_inspect.views.verify.picture import picture

        return picture(checked[0])
    return story(checked[0]) if whole_story else verify(checked)


def verify(checked: Sequence[Checked]) -> Document:
    """All claims at a glance: the counts, then a table for every source."""
    return Document(
        title="What is written about EfficientNet, held against the graph",
        lead=_counts(checked),
        tables=tuple(_table(source, list(claims)) for source, claims in groupby(checked, lambda one: one.claim.source)),
        notes=(
            *_differences(checked),
            f"The whole story of one claim, with its evidence: {STORY_COMMAND} CLAIM.",
        ),
        data=verify_data(checked),
    )


def _counts(checked: Sequence[Checked]) -> str:
    counts = Counter(one.finding.verdict for one in checked)
    parts = [
        f"{counts[verdict]} {words[counts[verdict] > 1]}" for verdict, words in IN_SENTENCES.items() if counts[verdict]
    ]
    return f"{counted(len(checked), 'claim')}: {', '.join(parts)}."


def _table(source: str, checked: Sequence[Checked]) -> Table:
    published = SOURCES[source]
    rows = tuple(
        Row(
            (
                one.finding.verdict.value,
                one.claim.id,
                one.claim.statement,
                _what_the_graph_says(one.finding),
                one.claim.place,
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
                f"The verdict on {one.claim.id} is “{one.finding.verdict.value}”; "
                f"recorded for it is “{one.claim.recorded.value}”."
            )


def demand_recorded(checked: Sequence[Checked]) -> None:
    """Let nothing pass that has another verdict than the one recorded.

    Raises:
        ClaimError: naming the claims that have.
    """
    if different := list(_differences(checked)):
        raise ClaimError(" ".join(different))


def story(one: Checked) -> Document:
    """One claim with everything that was found about it."""
    claim, finding = one.claim, one.finding
    source = SOURCES[claim.source]
    rows = [
        ("Source", f"{source.title}. {source.authors}; {source.edition}"),
        ("Address", source.reference),
        ("Place", claim.place),
        ("Written", finding.expected),
        ("In the graph", finding.found),
        (_condition_title(finding.verdict), finding.condition),
        ("Layers", "; ".join(_layers_in_words(finding))),
        ("See", claim.command),
        ("Picture", f"{STORY_COMMAND} {claim.id} --out {claim.id}.svg" if claim.has_picture else ""),
    ]
    return Document(
        title=f"Claim {claim.id}",
        lead=claim.statement,
        facts=(Fact("", finding.verdict.value, "verdict", "as recorded" if one.as_recorded else "not as recorded"),),
        tables=(
            Table("", STORY_COLUMNS, tuple(Row(row) for row in rows if row[1])),
            *(_evidence_table(each) for each in finding.evidence),
        ),
        notes=tuple(_differences([one])),
        data=verify_data([one]),
    )


def _condition_title(verdict: Verdict) -> str:
    return {Verdict.HOLDS_IF: "Holds if", Verdict.CANNOT_BE_CHECKED: "Why not"}.get(verdict, "Note")


def _layers_in_words(finding: Finding) -> Iterator[str]:
    for target, names in finding.layers:
        shown = ", ".join(names[:LAYERS_SHOWN])
        more = f" and {len(names) - LAYERS_SHOWN} more" if len(names) > LAYERS_SHOWN else ""
        yield f"{target}: {shown}{more}"


def _evidence_table(evidence: Evidence) -> Table:
    """The cells as found; under a row that does not agree stands what is written where it differs."""
    judged = any(cell.expected is not None or not cell.agrees for cell in evidence.cells)
    columns = (Column("name", evidence.corner, wraps=_is_text(evidence)), *evidence.columns)
    if judged:
        columns = (Column("agrees", "Agrees", "flag"), *columns)
    rows = [row for name, cells in evidence.rows for row in _evidence_rows(name, cells, columns, judged)]
    notes = ("A marked cell is not as written.",) if evidence.wrong else ()
    return Table(evidence.title, columns, tuple(rows), notes)


def _is_text(evidence: Evidence) -> bool:
    return any(len(name) > LONGEST_NAME for name, _ in evidence.rows)


def _evidence_rows(name: str, cells: Sequence[Cell], columns: Sequence[Column], judged: bool) -> Iterator[Row]:
    first: tuple[Value, ...] = (all(cell.agrees for cell in cells),) if judged else ()
    keys = [column.key for column in columns[len(first) + 1 :]]
    cells = (*cells, *[Cell(None)] * (len(keys) - len(cells)))
    wrong = frozenset(key for key, cell in zip(keys, cells, strict=True) if not cell.agrees)
    yield Row((*first, name, *(cell.found for cell in cells)), marked=wrong)
    if "written" not in keys and any(cell.expected is not None for cell in cells if not cell.agrees):
        written = (None if cell.agrees else cell.expected for cell in cells)
        yield Row((None, "written", *written), level=1)


def verify_data(checked: Sequence[Checked]) -> dict[str, Any]:
    """The findings as JSON values: format 1 of the contract, documented in the README."""
    counts = Counter(one.finding.verdict for one in checked)
    return {
        "format": 1,
        "counts": {verdict.value: counts[verdict] for verdict in Verdict},
        "as_recorded": all(one.as_recorded for one in checked),
        "claims": [_claim_data(one) for one in checked],
    }


def _claim_data(one: Checked) -> dict[str, Any]:
    claim, finding = one.claim, one.finding
    return {
        "id": claim.id,
        "statement": claim.statement,
        "source": claim.source,
        "place": claim.place,
        "models": list(claim.targets),
        "verdict": finding.verdict.value,
        "recorded": claim.recorded.value,
        "as_recorded": one.as_recorded,
        "expected": finding.expected,
        "found": finding.found,
        "condition": finding.condition or None,
        "layers": [{"model": target, "names": list(names)} for target, names in finding.layers],
        "evidence": [_evidence_data(each) for each in finding.evidence],
        "chains": [
            {
                "title": chains.title,
                "drawn": list(chains.drawn),
                "built": [{"where": where, "layers": list(row)} for where, row in chains.built],
            }
            for chains in finding.chains
        ],
        "command": claim.command,
    }


def _evidence_data(evidence: Evidence) -> dict[str, Any]:
    return {
        "title": evidence.title,
        "columns": [column.key for column in evidence.columns],
        "rows": [
            {
                "name": name,
                "cells": [
                    {
                        "found": cell.found,
                        "expected": cell.found if cell.agrees else cell.expected,
                        "agrees": cell.agrees,
                    }
                    for cell in cells
                ],
            }
            for name, cells in evidence.rows
        ],
    }
