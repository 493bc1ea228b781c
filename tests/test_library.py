"""The library: what the commands do, for code of one's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import effnet_inspect
from effnet_inspect import Figure, Report
from effnet_inspect.catalog.targets import FileTarget, parse_target
from effnet_inspect.choices import DIAGRAM_FORMATS, TABLE_FORMATS, FormatName
from effnet_inspect.errors import EffnetInspectError, RenderError, SourceError, UsageError
from effnet_inspect.graph import Layer, LayerGraph
from effnet_inspect.library import load_networks
from effnet_inspect.renderers import FORMATS, Options
from tests.command_line import run
from tests.graphs import graph_of, network_of

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    graph_of("b0"), graph_of("b1")


def test_everything_public_is_there() -> None:
    for name in effnet_inspect.__all__:
        assert getattr(effnet_inspect, name) is not None
    assert set(effnet_inspect.__all__) == {*effnet_inspect._MODULES, "__version__"}
    assert set(effnet_inspect.__all__) <= set(dir(effnet_inspect))
    with pytest.raises(AttributeError, match="'effnet_inspect' has no attribute 'nothing'"):
        effnet_inspect.nothing  # noqa: B018  asking for it is the test


def test_models_are_named_in_any_way() -> None:
    network = effnet_inspect.load("b0")
    assert network.graph == graph_of("b0")
    assert effnet_inspect.load(network) is network
    assert effnet_inspect.load(parse_target("b0")).graph == network.graph
    many = load_networks(["b0..b1", network, parse_target("b1"), "EfficientNetB0"])
    assert [each.key for each in many] == ["b0", "b1", "b0", "b1", "b0"]
    assert many[2] is network
    assert load_networks([]) == []


def test_what_a_model_cannot_be() -> None:
    with pytest.raises(UsageError, match="unknown variant 'b99'"):
        effnet_inspect.load("b99")
    with pytest.raises(UsageError, match="there is no backbone 2"):
        effnet_inspect.load("b0", backbone=2).anatomy  # noqa: B018  asking for it is the test


LIVE = """
import keras, effnet_inspect
model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, name="own")])
network = effnet_inspect.load(model)
print(type(model).__name__ == network.key, network.totals["parameters"], network.totals["macs"])
"""


def test_a_live_model_is_read_where_it_is() -> None:
    done = subprocess.run([sys.executable, "-c", LIVE], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1:] == [f"True {4 * 27 + 4} {36 * 4 * 27}"], done.stderr


def test_what_no_live_model_is() -> None:
    with pytest.raises(SourceError, match=r"builtins\.object is not a Keras model or PyTorch module"):
        effnet_inspect.load(object())  # type: ignore[arg-type]


REPORTS: dict[str, tuple[Callable[[], Report], str]] = {
    "summary": (lambda: effnet_inspect.summary("b0"), "summary b0"),
    "summary of a block": (lambda: effnet_inspect.summary("b0", block=4, fold=True), "summary b0 --block 4 --fold"),
    "summary of layers": (lambda: effnet_inspect.summary("b0", level="layer"), "summary b0 --level layer"),
    "summary of counts": (lambda: effnet_inspect.summary("b0", counts=True), "summary b0 --counts"),
    "summary of layers found": (lambda: effnet_inspect.summary("b0", find="op:add"), "summary b0 --find op:add"),
    "taps": (lambda: effnet_inspect.taps("b0", levels=(2, 5)), "taps b0 --levels 2-5"),
    "taps as code": (lambda: effnet_inspect.taps("b0", style="unet", code=True), "taps b0 --style unet --code"),
    "sizes": (lambda: effnet_inspect.sizes("b0", 224, (225, 300)), "sizes b0 224 225x300"),
    "sizes held": (lambda: effnet_inspect.sizes("b0", output_stride=16), "sizes b0 --output-stride 16"),
    "freeze": (lambda: effnet_inspect.freeze("b0"), "freeze b0"),
    "freeze at a border": (
        lambda: effnet_inspect.freeze("b0", start="6a", train_normalization=True),
        "freeze b0 --from 6a --train-batch-norm",
    ),
    "cost": (
        lambda: effnet_inspect.cost("b0", "b1", batch=8, dtype="float16", optimizer="sgd", memory=11e9),
        "cost b0 b1 --batch 8 --dtype float16 --optimizer sgd --memory 11GB",
    ),
    "compare": (lambda: effnet_inspect.compare("b0", "b1"), "compare b0 b1"),
    "compare differences": (
        lambda: effnet_inspect.compare("b0", "b1", by=["kernel", "channels", "macs"], only_differences=True),
        "compare b0 b1 --by kernel,channels,macs -d",
    ),
}


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("form", TABLE_FORMATS)
def test_a_report_is_what_the_command_writes(name: str, form: FormatName, tmp_path: Path) -> None:
    make, command = REPORTS[name]
    report = make()
    written = run(*command.split(), "--format", form).stdout_bytes
    assert report.render(form) == written
    assert type(report.data) is dict
    assert json.loads(report.to_json()) == json.loads(json.dumps(report.data))
    path = tmp_path / f"report{FORMATS[form].suffixes[0]}"
    report.save(path)
    assert path.read_bytes() == written


def test_a_report_in_every_format() -> None:
    report = effnet_inspect.summary(network_of("b0"))
    texts = {
        "terminal": report.to_text(),
        "json": report.to_json(),
        "csv": report.to_csv(),
        "markdown": report.to_markdown(),
        "html": report.to_html(),
        "latex": report.to_latex(),
    }
    assert tuple(texts) == TABLE_FORMATS
    for form in TABLE_FORMATS:
        assert texts[form] == report.render(form).decode()
    assert json.loads(report.to_json()) == report.data
    assert max(map(len, report.to_text(60).splitlines())) <= 60


def test_a_figure_in_every_format(tmp_path: Path) -> None:
    figure = effnet_inspect.diagram("b0", block=1)
    dark = Options(theme="dark")
    assert figure.to_svg() == figure.render("svg").decode()
    assert figure.to_svg("dark") == figure.render("svg", dark).decode() != figure.to_svg()
    assert figure.to_dot("dark") == figure.render("dot", dark).decode() != figure.to_dot()
    assert figure.to_png(dpi=36) == figure.render("png", Options(dpi=36)) != figure.to_png()
    assert figure.to_pdf().startswith(b"%PDF")
    for form in DIAGRAM_FORMATS:
        path = tmp_path / f"figure{FORMATS[form].suffixes[0]}"
        figure.save(str(path), theme="dark", dpi=36)
        expected = figure.render(form, Options(theme="dark", dpi=36))
        assert path.read_bytes()[:200] == expected[:200]


def test_figures_are_what_the_commands_draw(tmp_path: Path) -> None:
    drawn: dict[str, Figure] = {
        "diagram b0 --expand": effnet_inspect.diagram("b0", expand=True),
        "diagram b0 --view stem": effnet_inspect.diagram("b0", view="stem"),
        "diagram b0 --heat bytes": effnet_inspect.diagram("b0", heat="bytes"),
        "compare b0 b1": effnet_inspect.chart("b0", "b1"),
        "compare b0 b1 --view diff": effnet_inspect.chart("b0", "b1", view="diff"),
    }
    for command, figure in drawn.items():
        run(*command.split(), "-o", str(tmp_path / "x.svg"))
        assert (tmp_path / "x.svg").read_text(encoding="utf-8") == figure.to_svg()


@pytest.mark.parametrize("targets", [("b0",), ("b0", "b1")])
def test_a_page_is_what_the_command_writes(targets: tuple[str, ...], tmp_path: Path) -> None:
    written = run("page", *targets).stdout_bytes
    page = effnet_inspect.page(*map(effnet_inspect.load, targets))
    assert page.render() == page.to_html().encode() == written
    page.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes() == written
    with pytest.raises(UsageError, match=r"'\.svg' is not a file extension"):
        page.save(tmp_path / "page.svg")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, ["b0", "b1"]),
        ({"max_parameters": 6e6}, ["b0"]),
        ({"max_macs": 1e6}, []),
        ({"min_top1": 79.0}, ["b1"]),
    ],
)
def test_variants(limits: dict[str, Any], expected: list[str]) -> None:
    report = effnet_inspect.variants(["b0..b1"], **limits)
    assert [row["target"] for row in report.data["variants"]] == expected


def test_verify() -> None:
    report = effnet_inspect.verify(claim="b2-like-b1")
    assert [claim["id"] for claim in report.data["claims"]] == ["b2-like-b1"]
    with pytest.raises(UsageError, match="b2-like-b1"):
        effnet_inspect.verify(claim="b2-like-b")


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("x.svg", UsageError, "'.svg' is not a file extension"),
        ("x", UsageError, "'x' has no file extension"),
        ("missing/x.txt", RenderError, "cannot write"),
    ],
)
def test_where_a_report_cannot_be_saved(
    path: str, error: type[EffnetInspectError], message: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=message):
        effnet_inspect.summary(network_of("b0")).save(tmp_path / path)
    assert list(tmp_path.iterdir()) == []


SCRIPT = """\
import effnet_inspect as inspect

