"""Other tools at the same work: `python -m tests.benchmarks.peers [ROUNDS [PYTHON]]` prints a table of whole processes.

Each tool runs in a virtual environment of its own, and shows EfficientNet-B0 and B7 as it usually does. What is
compared are the medians of several runs in turn: wall-clock and processor time, and peak memory. Where a PYTHON is
given, those run that are for PyTorch, in its environment, which has them.
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.__main__ import FailedError, run
from tests.environments import TORCH, make_environment

ROOT = Path(__file__).parents[2]


class Peer(NamedTuple):
    """A tool: what it is called, what is installed, with what that needs and alone, and what is run for a variant."""

    title: str
    needs: tuple[str, ...]
    alone: tuple[str, ...]
    program: str


KERAS = ("tensorflow>=2.16",)
KERAS_MODEL = "import keras\nmodel = keras.applications.EfficientNet{variant}(weights=None)\n"
TORCH_MODEL = """
import torch
from efficientnet_pytorch import EfficientNet
model = EfficientNet.from_name("efficientnet-{lower}").eval()
size = EfficientNet.get_image_size("efficientnet-{lower}")
"""
OURS_LIVE = "import effnet_inspect\nprint(effnet_inspect.summary(model).to_text())\n"
OURS = "import sys\nfrom effnet_inspect.cli import main\nsys.exit(main(['summary', '{lower}']))\n"

PEERS: tuple[Peer, ...] = (
    Peer("effnet-inspect summary", (str(ROOT),), (), OURS),
    Peer("Keras, model.summary()", KERAS, (), KERAS_MODEL + "model.summary()\n"),
    Peer(
        "visualkeras",
        (*KERAS, "visualkeras", "setuptools<80"),
        (),
        KERAS_MODEL + "import visualkeras\nvisualkeras.layered_view(model, to_file='out.png')\n",
    ),
    Peer(
        "effnet-inspect, summary of a live module",
        (*TORCH, str(ROOT)),
        ("efficientnet-pytorch",),
        TORCH_MODEL + OURS_LIVE,
    ),
    Peer(
        "torchinfo",
        (*TORCH, "torchinfo"),
        ("efficientnet-pytorch",),
        TORCH_MODEL + "import torchinfo\ntorchinfo.summary(model, (1, 3, size, size))\n",
    ),
    Peer(
        "torchview",
        (*TORCH, "torchview", "graphviz"),
        ("efficientnet-pytorch",),
        TORCH_MODEL + "import torchview\ntorchview.draw_graph(model, torch.zeros(1, 3, size, size), device='meta')\n",
    ),
    Peer(
        "TorchLens",
        (*TORCH, "torchlens"),
        ("efficientnet-pytorch",),
        TORCH_MODEL + "import torchlens\ntorchlens.trace(model, torch.zeros(1, 3, size, size))\n",
    ),
)
VARIANTS = ("B0", "B7")


def measured(rounds: int, folder: Path, python: Path | None) -> Iterator[str]:
    """The rows of the table, one a tool; in an environment that is there, or each in one of its own."""
    peers = [peer for peer in PEERS if python is None or TORCH_MODEL in peer.program]
    pythons = {
        peer.title: python or make_environment(folder / str(number), peer.needs, peer.alone)
        for number, peer in enumerate(peers)
    }
    yield f"| tool | {' | '.join(f'{variant}, s | processor, s | MB' for variant in VARIANTS)} |"
    yield f"| --- |{' ---: | ---: | ---: |' * len(VARIANTS)}"
    for peer in peers:
        cells = []
        for variant in VARIANTS:
            program = peer.program.format(variant=variant, lower=variant.lower())
            command = (str(pythons[peer.title]), "-c", program)
            environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TF_CPP_MIN_LOG_LEVEL": "3"}
            if python is not None:
                environment["PYTHONPATH"] = str(ROOT)
            try:
                run(command, environment)
                costs = [run(command, environment) for _ in range(rounds)]
            except FailedError as error:
                cells += [f"({error})", "–", "–"]
                continue
            cells += [
                f"{statistics.median(cost.wall for cost in costs):.2f}",
                f"{statistics.median(cost.processor for cost in costs):.2f}",
                f"{statistics.median(cost.memory for cost in costs):.0f}",
            ]
        yield f"| {peer.title} | {' | '.join(cells)} |"


def main(rounds: str = "5", python: str = "") -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as home:
        print(f"Medians on {platform.machine()}, Python {platform.python_version()}:\n")
        for row in measured(int(rounds), Path(home), Path(python) if python else None):
            print(row, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
