"""`verify` as it is called: counts, rows, stories, formats, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from functools import cache

import pytest
from click.testing import CliRunner, Result

from effnet_inspect.choices import SOURCE_NAMES, TABLE_FORMATS, FormatName, SourceName
from effnet_inspect.claims import CLAIMS, check_all, choose, targets_of
from effnet_inspect.claims.claim import Checked, Verdict, check
from effnet_inspect.cli import main
from effnet_inspect.document import Column, Document, Row, Table
from effnet_inspect.errors import ClaimError
from effnet_inspect.formatting import format_value
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.renderers.layout import MARK
from effnet_inspect.renderers.terminal import render
from effnet_inspect.structure.network import Network
from effnet_inspect.views import verify as view
from tests.claims.edits import changed, without
from tests.graphs import graph_of, models_of, network_of


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["verify", *arguments])


@cache
def checked(source: SourceName | None = None, claim: str | None = None) -> list[Checked]:
    claims = choose(source, claim)
    return check_all(claims, [network_of(target) for target in targets_of(claims)])


@pytest.mark.parametrize(
    ("verdict", "colour"),
    [
        (Verdict.HOLDS, "32"),
        (Verdict.HOLDS_IF, "33"),
        (Verdict.DOES_NOT_HOLD, "31"),
        (Verdict.ANSWERED, "36"),
        (Verdict.CANNOT_BE_CHECKED, ""),
    ],
)
def test_a_verdict_has_its_colour_on_a_terminal(verdict: Verdict, colour: str) -> None:
    document = Document("", (Table("", (Column("verdict", "Verdict", "verdict"),), (Row((verdict.value,)),)),))
    shown = render(document, Options(width=80, colour=True))
    assert (re.findall(r"\x1b\[(3\d)m", shown) or [""]) == [colour]
    assert verdict.value in shown


def turned() -> Checked:
    """A claim whose verdict is another than the recorded one."""
    claim = CLAIMS["stages"]
    return check(claim, models_of([Network(changed("block3._dwconv", kernel=(3, 3))(graph_of("b0")))]))


def test_the_counts_stand_first_and_add_up() -> None:
    result = run()
    assert result.exit_code == 0
    lead = result.output.splitlines()[1]
    total, *counts = [int(word) for word in lead.replace(":", "").replace(",", "").split() if word.isdigit()]
    assert total == sum(counts) == len(CLAIMS)


def test_every_claim_has_its_row_with_sign_and_word() -> None:
    lines = run().output.splitlines()
    for key, claim in CLAIMS.items():
        start = format_value(claim.recorded.value, "verdict")
        assert [line for line in lines if line.startswith(start) and line[len(start) :].split()[0] == key]


@pytest.mark.parametrize("source", SOURCE_NAMES)
def test_a_source_shows_its_claims_alone(source: str) -> None:
    data = json.loads(run("--source", source, "--format", "json").output)
    assert {claim["source"] for claim in data["claims"]} == {source}


@pytest.mark.parametrize("key", CLAIMS)
@pytest.mark.parametrize("width", [80, 140])
def test_every_story_fits_its_terminal(key: str, width: int) -> None:
    text = render(view.claim_detail(checked(claim=key)[0]), Options(width=width))
    assert max(map(len, text.splitlines())) <= width
    assert CLAIMS[key].see.split()[-1] in text


@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_the_list_fits_its_terminal(width: int) -> None:
    text = render(view.claims_overview(checked()), Options(width=width))
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("format_name", TABLE_FORMATS)
@pytest.mark.parametrize("key", ["", "module-2", "parameters"])
def test_every_format_writes_both_documents(format_name: FormatName, key: str) -> None:
    document = view.claim_detail(checked(claim=key)[0]) if key else view.claims_overview(checked())
    content = FORMATS[format_name].render(document)
    assert content
    assert content == FORMATS[format_name].render(document)


def test_json_holds_numbers_and_every_cell() -> None:
    data = json.loads(run("--claim", "channels", "--format", "json").output)
    (claim,) = data["claims"]
    (evidence,) = claim["evidence"]
    cells = [cell for row in evidence["rows"] for cell in row["cells"]]
    assert len(cells) == 63
    assert all(isinstance(cell["found"], int) and cell["agrees"] for cell in cells)
    assert data["format"] == 1
    assert data["counts"] == {verdict.value: int(verdict is Verdict.HOLDS) for verdict in Verdict}
    assert data["as_recorded"] is True


def test_csv_has_a_row_for_every_claim_of_every_source() -> None:
    rows = list(csv.DictReader(io.StringIO(run("--format", "csv").output)))
    assert list(rows[0]) == ["source", "claim", "verdict", "expected", "found", "place"]
    assert [(row["source"], row["claim"]) for row in rows] == [
        (each.statement.source, each.statement.id) for each in choose()
    ]
    (alone,) = csv.DictReader(io.StringIO(run("--claim", "flops", "--format", "csv").output))
    assert alone == next(row for row in rows if row["claim"] == "flops")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_what_the_graph_says_is_there_at_every_width(width: int) -> None:
    document = view.claims_overview(checked("article")).meant_for("people")
    text = render(document, Options(width=width))
    graph = [column.key for column in document.tables[0].columns].index("graph")
    assert ("Left out to fit: Place;" in text) is (width < 100)
    assert text.count("Left out to fit: ") == text.count("Left out to fit: Place;")
    assert "What the graph" in text
    # It may be broken into lines, and the words of other columns stand between them.
    for row in document.tables[0].rows:
        assert str(row.values[graph]).split()[0][:8] in text


def test_a_story_names_source_evidence_layers_and_command() -> None:
    text = run("--claim", "module-3").output
    for part in ("✗ does not hold", "towardsdatascience.com", "block1a_se_reshape", "Reshape in place of Rescaling"):
        assert part in text


def test_under_a_wrong_row_stands_what_is_written() -> None:
    text = render(view.claim_detail(turned()), Options(width=80))
    lines = text.splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.startswith("no ")]
    assert lines[at].split()[1:] == ["Stage", "4", f"{MARK}MBConv6,", "k3x3", "56", "40", "2"]
    assert lines[at + 1].split() == ["published", "MBConv6,", "k5x5", "–", "–", "–"]


def test_a_missing_block_leaves_an_empty_cell() -> None:
    claim = CLAIMS["sub-blocks"]
    networks = [*map(network_of, claim.targets[:-1]), Network(without("block7.*")(graph_of("b7")))]
    text = render(view.claim_detail(check(claim, models_of(networks))), Options(width=80))
    lines = [line.split() for line in text.splitlines() if line.startswith("no ")]
    assert lines == [["no", "B7", "4", "7", "7", "10", "10", "13", f"{MARK}–"]]


class TestStrict:
    def test_passes_where_all_is_as_recorded(self) -> None:
        assert run("--claim", "stages", "--strict").exit_code == 0

    def test_names_what_differs(self) -> None:
        with pytest.raises(ClaimError, match="The verdict on stages is “does not hold”; recorded for it is “holds”"):
            view.check_strict([*checked("article"), turned()])

    def test_exits_with_3_after_writing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        claim = CLAIMS["stages"]
        claim = claim._replace(recorded=Verdict.DOES_NOT_HOLD)
        monkeypatch.setitem(CLAIMS, "stages", claim)
        result = run("--claim", "stages", "--strict")
        assert result.exit_code == 3
        assert "✓ holds (not as recorded)" in result.stdout
        assert result.stderr.startswith("Error: The verdict on stages")
        assert run("--claim", "stages").exit_code == 0

    def test_the_list_says_what_differs(self) -> None:
        document = view.claims_overview([turned()])
        assert any("recorded for it is" in note for note in document.notes)
        assert document.tables[0].rows[0].marked == {"verdict"}


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--claim", "modul"), "did you mean 'modules'"),
            (("--source", "papers"), "did you mean 'paper'"),
            (("--source", "article", "--claim", "flops"), "unknown claim of the article 'flops'"),
            (("--format", "gif"), "unknown format"),
            (("--out", "verdicts.docx"), "is not a file extension"),
        ],
    )
    def test_a_wrong_word_is_answered(self, arguments: tuple[str, ...], said: str) -> None:
        result = CliRunner().invoke(main, ["verify", *arguments])
        assert result.exit_code == 2
        assert said in result.stderr.replace("Unknown", "unknown")


def test_a_real_process_prints_the_same_twice() -> None:
    command = [sys.executable, "-m", "effnet_inspect", "verify", "--source", "article"]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2))
    assert first == second
    assert "18 claims" in first
