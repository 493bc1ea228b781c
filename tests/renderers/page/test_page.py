"""A page as a file: what is in it, what cannot get out of its place, and how large it is. No browser is needed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import effnet_inspect
from effnet_inspect.renderers.page import FOLDER, SCRIPTS, render, script_lines
from effnet_inspect.structure.network import Network
from effnet_inspect.text import clean
from effnet_inspect.views.page import page
from tests.graphs import graph_of, network_of, rename, with_decoder, with_layer

B7_BYTES = 1_500_000
SCRIPT_LINES = 600
"""Of the script, without remarks."""
SCRIPT_WIDTH = 120


class Reader(HTMLParser):
    """What a browser's parser finds: elements with their attributes, and the text that each begins with."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._is_inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))
        self.texts.append("")
        self._is_inside = True

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.texts[-1] += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def inside(self, tag: str) -> list[str]:
        return [text for (name, _), text in zip(self.elements, self.texts, strict=True) if name == tag]


@cache
def written(*targets: str) -> str:
    return render(page([network_of(target) for target in targets]))


def data_of(text: str) -> Any:
    return json.loads(text.split('id="data">')[1].split("</script>")[0])


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_lets_nothing_in_but_its_own_style_and_script() -> None:
    reader = Reader(written("b0"))
    (policy,) = [
        str(each["content"]) for each in reader.named("meta") if each.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    _, script = reader.inside("script")
    assert rules["script-src"] == hashed(script)
    assert rules["style-src"] == hashed("".join(reader.inside("style")))


@pytest.mark.parametrize("targets", [("b0",), ("b0", "b1")])
def test_nothing_is_fetched_and_nothing_stands_in_attributes_that_runs(targets: tuple[str, ...]) -> None:
    for tag, attributes in Reader(written(*targets)).elements:
        assert tag not in ("link", "img", "iframe", "object", "base", "form")
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "src")]
        assert (attributes.get("href") or "#").startswith("#")


HOSTILE = (
    "</script><script>alert(1)</script>",
    "</style><!--<script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe\u202c",
    "a\u2028b\u2029c",
    "]]><svg onload=alert(1)>",
    "\\u003c/script\\u003e",
)


def hostile_page(name: str) -> str:
    graph = rename(graph_of("b0"), {"block4b_dwconv": name, "block4c_add": f"{name}/add"})
    return render(page([Network(with_layer(graph, name, class_name=name)), Network(graph)]))


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_a_hostile_file_stay_where_they_are(name: str) -> None:
    text = hostile_page(name)
    reader = Reader(text)
    assert [tag for tag, _ in reader.elements].count("script") == 2
    assert {tag for tag, _ in reader.elements} <= {tag for tag, _ in Reader(written("b0", "v2-b0")).elements}
    assert "49" not in [text.strip() for text in reader.texts]
    data = data_of(text)
    layers = [cell for part in data["parts"] if part["kind"] == "layer" for cell in part["cells"] if cell]
    (cell,) = [cell for cell in layers if cell["note"] == clean(name) and cell["title"].startswith(clean(name))]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\u2029]", text)
    assert data["parts"][cell["inputs"][0]]["cells"][0]["note"] == "block4b_expand_activation"


def test_names_that_look_alike_have_addresses_of_their_own() -> None:
    graph = rename(graph_of("b0"), {"block4b_dwconv": "a\u202e", "block4b_bn": "a\u202d"})
    anchors = [part["anchor"] for part in data_of(render(page([Network(graph)])))["parts"]]
    assert len(set(anchors)) == len(anchors)
    assert {"a\ufffd", "layer/a\ufffd"} <= set(anchors)


def test_the_data_are_the_network() -> None:
    data = data_of(written("b0"))
    network = network_of("b0")
    assert len([part for part in data["parts"] if part["kind"] == "layer"]) == len(network.graph)
    assert data["totals"] == [[network.totals[key] for key in ("parameters", "macs", "activations")]]
    assert data["first_difference"] is None


def test_the_table_of_stages_leads_to_them_and_can_be_sorted() -> None:
    reader = Reader(written("b0"))
    rows = [each["data-anchor"] for each in reader.named("tr") if "data-anchor" in each]
    assert rows == ["stem", *"1234567", "head", "classifier"]
    links = {each["href"] for each in reader.named("a")}
    assert {"#4", "#block5c_add", "#7a"} <= links
    ranks = re.findall(r'<td class="number" data-rank="(\d+)">2,044,396</td>', written("b0"))
    assert ranks == ["9"]


@pytest.mark.parametrize("targets", [("b0",), ("b0", "v2-b0")])
def test_every_link_leads_to_a_part(targets: tuple[str, ...]) -> None:
    text = written(*targets)
    anchors = {part["anchor"] for part in data_of(text)["parts"]} | {
        each.get("id") for _, each in Reader(text).elements
    }
    links = [str(each["href"])[1:] for each in Reader(text).named("a")]
    assert links
    assert [link for link in links if link not in anchors] == []


def test_several_networks_begin_with_the_verdict() -> None:
    reader = Reader(written("b0", "b1"))
    lead = reader.inside("p")[0]
    assert lead.startswith("B0 and B1 share one block structure; they differ in repeats")
    assert "First difference: 1b · Sub-block 3′" in reader.inside("a")
    assert "Differences" in reader.inside("h3")


def test_claims_are_those_about_the_network() -> None:
    known = effnet_inspect.page("b3").to_html()
    assert "What has been published" in known
    assert "common-ends" in known
    assert "What has been published" not in effnet_inspect.page("b3@512", "b3").to_html()
    assert "What has been published" not in render(page([Network(with_decoder())]))


def test_the_same_page_is_the_same_bytes() -> None:
    again = render(page([Network(graph_of("b0"))]))
    assert again == written("b0")


def test_b7_is_small() -> None:
    assert len(effnet_inspect.page("b7").render()) < B7_BYTES


def test_the_script_is_small() -> None:
    code = [line for line in script_lines() if line.strip() and not line.strip().startswith(("//", "/**", "*"))]
    assert len(code) < SCRIPT_LINES
    assert {path.name for path in FOLDER.glob("*.js")} == set(SCRIPTS)


FORBIDDEN = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "var ",
             "fetch(", "XMLHttpRequest", "localStorage", "console.")  # fmt: skip
"""What could run a name as code, ask somebody for something, or keep something; and a few bad habits."""


def test_the_script_is_tidy() -> None:
    for line in script_lines():
        assert len(line) <= SCRIPT_WIDTH, line
        assert line == line.rstrip(), line
        assert not re.search(r"[^=!]==[^=]|!=[^=]", line.split("//")[0]), line
        assert not [word for word in FORBIDDEN if word in line], line


@pytest.mark.skipif(not shutil.which("tsc"), reason="TypeScript's compiler, which checks the types, is not here")
def test_the_types_in_the_script_hold(tmp_path: Path) -> None:
    options = {"checkJs": True, "allowJs": True, "noEmit": True, "strict": True, "target": "es2022", "types": [],
               "lib": ["es2022", "dom", "dom.iterable"]}  # fmt: skip
    files = [str(FOLDER / name) for name in SCRIPTS]
    configuration = tmp_path / "tsconfig.json"
    configuration.write_text(json.dumps({"compilerOptions": options, "files": files}))
    done = subprocess.run(["tsc", "-p", str(configuration)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
