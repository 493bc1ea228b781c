"""A page as its reader has it, in a Chromium without a window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from effnet_inspect.renderers.page import render
from effnet_inspect.results import WalkThrough
from effnet_inspect.structure.network import Network
from effnet_inspect.views.page import page
from tests.browser import Tab, browser, find_browser
from tests.graphs import graph_of, network_of, rename, with_decoder

pytestmark = pytest.mark.skipif(find_browser() is None, reason="there is no Chromium here")

INTERACTIVE = 1.0
"""Seconds of computing until a page can be used."""


OVERLAPPING = """
(() => {
  const { boxes } = view.layout;
  const meet = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  const rows = [roots, ...[...opened].map(index => inner[index])];
  return rows.flatMap(row => row.flatMap(a => row.filter(b => a < b && meet(boxes[a], boxes[b])).map(b => [a, b])));
})()
"""


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browser(find_browser() or "") as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    hostile = rename(graph_of("b0"), {"block4b_dwconv": "</script><script>window.broken = 1</script>"})
    networks = {
        "b0": [network_of("b0")],
        "b7": [network_of("b7")],
        "b0-b1": [network_of("b0"), network_of("b1")],
        "decoder": [Network(with_decoder())],
        "hostile": [Network(hostile)],
    }
    for name, own in networks.items():
        (folder / f"{name}.html").write_text(render(page(own)), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in networks}


@pytest.fixture(autouse=True)
def _quiet(tab: Tab) -> Iterator[None]:
    """No test may leave a word in the console."""
    tab.complaints.clear()
    yield
    assert tab.complaints == []


def part(tab: Tab, anchor: str) -> str:
    """The selector of a part's element."""
    return f"#part-{tab.run(f'byAnchor.get({json.dumps(anchor)})')}"


def is_open(tab: Tab, anchor: str) -> bool:
    return bool(tab.run(f"opened.has(byAnchor.get({json.dumps(anchor)}))"))


def selected(tab: Tab) -> str:
    return str(tab.run("view.selected < 0 ? '' : parts[view.selected].anchor"))


def texts(tab: Tab, selector: str) -> list[Any]:
    found = tab.run(f"[...document.querySelectorAll({json.dumps(selector)})].map(each => each.textContent)")
    assert isinstance(found, list)
    return found


def test_it_is_read_at_once(tab: Tab, pages: dict[str, Path]) -> None:
    tab.send("Performance.enable", timeDomain="threadTicks")
    tab.show(pages["b7"])
    metrics = {each["name"]: each["value"] for each in tab.send("Performance.getMetrics")["metrics"]}
    assert metrics["TaskDuration"] < INTERACTIVE
    assert "Block 7" in texts(tab, "#figure .title")


