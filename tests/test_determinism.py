"""The same input is the same bytes, in whatever order Python's sets and hashes stand in a process."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.graphs import graph_of

CONFIGURATION = Path(__file__).parent / "sources/data/tf-keras-2.21-nested.json.gz"

WRITE_ALL = """
import hashlib, json, sys
from dataclasses import replace
from effnet_inspect.library import Figure, PlotReport, Report
from effnet_inspect.renderers.page import render
from effnet_inspect.choices import COMPARISON_VIEW_NAMES, TABLE_FORMATS
from effnet_inspect.sources import load
from effnet_inspect.sources.codec import encode
from effnet_inspect.structure.network import Network
from effnet_inspect.views.compare import compare
from effnet_inspect.views.compare.figures import figure
from effnet_inspect.views.diagram import VIEWS, DiagramOptions, diagram
from effnet_inspect.views.page import page
from effnet_inspect.views.plot import KINDS, PlotOptions
from effnet_inspect.views.summary import SummaryOptions, summary
from tests.graphs import graph_of, with_decoder

b0 = Network(graph_of("b0"))
decoder = with_decoder()
tapped = Network(replace(decoder, outputs=("scaled", "block4a_expand_activation", "mixed_1", *decoder.outputs)))
read = Network(load(sys.argv[1]))
results = {}
for name, network in (("b0", b0), ("tapped", tapped), ("read", read)):
    results[name] = Report(summary(network, SummaryOptions("layer")))
    for view in VIEWS:
        options = DiagramOptions(view, 2 if view == "block" else None)
        results[f"{name} {view}"] = Figure(diagram(network, options))
results["compared"] = Report(compare([b0, tapped, read]))
results["heat"] = Figure(diagram(tapped, DiagramOptions(heat="bytes")))
for view in COMPARISON_VIEW_NAMES:
    results[f"compared, {view}"] = Figure(figure([b0, tapped], view))
for kind, make in KINDS.items():
    results[f"plot {kind}"] = PlotReport(make([b0] if kind == "accuracy" else [b0, tapped, read], PlotOptions()))
written = {"graph": encode(read.graph).hex()}
for name, result in results.items():
    for form in TABLE_FORMATS if isinstance(result, Report) else ("svg", "dot", "tikz"):
        written[f"{name} as {form}"] = hashlib.sha256(result.render(form)).hexdigest()
for name, networks in (("tapped", [tapped]), ("three", [b0, tapped, read])):
    written[f"page of {name}"] = hashlib.sha256(render(page(networks)).encode()).hexdigest()
print(json.dumps({"order": list({"stem", "head", "blocks", "classifier", "before"}), "written": written}))
"""


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "mine.json"
    path.write_bytes(gzip.decompress(CONFIGURATION.read_bytes()))
    return path


def test_the_order_of_hashes_changes_nothing(configuration: Path) -> None:
    graph_of("b0")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE_ALL, str(configuration)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
        )
        for seed in ("0", "1", "29")
    ]
    answers = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert len({tuple(answer["order"]) for answer in answers}) > 1, "the seeds change the order of no set"
    first, *others = (answer["written"] for answer in answers)
    assert len(first) > 60
    for other in others:
        assert [name for name in first if first[name] != other[name]] == []
