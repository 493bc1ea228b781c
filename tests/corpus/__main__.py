"""Builds every EfficientNet of the packages on PyPI, and holds what is told of each against its name.

`python -m tests.corpus [COLLECTION...]` makes a virtual environment for each collection (several gigabytes in all) and
writes `sample_output/corpus.md`. Weights are never downloaded. Collections whose names end in `live` are read as live
modules, in the environment of their package; their table is `sample_output/corpus-live.md`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from effnet_inspect.errors import EffnetInspectError
from effnet_inspect.library import load
from effnet_inspect.sources.codec import decode
from effnet_inspect.structure.folding import folded_into, lost_by_folding
from effnet_inspect.structure.identity import sentence
from effnet_inspect.structure.network import Network
from tests.corpus import RESULTS

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
RESULT, LIVE_RESULT = (PROJECT / "sample_output" / name for name in RESULTS)

TORCH = ("torch==2.13.0", "onnx", "pillow", "pyyaml", "huggingface_hub", "safetensors", "numpy")
LEGACY = ("tensorflow-cpu>=2.16,<2.22", "tf-keras", "setuptools<80")


class Collection(NamedTuple):
    """What is installed for a collection: with what it needs, and without; and the script that builds its models.

    `live` says that the script reads the models itself, with this project's code.
    """

    script: str
    needs: tuple[str, ...]
    alone: tuple[str, ...] = ()
    legacy: bool = False
    live: bool = False


COLLECTIONS: dict[str, Collection] = {
    "keras.applications": Collection("keras_models.py", ("tensorflow>=2.16",)),
    "efficientnet": Collection(
        "keras_models.py", (*LEGACY, "scikit-image"), ("efficientnet", "keras-applications"), True
    ),
    "keras_efficientnet_v2": Collection("keras_models.py", LEGACY, ("keras-efficientnet-v2",), True),
    "segmentation_models": Collection(
        "keras_models.py",
        (*LEGACY, "scikit-image"),
        ("segmentation-models", "efficientnet==1.0.0", "image-classifiers==1.0.0", "keras-applications"),
        True,
    ),
    "keras_unet_collection": Collection("keras_models.py", LEGACY, ("keras-unet-collection",), True),
    "keras_cv_attention_models": Collection("keras_models.py", LEGACY, ("keras-cv-attention-models",), True),
    "timm": Collection("torch_models.py", TORCH, ("timm",)),
    "efficientnet-pytorch": Collection("torch_models.py", TORCH, ("efficientnet-pytorch",)),
    "geffnet": Collection("torch_models.py", TORCH, ("geffnet",)),
    "transformers": Collection("torch_models.py", (*TORCH, "transformers")),
}
COLLECTIONS |= {
    f"{name} live": collection._replace(live=True)
    for name, collection in COLLECTIONS.items()
    if collection.script == "torch_models.py"
}


class Told(NamedTuple):
    """One model: what its name says it is, what it is told to be, and whether the counts agree."""

    name: str
    expected: str | None
    said: str
    variant: str | None
    agrees: bool
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether the variant is the one that the name says, where it says one, and every parameter is counted."""
        return self.agrees and (self.expected is None or self.expected == self.variant)


NAMES: tuple[tuple[str, str], ...] = (
    (r"v2[-_]?(?:rw|t\b|rt)", ""),
    (r"(?:_cc_|_x_|_h_|test_|blur|condconv)", ""),
    (r"v2[-_ ]?(b[0-3]|s|m|l|xl)\b", "v2-{}"),
    (r"lite[-_]?([0-4])\b", "lite{}"),
    (r"(?:^|_)(e[sml])\b", "{}"),
    (r"(?:efficientnet|for.*)[-_ ]?(b[0-8]|l2)(?![a-z0-9])", "{}"),
)
"""What a name says: the first pattern that is found in it names the variant, or says that it is a design of its own."""


def expected_of(name: str) -> str | None:
    """The variant that a name states; None for a design of its own."""
    plain = name.lower().replace("edgetpu_", "").replace("_pruned", " ")
    plain = re.sub("efficientnet(?:v1)?b", "efficientnet_b", plain)
    for pattern, key in NAMES:
        if found := re.search(pattern, plain):
            return key.format(*found.groups()) or None
    return None