def test_a_click_opens_and_another_closes(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0"])
    tab.click(part(tab, "4"))
    assert is_open(tab, "4")
    assert texts(tab, "#figure .sub-block .title") == ["4a · Sub-block 2", "4b · Sub-block 3", "4c · Sub-block 3"]
    assert texts(tab, "#panel h2") == ["Block 4"]
    assert tab.run("location.hash") == "#4"
    for anchor in ("4b", "4b.1", "block4b_dwconv"):
        tab.click(part(tab, anchor))
    assert texts(tab, "#panel h2") == ["block4b_dwconv"]
    assert "blocks.3.1.conv_dw" in texts(tab, "#panel code")
    assert "14×14×480" in texts(tab, "#figure .links text")
    tab.click(part(tab, "4b.1"))
    assert not is_open(tab, "4b.1")


def test_what_is_clicked_stays_under_the_pointer(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0"])
    for anchor in ("3", "4"):
        tab.reach(part(tab, anchor))
        before = tab.box(part(tab, anchor))[:2]
        tab.click(part(tab, anchor))
        tab.wait("!document.getAnimations().length")
        after = tab.box(part(tab, anchor))[:2]
        assert max(abs(one - other) for one, other in zip(before, after, strict=True)) < 3


IN_FRAME = """
(() => {
  const inside = document.querySelector("iframe").contentDocument;
  const press = found => found.dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true}));
  const title = () => inside.querySelector("#panel h2")?.textContent;
  press([...inside.querySelectorAll("[data-part]")].find(part => part.textContent.includes("Block 4")));
  const first = title();
  press([...inside.querySelectorAll("#panel a")].find(link => link.textContent.startsWith("4b")));
  return [first, title(), inside.location.href];
})()
"""


def test_it_is_walked_through_within_another_page(tab: Tab, tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.html"
    notebook.write_text(WalkThrough(page([network_of("b0")]))._repr_html_(), encoding="utf-8")
    tab.show(notebook)
    tab.wait("document.querySelector('iframe').contentDocument.querySelector('#figure .title') !== null")
    assert tab.run(IN_FRAME) == ["Block 4", "4b · Sub-block 3", "about:srcdoc"]


def test_search_finds_and_leads_there(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0"])
    tab.press("/")
    assert tab.run("document.activeElement.id") == "query"
    tab.press(*"4b_dwconv")
    tab.wait("document.querySelectorAll('#found li').length === 1")
    assert texts(tab, "#found a") == ["block4b_dwconv"]
    assert texts(tab, "#said") == ["1 found"]
    assert texts(tab, "#figure .hit .title") == ["Block 4"]
    assert tab.run("[...document.querySelectorAll('tr.hit')].map(row => row.dataset.anchor)") == ["4"]
    tab.press("Enter")
    assert selected(tab) == "block4b_dwconv"
    assert texts(tab, "#figure .found .title") == ["DepthwiseConv2D k3×3"]
    tab.press("Escape")
    assert tab.run("query.value") == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("op:depthwise", 16),
        ("op:multiply", 16),
        ("shape:7x7x1152 op:batch", 8),
        ("se_squeeze", 16),
        ("blocks.3.1.conv_dw", 1),
        ("block4b_dwconv", 1),  # KerasHub's name of the normalisation behind it has this in it, too
        ("14×14×672 sigmoid", 0),
        ("nothing at all", 0),
    ],
)
def test_what_is_found(tab: Tab, pages: dict[str, Path], words: str, expected: int) -> None:
    tab.show(pages["b0"])
    tab.run(f"query.value = {json.dumps(words)}; search()")
    assert tab.run("[...view.hits].filter(hit => parts[hit].kind === 'layer').length") == expected


def test_the_keyboard_leads_everywhere(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0"])
    tab.run(f"document.querySelector('{part(tab, 'stem')}').focus()")
    tab.press("ArrowDown", "ArrowDown")
    assert selected(tab) == "2"
    tab.press("ArrowRight")
    assert is_open(tab, "2")
    tab.press("ArrowRight", "ArrowDown")
    assert selected(tab) == "2b"
    tab.press("Enter")
    assert is_open(tab, "2b")
    tab.press("ArrowLeft", "ArrowLeft")
    assert (selected(tab), is_open(tab, "2b")) == ("2", False)
    tab.press("End")
    assert selected(tab) == "classifier"
    assert tab.run("document.activeElement.getAttribute('aria-label')").startswith("Classifier, 3 layers")
    tab.press("Escape")
    assert selected(tab) == ""


def test_only_one_part_is_in_the_way_of_the_tab_key(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0"], "#4b")
    assert tab.run("[...document.querySelectorAll('[role=treeitem][tabindex=\"0\"]')].map(each => each.id)") == [
        part(tab, "4b")[1:]
    ]
    levels = "[...document.querySelectorAll('[role=treeitem]')].map(each => each.getAttribute('aria-level'))"
    assert set(tab.run(levels)) == {"1", "2"}
    assert tab.run(f"document.querySelector('{part(tab, '4')}').getAttribute('aria-expanded')") == "true"


def test_an_address_leads_to_a_part_and_back(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0"], "#4b")
    assert (selected(tab), is_open(tab, "4")) == ("4b", True)
    tab.run("location.hash = '#block6a_dwconv'")
    tab.wait("parts[view.selected].anchor === 'block6a_dwconv'")
    tab.run("history.back()")
    tab.wait("parts[view.selected].anchor === '4b'")
    tab.show(pages["b7"], "#%E0%A4%A")
    assert selected(tab) == ""


def test_cost_colours_what_costs(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0"])
    tab.run("element('heat').value = '1'; element('heat').dispatchEvent(new Event('change'))")
    style = (
        "[...document.querySelectorAll('.hot > rect:first-child')].map(each => each.style.getPropertyValue('--heat'))"
    )
    heats = tab.run(style)
    assert len(heats) == 10
    assert max(heats, key=lambda heat: float(heat.rstrip("%"))) == "100%"
    assert "91.53 M" in texts(tab, "#figure .note")


def test_a_table_is_sorted_by_a_column(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0"])
    heads = "[...document.querySelectorAll('th[data-sorts] button')]"
    tab.run(f"{heads}.find(each => each.textContent === 'Parameters').click()")
    parts = "[...document.querySelectorAll('tr[data-anchor]')].map(row => row.dataset.anchor).filter(Boolean)"
    assert tab.run(parts)[:3] == ["6", "classifier", "7"]
    assert texts(tab, "tr.total td:nth-child(2)") == ["Total"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_light_or_dark_as_its_reader_prefers(tab: Tab, pages: dict[str, Path], scheme: Any) -> None:
    tab.prefer(scheme)
    tab.show(pages["b0"])
    paper = "getComputedStyle(document.body).backgroundColor"
    assert tab.run(paper) == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}[scheme]
    tab.run("element('theme').value = 'dark'; element('theme').dispatchEvent(new Event('change'))")
    assert tab.run(paper) == "rgb(18, 22, 28)"
    tab.prefer("light")


@pytest.mark.parametrize("name", ["b0", "b0-b1", "decoder"])
def test_a_phone_shows_all_of_its_width(tab: Tab, pages: dict[str, Path], name: str) -> None:
    tab.show(pages[name], "#4b", width=390, height=844, phone=True)
    assert tab.run("document.documentElement.scrollWidth") <= 390
    _, top, _, height = tab.box(part(tab, "4b"))
    panel = tab.run("element('panel').getBoundingClientRect().top")
    assert 0 <= top < top + height <= panel


def test_two_models_stand_side_by_side(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b0-b1"])
    assert texts(tab, ".lane") == ["B0", "B1"]
    assert is_open(tab, "1"), "the first difference shows"
    assert texts(tab, "#figure .first .title") == ["1b · Sub-block 3′"]
    assert texts(tab, "#figure .missing .note") == ["not in B0"]
    by_part: dict[str, set[float]] = {}
    each = "each => [each.dataset.part, each.getBoundingClientRect().y]"
    for index, top in tab.run(f"[...document.querySelectorAll('[data-part]')].map({each})"):
        by_part.setdefault(index, set()).add(round(top))
    assert all(len(own) == 1 for own in by_part.values())
    same = tab.run("[...document.querySelectorAll('.part.same')].map(each => parts[each.dataset.part].anchor)")
    assert {"stem", "1a"} <= set(same)
    tab.click(part(tab, "1b"))
    assert texts(tab, "#panel table tr:first-child th") == ["B0", "B1"]


def test_a_decoder_takes_its_taps(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["decoder"])
    assert [title for title in texts(tab, "#figure .title") if title.startswith("Decoder")] == [
        "Decoder 1", "Decoder 2", "Decoder 3",
    ]  # fmt: skip
    assert tab.run("view.layout.links.filter(link => link.kind === 'tap').length") >= 3
    tab.run("openTo('layer')")
    assert tab.run("view.row.filter(index => parts[index].kind === 'layer').length") == len(with_decoder())


def test_boxes_of_open_parts_do_not_overlap(tab: Tab, pages: dict[str, Path]) -> None:
    for name in ("b0", "decoder", "b0-b1"):
        tab.show(pages[name])
        for kind in ("stage", "sub-block", "module", "layer"):
            tab.run(f"openTo({json.dumps(kind)})")
            overlapping = tab.run(OVERLAPPING)
            assert overlapping == [], (name, kind)


def test_all_layers_of_b7_are_open_at_once_and_few_are_drawn(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["b7"])
    tab.run("openTo('layer'); zoom(1)")
    assert tab.run("view.row.filter(index => parts[index].kind === 'layer').length") == 816
    assert tab.run("document.querySelectorAll('#figure *').length") < 2_000
    tab.run("scroller.scrollTo(0, scroller.scrollHeight / 2)")
    tab.wait("[...document.querySelectorAll('.part.layer')].length > 0")
    count = "document.querySelectorAll('#figure .part').length"
    printed = tab.run(f"(() => {{ dispatchEvent(new Event('beforeprint')); return {count}; }})()")
    assert printed == tab.run("view.row.length")


def test_what_a_hostile_file_says_is_not_run(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["hostile"], "#4b")
    tab.run("openTo('layer'); query.value = 'script'; search()")
    assert tab.run("window.broken") is None
    assert texts(tab, "#found a") == ["</script><script>window.broken = 1</script>"]