networks = [inspect.load(f"b{number}") for number in range(3)]
for network in networks:
    widths: list[int | None] = [block.first.filters for block in network.anatomy.blocks]
    parameters: int = network.totals["parameters"]
    print(f"{network.title}: {parameters:,} parameters, channels {widths}")
table: str = inspect.summary(networks[0], level="sub-block", fold=True).to_text(100)
inspect.compare(*networks, by=["channels", "macs"]).save("family.md")
inspect.diagram(networks[2], view="poster").save("b2.pdf", theme="dark")
"""


def checked(script: str, folder: Path) -> list[str]:
    """What mypy says of a user's script, without the last line."""
    path = folder / "script.py"
    path.write_text(script)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml")]
    command += ["--no-error-summary", "--cache-dir", str(ROOT / ".mypy_cache" / "scripts"), str(path)]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "MYPYPATH": str(ROOT)}, capture_output=True, text=True
    )
    return [line for line in (done.stdout + done.stderr).splitlines() if "script.py:" in line and "error:" in line]


def test_a_users_script_type_checks(tmp_path: Path) -> None:
    assert (ROOT / "effnet_inspect" / "py.typed").exists()
    assert checked(SCRIPT, tmp_path) == []


def test_a_users_misspelt_words_are_found(tmp_path: Path) -> None:
    mistakes = {
        'level="sub-block"': 'level="sub_block"',
        'view="poster"': 'view="postre"',
        'theme="dark"': 'theme="drak"',
        "first.filters": "first.filter",
        "int = network": "str = network",
    }
    script = SCRIPT
    for right, wrong in mistakes.items():
        assert right in script
        script = script.replace(right, wrong)
    assert len(checked(script, tmp_path)) == len(mistakes)


