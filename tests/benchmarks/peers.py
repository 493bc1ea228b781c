"""Other tools at the same work: `python -m tests.benchmarks.peers [ROUNDS [FOLDER]]` prints a table of whole processes.

Each tool shows EfficientNet-B0 and B7 as it usually does. What is compared are the medians of several runs in turn:
wall-clock and processor time, and peak memory. The virtual environments are made in FOLDER, or in a temporary one, and
those that are there are used; installing takes several minutes, measuring about six seconds a round and tool.
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Literal, NamedTuple

from tests.benchmarks.processes import FailedError, run
from tests.environments import TORCH, make_environment

ROOT = Path(__file__).parents[2]
EnvironmentName = Literal["keras", "torch", "onnx"]


class Environment(NamedTuple):
    """What is installed: packages with what they need, and others alone; and which are named below the table."""

    needs: tuple[str, ...]
    alone: tuple[str, ...]
    named: tuple[str, ...]


ENVIRONMENTS: dict[EnvironmentName, Environment] = {
    "keras": Environment(
        (str(ROOT), "visualkeras", "pydot", "setuptools<80"), (), ("keras", "tensorflow", "visualkeras", "pydot")
    ),
    "torch": Environment(
        (*TORCH, str(ROOT), "onnx", "torchinfo", "torchview", "graphviz", "torchlens"),
        ("efficientnet-pytorch",),
        ("torch", "efficientnet-pytorch", "torchinfo", "torchview", "torchlens"),
    ),
    "onnx": Environment((f"{ROOT}[onnx]", "onnx-tool", "netron"), (), ("onnx", "onnx-tool", "netron")),
}


class Peer(NamedTuple):
    """A tool: what it is called, where it is installed, and what is run for a variant."""

    title: str
    environment: EnvironmentName
    program: str


KERAS_MODEL = "import keras\nmodel = keras.applications.EfficientNet{variant}(weights=None)\n"
TORCH_MODEL = """
import torch
from efficientnet_pytorch import EfficientNet
model = EfficientNet.from_name("efficientnet-{lower}").eval()
size = EfficientNet.get_image_size("efficientnet-{lower}")
"""
EXPORT = (
    TORCH_MODEL
    + """
model.set_swish(memory_efficient=False)
torch.onnx.export(model, (torch.zeros(1, 3, size, size),), "{lower}.onnx", dynamo=False)
"""
)
"""Writes the file that tools for ONNX read."""

OURS = "import sys\nfrom effnet_inspect.cli import main\nsys.exit(main({arguments}))\n"
NETRON = """
import netron, urllib.request
address = netron.start("{lower}.onnx", browse=False)
for path in ("", "data/{lower}.onnx"):
    with urllib.request.urlopen("http://%s:%d/%s" % (*address, path)) as answer:
        assert answer.read()
