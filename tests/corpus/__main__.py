"""Builds every EfficientNet of the packages on PyPI, and holds what is told of each against its name.

`python -m tests.corpus [COLLECTION...]` makes a virtual environment for each collection (several gigabytes in all) and
writes `sample_output/corpus.md`; what it says of other collections stays. Weights are never downloaded. Collections
whose names end in `live` are read as live models, in the environment of their package.
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
from tests import environments
from tests.environments import make_environment

PROJECT = Path(__file__).parents[2]
TABLE, RECORD = (PROJECT / "sample_output" / f"corpus.{suffix}" for suffix in ("md", "json"))

TORCH = (*environments.TORCH, "onnx", "pillow", "pyyaml", "huggingface_hub", "safetensors")
LEGACY = ("tensorflow-cpu>=2.16,<2.22", "tf-keras", "setuptools<80")


QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}


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
    "keras.applications": Collection("keras_models", ("tensorflow>=2.16",)),
    "efficientnet": Collection("keras_models", (*LEGACY, "scikit-image"), ("efficientnet", "keras-applications"), True),
    "keras_efficientnet_v2": Collection("keras_models", LEGACY, ("keras-efficientnet-v2",), True),
    "segmentation_models": Collection(
        "keras_models",
        (*LEGACY, "scikit-image"),
        ("segmentation-models", "efficientnet==1.0.0", "image-classifiers==1.0.0", "keras-applications"),
        True,
    ),
    "keras_unet_collection": Collection("keras_models", (*LEGACY, "pillow"), ("keras-unet-collection",), True),
    "keras_cv_attention_models": Collection(
        "keras_models", (*LEGACY, "pillow", "tqdm"), ("keras-cv-attention-models",), True
    ),
    "keras-hub live": Collection(
        "keras_models",
        ("tensorflow>=2.16", "regex", "sentencepiece", "tokenizers", "tqdm", "pyyaml", "requests"),
        ("keras-hub", "kagglehub", "kagglesdk"),
        live=True,
    ),
    "timm": Collection("torch_models", TORCH, ("timm",)),
    "efficientnet-pytorch": Collection("torch_models", TORCH, ("efficientnet-pytorch",)),
    "geffnet": Collection("torch_models", TORCH, ("geffnet",)),
    "transformers": Collection("torch_models", (*TORCH, "transformers")),
}
COLLECTIONS |= {
    f"{name} live": collection._replace(live=True)
    for name, collection in COLLECTIONS.items()
    if collection.script == "torch_models"
}
COLLECTIONS["segmentation_models_pytorch live"] = Collection(
    "torch_models", TORCH, ("segmentation-models-pytorch", "timm"), live=True
)


class Told(NamedTuple):
    """One model: what its name says it is, what it is told to be, and whether the counts agree.

    Where its package could not build it, `said` is the package's error.
    """

    name: str
    expected: str | None
    said: str
    variant: str | None
    agrees: bool
    seconds: float
    is_built: bool = True

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
        return Told(name, expected, line["error"], None, False, 0, is_built=False)
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
    return Told(name, expected, said, variant, agrees, round(time.perf_counter() - started, 2))


def models_of(name: str, folder: Path) -> Iterator[Told]:
    """The models of a collection one after another, built in a new environment that has its packages."""
    collection = COLLECTIONS[name]
    python = make_environment(folder, collection.needs, collection.alone)
    environment = {"PATH": str(python.parent), "PYTHONPATH": str(PROJECT), **QUIET}
    if collection.legacy:
        environment["TF_USE_LEGACY_KERAS"] = "1"
    module = f"{__package__}.{collection.script}"
    command = [str(python), "-m", module, name.removesuffix(" live"), str(folder), *["live"][: collection.live]]
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
    for name in names or list(COLLECTIONS):
        with tempfile.TemporaryDirectory() as folder:
            row = []
            for each in models_of(name, Path(folder)):
                print(f"{name:28} {'right' if each.is_right else 'WRONG'}  {each.name}: {each.said}", flush=True)
                row.append(each)
        write(name, row)


def write(name: str, row: list[Told]) -> None:
    """Write down what was told of a collection, beside what the record says of the others."""
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}
    record[name] = [each._asdict() for each in row]
    record = {key: record[key] for key in COLLECTIONS if key in record}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    results = {key: [Told(**each) for each in value] for key, value in record.items()}
    TABLE.write_text("\n".join(_table(results)) + "\n", encoding="utf-8")


def _table(results: dict[str, list[Told]]) -> Iterator[str]:
    built = {name: [each for each in row if each.is_built] for name, row in results.items()}
    right = [each for row in built.values() for each in row if each.is_right]
    yield "# Networks of other packages, told by their structure"
    yield ""
    yield (
        f"{sum(map(len, built.values()))} networks, built without weights; {len(right)} are told rightly: the variant "
        "that the name states, and every parameter. Those named live were read as live models, the others from files. "
        "`python -m tests.corpus` does it again."
    )
    yield ""
    yield "| package | networks | told rightly | seconds, the middle one |"
    yield "| --- | ---: | ---: | ---: |"
    for name, row in built.items():
        seconds = f"{median(each.seconds for each in row):.1f}" if row else ""
        yield f"| {name} | {len(row)} | {sum(each.is_right for each in row)} | {seconds} |"
    every = [(name, each) for name, row in results.items() for each in row]
    yield from _listed("Not told rightly", [row for row in every if row[1].is_built and not row[1].is_right])
    yield from _listed("Designs of their own", [row for row in every if row[1].is_right and row[1].expected is None])
    yield from _listed("Not built: an error of the package", [row for row in every if not row[1].is_built])


def _listed(title: str, rows: list[tuple[str, Told]]) -> Iterator[str]:
    if rows:
        yield from ("", f"## {title}", "", "| package | network | what is said |", "| --- | --- | --- |")
        yield from (f"| {name} | {each.name} | {each.said.replace('|', '&#124;')} |" for name, each in rows)


if __name__ == "__main__":
    main(sys.argv[1:])