def without_sizes(graph: LayerGraph) -> LayerGraph:
    """The graph as it is where its input's height and width are open."""
    layers = (
        layer._replace(output_shape=(None, None, 3) if layer.operation == "input" else layer.output_shape)
        for layer in graph
    )
    return replace(graph, layers=tuple(layers))


@pytest.mark.parametrize(
    ("fits_at", "side", "said"),
    [
        (240, 240, "what is shown holds for 240×240, the resolution of EfficientNet-B1."),
        (256, 256, "for 256×256, a multiple of 32 near 240×240, the resolution of EfficientNet-B1, at which its maps"),
        (None, None, None),
    ],
)
def test_a_file_of_any_size_is_shown_at_that_of_its_variant(
    fits_at: int | None, side: int | None, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(target: FileTarget) -> LayerGraph:
        graph = graph_of("b1")
        if target.resolution is None:
            return replace(without_sizes(graph), target=target)
        height, width = target.resolution
        first, *rest = graph
        other = () if height == fits_at else (Layer("odd", "input", "Input", output_shape=(height + 1, width, 3)),)
        joined = Layer("joined", "add", "Add", (first.name, *(layer.name for layer in other)))
        sized = first._replace(output_shape=(height, width, 3))
        return LayerGraph("b1", (sized, *rest, *other, joined), target=target)

    monkeypatch.setattr("effnet_inspect.sources.files.read_file", read)
    network = effnet_inspect.load("./open.json")
    assert network.anatomy.input_shape == ((side, side, 3) if side else (None, None, 3))
    assert [remark for remark in network.graph.remarks if said and said in remark] == ([*network.graph.remarks])
    assert bool(network.graph.remarks) is bool(said)
    assert network.title == "open.json"
