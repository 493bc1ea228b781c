"""How cost grows with size: `python -m tests.benchmarks.growth [ROUNDS [PICTURE]]`, whole processes on files.

Networks of 1,000 to 20,000 layers, as ONNX files and as configurations of Keras, are summarised, compared and drawn;
time and memory should grow with the layers and no faster. A file of 2 GB is held against the same network without its
weights. PICTURE, an SVG, shows the growth.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import onnx

from effnet_inspect.graph import LayerGraph
from effnet_inspect.plotting import Axis, Panel, Plot, Point, Series
from effnet_inspect.renderers import Options
from effnet_inspect.renderers.plots import render
from tests import synthetic
from tests.benchmarks.processes import OURS, Cost, run
from tests.sources.onnx.exports import STYLES, write_export

DEPTHS = (3.8, 10, 20, 41, 82)
"""What the repeats of B0 are multiplied with; a layer more costs the same in a narrow network as in a wide one."""

NARROW = 0.25
LARGE = (4.3, 5.3, 475)
"""Of EfficientNet-L2: 480 million parameters, close to the 2 GB that one ONNX file can hold."""

COMMANDS = {
    "summary, ONNX": ("summary", "{number}.onnx"),
    "compare, ONNX": ("compare", "{number}.onnx", "again-{number}.onnx"),
    "diagram, ONNX": ("diagram", "{number}.onnx", "--out", "{number}.svg"),
    "summary, Keras": ("summary", "{number}.json"),
}

TO_JSON = """
import sys
import keras
from keras.src.applications.efficientnet import EfficientNet
depth, path = float(sys.argv[1]), sys.argv[2]
sys.setrecursionlimit(1_000_000)  # Keras writes deep networks by recursion
with keras.StatelessScope(initialize_variables=False):
    model = EfficientNet({narrow}, depth, 224, name="deep", weights=None)
with open(path, "w") as file:
    file.write(model.to_json())
""".replace("{narrow}", str(NARROW))


class Measured(NamedTuple):
    """Medians of one command on a network of so many layers."""

    command: str
    layers: int
    wall: float
    memory: float


def write_networks(folder: Path, environment: dict[str, str]) -> dict[int, int]:
    """Write the files of every depth; how many layers each has."""
    layers = {}
    for number, depth in enumerate(DEPTHS):
        graph = synthetic.lay_out(synthetic.scaled(NARROW, depth, 224))
        layers[number] = len(graph)
        for name in ("", "again-"):
            write_export(graph, folder / f"{name}{number}.onnx", STYLES["torchvision"])
        run((sys.executable, "-c", TO_JSON, str(depth), str(folder / f"{number}.json")), environment)
    return layers


def write_large(graph: LayerGraph, path: Path, with_weights: bool) -> None:
    """Write a network with zeros as its weights, or without them."""
    write_export(graph, path, STYLES["torchvision"])
    if with_weights:
        model = onnx.load(str(path), load_external_data=False)
        for tensor in model.graph.initializer:
            if tensor.data_location == onnx.TensorProto.EXTERNAL:
                tensor.ClearField("external_data")
                tensor.data_location = onnx.TensorProto.DEFAULT
                count = 4
                for size in tensor.dims:
                    count *= size
                tensor.raw_data = bytes(count)
        path.write_bytes(model.SerializeToString())


def middle(command: tuple[str, ...], rounds: int, environment: dict[str, str]) -> Cost:
    """The medians of a command's costs."""
    costs = [run((*OURS, *command), environment) for _ in range(rounds)]
    return Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))


def measured(rounds: int, folder: Path, environment: dict[str, str]) -> Iterator[Measured]:
    """Every command on every network; one after another, so that a slow moment of the machine meets all sizes."""
    layers = write_networks(folder, environment)
    for title, words in COMMANDS.items():
        for number, count in layers.items():
            cost = middle(tuple(word.format(number=number) for word in words), rounds, environment)
            yield Measured(title, count, cost.wall, cost.memory)


def picture(rows: list[Measured]) -> bytes:
    """The growth as a plot."""

    def series(value: str) -> tuple[Series, ...]:
        return tuple(
            Series(title, tuple(Point(row.layers, getattr(row, value)) for row in rows if row.command == title))
            for title in COMMANDS
            if any(row.command == title for row in rows)
        )

    layers = Axis("Layers", from_zero=True)
    panels = (
        Panel("Time of the whole process", layers, Axis("Seconds", "number", from_zero=True), series("wall")),
        Panel("Peak memory", layers, Axis("MB", "number", from_zero=True), series("memory")),
    )
    return render(Plot("Cost of a command against the size of the network", panels), "svg", Options())


def tables(rounds: int, path: Path | None) -> Iterator[str]:
    """The lines of the tables; the picture is written to `path`."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        environment = {
            "HOME": home,
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        rows = []
        yield from ("| command | layers | s | ms a layer | MB |", "| --- | ---: | ---: | ---: | ---: |")
        for row in measured(rounds, folder, environment):
            rows.append(row)
            each = 1e3 * row.wall / row.layers
            yield f"| {row.command} | {row.layers:,} | {row.wall:.2f} | {each:.2f} | {row.memory:,.0f} |"
        if path:
            path.write_bytes(picture(rows))
        large = synthetic.lay_out(synthetic.scaled(*LARGE))
        yield from ("", "| summary of | its file, MB | s | memory, MB |", "| --- | ---: | ---: | ---: |")
        for title, with_weights in (("EfficientNet-L2 without its weights", False), ("with its weights", True)):
            file = folder / f"large-{with_weights}.onnx"
            write_large(large, file, with_weights)
            cost = middle(("summary", file.name), rounds, environment)
            yield f"| {title} | {file.stat().st_size / 1e6:,.1f} | {cost.wall:.2f} | {cost.memory:,.0f} |"


if __name__ == "__main__":
    rounds, *picture_path = sys.argv[1:] or ("3",)
    for line in tables(int(rounds), Path(picture_path[0]) if picture_path else None):
        print(line, flush=True)