def told(line: dict[str, Any]) -> Told:
    """What is told of one model that a collection has written."""
    name, expected = line["name"], expected_of(line["name"])
    if "file" not in line:
        return Told(name, expected, line["error"], None, False, 0)
    path = Path(line["file"])
    started = time.perf_counter() - line.get("seconds", 0)
    try:
        network = Network(decode(path.read_bytes())) if path.suffix == ".graph" else load(str(path))
        identity = network.identity
    except EffnetInspectError as error:
        return Told(name, expected, f"Error: {error}", None, False, 0)
    finally:
        path.unlink()
    counted = network.totals.exact("parameters")
    whole = None if counted is None else counted + lost_by_folding(folded_into(network.anatomy))
    agrees = line["parameters"] + line.get("buffers", 0) in (counted, whole)
    said = sentence(identity) if agrees else f"{sentence(identity)} ({counted} parameters for {line['parameters']})"
    variant = identity.variant.key if identity.variant else None
    return Told(name, expected, said, variant, agrees, time.perf_counter() - started)


def installed(collection: Collection, folder: Path) -> str:
    """The Python of a new virtual environment with a collection's packages."""
    python = str(folder / "bin" / "python")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *collection.needs], check=True)
    if collection.alone:
        subprocess.run([*pip, "--no-deps", *collection.alone], check=True)
    return python


def models_of(name: str, python: str, folder: Path) -> Iterator[Told]:
    """The models of a collection one after another, built by a Python that has its packages."""
    collection = COLLECTIONS[name]
    environment = {"PATH": str(Path(python).parent), "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    if collection.legacy:
        environment["TF_USE_LEGACY_KERAS"] = "1"
    command = [python, str(HERE / collection.script), name.removesuffix(" live"), str(folder)]
    if collection.live:
        command.append(str(PROJECT))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, cwd=folder
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in process.stdout:
            if not text.startswith("{"):
                continue
            yield told(json.loads(text))
            process.stdin.write("\n")
            process.stdin.flush()
    if process.returncode:
        yield Told(f"(the end of {name})", None, f"its process ended with {process.returncode}", None, False, 0)


def main(names: list[str]) -> None:
    """Tell all, and write down what was told."""
    results: dict[str, list[Told]] = {}
    for name in names or list(COLLECTIONS):
        with tempfile.TemporaryDirectory() as folder:
            results[name] = []
            for each in models_of(name, installed(COLLECTIONS[name], Path(folder)), Path(folder)):
                print(f"{name:28} {'right' if each.is_right else 'WRONG'}  {each.name}: {each.said}", flush=True)
                results[name].append(each)
    write(results)


def write(results: dict[str, list[Told]]) -> None:
    """Write the tables of what was told."""
    for path, is_live in ((RESULT, False), (LIVE_RESULT, True)):
        if chosen := {name: row for name, row in results.items() if COLLECTIONS[name].live is is_live}:
            path.write_text("\n".join(_table(chosen)) + "\n", encoding="utf-8")


def _table(results: dict[str, list[Told]]) -> Iterator[str]:
    every = [each for row in results.values() for each in row]
    right = sum(each.is_right for each in every)
    yield "# Networks of other packages, told by their structure"
    yield ""
    yield (
        f"{len(every)} networks of {len(results)} packages, built without weights; {right} are told rightly: the "
        "variant that the name states, and every parameter. `python -m tests.corpus` does it again."
    )
    yield ""
    yield "| package | networks | told rightly | seconds, the middle one |"
    yield "| --- | ---: | ---: | ---: |"
    for name, row in results.items():
        seconds = median(each.seconds for each in row)
        yield f"| {name} | {len(row)} | {sum(each.is_right for each in row)} | {seconds:.1f} |"
    wrong = [(name, each) for name, row in results.items() for each in row if not each.is_right]
    if wrong:
        yield from ("", "## Not told rightly", "", "| package | network | what is said |", "| --- | --- | --- |")
        yield from (f"| {name} | {each.name} | {each.said} |" for name, each in wrong)
    own = [(name, each) for name, row in results.items() for each in row if each.is_right and each.expected is None]
    if own:
        yield from ("", "## Designs of their own", "", "| package | network | what is said |", "| --- | --- | --- |")
        yield from (f"| {name} | {each.name} | {each.said} |" for name, each in own)


if __name__ == "__main__":
    main(sys.argv[1:])
