"""LaTeX: tables that fit a text's width, with all that belongs to them in one float; and that LaTeX takes them."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from effnet_inspect.analysis.freezing import Choice
from effnet_inspect.catalog.targets import expand_targets
from effnet_inspect.claims import check_all, choose, targets_of
from effnet_inspect.document import Document, Row
from effnet_inspect.renderers import FORMATS, Options
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import CompareOptions, compare
from effnet_inspect.views.cost import cost
from effnet_inspect.views.freeze import freeze
from effnet_inspect.views.sizes import SizesOptions, sizes
from effnet_inspect.views.summary import SummaryOptions, summary
from effnet_inspect.views.taps import TapsOptions, taps
from effnet_inspect.views.variants import variants
from effnet_inspect.views.verify import claims_overview
from tests.graphs import VARIANTS, graph_of, network_of
from tests.renderers.test_markup import DOCUMENT
from tests.views.diagram.test_names import LONG, WIDE, named


def rendered(document: Document, *columns: str) -> str:
    return FORMATS["latex"].render(document, Options(columns=columns)).decode()


def test_names_are_safe() -> None:
    text = rendered(DOCUMENT)
    assert r"<script>" not in text
    assert r"\textless{}script\textgreater{}\&amp; \_\allowbreak{}x" in text
    assert r"50\% \$5 \#1 \{y\} \textasciitilde{} \textasciicircum{} \textbackslash{}z" in text
    assert r"\hspace{1em}below" in text


def test_a_marked_cell_is_not_bold() -> None:
    """In papers bold is best."""
    text = rendered(DOCUMENT)
    assert r"$^{*}$25.0\%" in text
    assert "textbf" not in text


def test_the_float_has_a_caption_of_one_line_a_label_and_the_notes() -> None:
    table = DOCUMENT.tables[0]._replace(notes=("100% of it & more cannot be told.",))
    lines = [line.strip() for line in rendered(replace(DOCUMENT, tables=(table,))).splitlines()]
    assert r"\caption{Title: Its title}" in lines
    assert r"\label{tab:title-its-title}" in lines
    under = lines[lines.index(r"\end{tabular}") + 1 : lines.index(r"\end{table}")]
    assert under == [
        rf"\par\smallskip{{\raggedright {note}\par}}"
        for note in (
            "The answer.",
            "1,234 layers (a remark)",
            "Its caption",
            r"100\% of it \& more cannot be told.",
            "A last note.",
        )
    ]
    assert lines[-1] == r"\end{table}"


@pytest.mark.parametrize(
    ("title", "caption"),
    [("B1 and B2", "B1 and B2: Its title"), ("", "Its title"), ("A title that is far too long " * 3, "Its title")],
)
def test_a_caption_has_one_line(title: str, caption: str) -> None:
    assert rf"\caption{{{caption}}}" in rendered(replace(DOCUMENT, title=title))


def test_options_keep_both_hyphens() -> None:
    assert r"verify -{}-claim CLAIM" in rendered(replace(DOCUMENT, notes=("verify --claim CLAIM",)))


def test_a_document_without_tables_is_its_words() -> None:
    assert rendered(replace(DOCUMENT, tables=())).splitlines()[1:] == [
        r"Title\par",
        r"The answer.\par",
        r"1,234 layers (a remark)\par",
        r"A last note.\par",
    ]


def test_rows_that_are_the_same_in_all_are_in_the_table() -> None:
    document = compare([network_of("b1"), network_of("b2")], CompareOptions(["channels"]))
    assert "1 & Stem & 32 & 32 & $\\times$1.00" in rendered(document)


DOCUMENTS = {
    "summary": lambda: summary(network_of("b7")),
    "v2": lambda: summary(network_of("v2-s")),
    "paper": lambda: summary(network_of("b0"), SummaryOptions(preset="paper")),
    "layers": lambda: summary(network_of("b0"), SummaryOptions("layer", block=2)),
    "compare": lambda: compare([network_of(each.text) for each in expand_targets(["all"])]),
    "variants": lambda: variants([network_of(target) for target in VARIANTS]),
    "verify": lambda: claims_overview(
        check_all(chosen := choose("paper-v2"), [network_of(target) for target in targets_of(chosen)])
    ),
    "every layer": lambda: summary(network_of("b0"), SummaryOptions("layer")),
    "counts": lambda: summary(network_of("b0"), SummaryOptions(counts=True)),
    "taps": lambda: taps(network_of("b0")),
    "taps code": lambda: taps(network_of("b0"), TapsOptions(code=True)),
    "freeze": lambda: freeze(network_of("b7"), Choice("6a")),
    "freeze code": lambda: freeze(network_of("b0"), Choice("6a"), code=True),
    "sizes": lambda: sizes(network_of("b0"), SizesOptions(output_stride=16)),
    "cost": lambda: cost([network_of("b0"), network_of("b1")]),
    "long names": lambda: summary(Network(named(graph_of("b0"), LONG)), SummaryOptions("layer", block=4)),
    "nasty": lambda: DOCUMENT,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_rows_have_as_many_cells_as_columns(name: str) -> None:
    text = rendered(DOCUMENTS[name]())
    assert text.isascii(), sorted({letter for letter in text if not letter.isascii()})
    assert "resizebox" not in text
    for body in re.findall(r"\\midrule\n(.*?)\\bottomrule", text, re.DOTALL):
        lines = [line for line in body.splitlines() if line.endswith(r"\\")]
        assert len({len(re.findall(r"(?<!\\)&", line)) for line in lines}) == 1


def compiled(body: str, folder: Path) -> str:
    """What pdfLaTeX says of a paper that takes a table in."""
    paper = [r"\documentclass{article}", body.splitlines()[0].removeprefix("% "), r"\begin{document}"]
    (folder / "paper.tex").write_text("\n".join([*paper, body, r"\end{document}"]), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert (folder / "paper.pdf").stat().st_size
    return done.stdout


HAS_PDFLATEX = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


@HAS_PDFLATEX
@pytest.mark.parametrize("name", DOCUMENTS)
def test_latex_takes_it_and_nothing_is_too_wide(name: str, tmp_path: Path) -> None:
    said = compiled(rendered(DOCUMENTS[name]()), tmp_path)
    assert not [line for line in said.splitlines() if any(fault in line for fault in ("Overfull", "Float too large"))]


OF_ALL_THE_WORLD = {
    "模": "U+6A21",
    "слой": "U+0441",
    "طبقة": "U+0637",
    "🙂": "U+1F642",
    "e\u0301": "",
    "ﬁ": "fi",
    "naïve Łódź Ø": r"na\"{\i}ve",
    "½": "",
    "“quoted”": "``quoted''",
}
"""Letters, and what pdfLaTeX is told to write of them."""


@HAS_PDFLATEX
@pytest.mark.parametrize("letters", OF_ALL_THE_WORLD)
def test_latex_takes_letters_of_all_the_world_wherever_they_stand(letters: str, tmp_path: Path) -> None:
    table = DOCUMENT.tables[0]
    row = Row(tuple(letters if isinstance(value, str) else value for value in table.rows[0].values))
    column = table.columns[0]._replace(title=letters)
    own = table._replace(title=letters, columns=(column, *table.columns[1:]), rows=(row, *table.rows), notes=(letters,))
    documents = [
        Document(letters, (own,), lead=letters, notes=(letters,)),
        Document(letters, notes=(letters,)),
        Document(letters, code=f"layer = model.get_layer({letters!r})  # {letters}\n"),
    ]
    for document in documents:
        text = rendered(document)
        assert OF_ALL_THE_WORLD[letters] in text
        compiled(text, tmp_path)


def test_letters_in_code_are_still_those_of_the_names() -> None:
    code = "name = '模 naïve'"
    (line,) = (line for line in rendered(Document("t", code=code)).splitlines() if line.startswith("name"))
    found: dict[str, str] = {}
    exec(line, found)
    assert found["name"] == "模 naïve"


def test_a_long_table_goes_on_over_pages_with_its_titles() -> None:
    text = rendered(DOCUMENTS["every layer"]())
    assert text.startswith("% \\usepackage{array,booktabs,longtable}\n")
    assert r"\begin{table}" not in text
    assert text.count(r"\endfirsthead") == text.count(r"\endhead") == 1
    assert text.count(r"\caption") == 1


def test_what_pdflatex_has_no_letters_for_is_said_first() -> None:
    text = rendered(summary(Network(named(graph_of("b0"), WIDE)), SummaryOptions("layer", block=1)))
    second = text.splitlines()[1]
    assert second.startswith("% pdfLaTeX writes the numbers of these, XeLaTeX and LuaLaTeX the letters")
    assert set(WIDE) <= set(second)
    assert not rendered(DOCUMENT).splitlines()[1].startswith("%")