netron.stop(address)
"""

PEERS: tuple[Peer, ...] = (
    Peer("effnet-inspect summary", "keras", OURS.replace("{arguments}", "['summary', '{lower}']")),
    Peer("the same, built by Keras", "keras", OURS.replace("{arguments}", "['summary', '{lower}', '--no-cache']")),
    Peer("Keras, model.summary()", "keras", KERAS_MODEL + "model.summary()\n"),
    Peer("effnet-inspect diagram", "keras", OURS.replace("{arguments}", "['diagram', '{lower}', '--out', 'o.svg']")),
    Peer(
        "Keras, plot_model",
        "keras",
        KERAS_MODEL + "import os\nkeras.utils.plot_model(model, 'keras.svg')\nassert os.path.getsize('keras.svg')\n",
    ),
    Peer(
        "visualkeras",
        "keras",
        KERAS_MODEL + "import visualkeras\nvisualkeras.layered_view(model, to_file='out.png')\n",
    ),
    Peer(
        "effnet-inspect, live module",
        "torch",
        TORCH_MODEL + "import effnet_inspect\nprint(effnet_inspect.summary(model).to_text())\n",
    ),
    Peer("torchinfo", "torch", TORCH_MODEL + "import torchinfo\ntorchinfo.summary(model, (1, 3, size, size))\n"),
    Peer(
        "torchview",
        "torch",
        TORCH_MODEL + "import torchview\ntorchview.draw_graph(model, torch.zeros(1, 3, size, size), device='meta')\n",
    ),
    Peer(
        "TorchLens",
        "torch",
        TORCH_MODEL + "import torchlens\ntorchlens.trace(model, torch.zeros(1, 3, size, size))\n",
    ),
    Peer("effnet-inspect, ONNX file", "onnx", OURS.replace("{arguments}", "['summary', '{lower}.onnx']")),
    Peer("onnx-tool", "onnx", "import onnx_tool\nonnx_tool.model_profile('{lower}.onnx')\n"),
    Peer("Netron, until it serves the file", "onnx", NETRON),
)
VARIANTS = ("B0", "B7")


def cells(peer: Peer, python: Path, variant: str, rounds: int, folder: Path) -> list[str]:
    """Wall-clock and processor time in seconds, and memory in MB, or why they were not measured."""
    program = peer.program.format(variant=variant, lower=variant.lower())
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = (str(python), "-c", program)
    try:
        run(command, environment)
        costs = [run(command, environment) for _ in range(rounds)]
    except FailedError:
        failed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        return [f"({(failed.stderr.splitlines() or ['it fails'])[-1]})", "–", "–"]
    return [
        f"{statistics.median(cost.wall for cost in costs):.2f}",
        f"{statistics.median(cost.processor for cost in costs):.2f}",
        f"{statistics.median(cost.memory for cost in costs):,.0f}",
    ]


def prepared(folder: Path) -> dict[EnvironmentName, Path]:
    """The Python of each environment; in the folder are the files to read."""
    pythons: dict[EnvironmentName, Path] = {}
    for name, environment in ENVIRONMENTS.items():
        python = folder / name / "bin" / "python"
        pythons[name] = python if python.exists() else make_environment(folder / name, *environment[:2])
    for variant in VARIANTS:
        if not (folder / f"{variant.lower()}.onnx").exists():
            program = EXPORT.format(lower=variant.lower())
            subprocess.run([str(pythons["torch"]), "-c", program], cwd=folder, check=True, capture_output=True)
    return pythons


def releases(pythons: dict[EnvironmentName, Path]) -> Iterator[str]:
    """What is compared, with its release."""
    for name, environment in ENVIRONMENTS.items():
        program = f"from importlib.metadata import version\nfor name in {environment.named}: print(name, version(name))"
        done = subprocess.run([str(pythons[name]), "-c", program], check=True, capture_output=True, text=True)
        yield from done.stdout.splitlines()


def measured(rounds: int, folder: Path) -> Iterator[str]:
    """The lines of the table, one a tool, and what it is of."""
    pythons = prepared(folder)
    yield f"| tool | {' | '.join(f'{variant}, s | processor, s | MB' for variant in VARIANTS)} |"
    yield f"| --- |{' ---: | ---: | ---: |' * len(VARIANTS)}"
    for peer in PEERS:
        row = [cell for variant in VARIANTS for cell in cells(peer, pythons[peer.environment], variant, rounds, folder)]
        yield f"| {peer.title} | {' | '.join(row)} |"
    yield ""
    machine = f"{platform.machine()}, Python {platform.python_version()}, effnet-inspect {version('effnet-inspect')}"
    yield f"Medians of {rounds} whole processes on {machine}, {', '.join(releases(pythons))}."


def table(rounds: int, folder: str = "") -> Iterator[str]:
    """The lines of the table; the environments are kept in the folder, where there is one."""
    with tempfile.TemporaryDirectory() as home:
        place = Path(folder or home)
        place.mkdir(exist_ok=True)
        yield from measured(rounds, place.resolve())


if __name__ == "__main__":
    rounds, *place = sys.argv[1:] or ("5",)
    for line in table(int(rounds), *place):
        print(line, flush=True)
