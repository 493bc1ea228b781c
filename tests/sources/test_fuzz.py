"""Damaged and hostile files: a graph or a sentence, never a traceback, never a hang, never code run."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from effnet_inspect.catalog.targets import FileTarget
from effnet_inspect.errors import EffnetInspectError
from effnet_inspect.sources.files import read_file
from effnet_inspect.sources.keras.config import read_config
from effnet_inspect.structure.network import Network
from effnet_inspect.views.summary import SummaryOptions, summary
from tests.command_line import run

pytestmark = pytest.mark.one_python

DATA = Path(__file__).parent / "data"

DEADLINE = 5_000
"""Milliseconds for one damaged file; a whole one takes some 30."""

fuzz = settings(
    max_examples=60,
    deadline=DEADLINE,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def shown(path: Path) -> None:
    """Go the whole way from a file to a table; whatever is wrong must be one of this package's own errors."""
    with suppress(EffnetInspectError):
        look_at(read_file(FileTarget(str(path))))


def look_at(graph: Any) -> None:
    """Everything that is computed of a graph."""
    json.dumps(dict(summary(Network(graph), SummaryOptions("layer")).data), allow_nan=False)


def original(name: str) -> bytes:
    """A file of DATA, without its compression."""
    return gzip.decompress((DATA / f"{name}.gz").read_bytes())


def as_archive(config: bytes) -> bytes:
    """A `.keras` file with this configuration."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata.json", b"{}")
        archive.writestr("config.json", config)
    return stream.getvalue()


NESTED = original("tf-keras-2.21-nested.json")

WHOLE: dict[str, Callable[[Path], bytes]] = {
    "a.json": lambda models: NESTED,
    "a.keras": lambda models: as_archive(NESTED),
    "a.h5": lambda models: (models / "own.h5").read_bytes(),
}


@st.composite
def damages(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """A way to damage bytes: cut off, overwritten in places, a stretch repeated or zeroed."""
    kind = draw(st.sampled_from(["cut", "bytes", "zeros", "repeat"]))
    where = draw(st.lists(st.floats(0, 0.9999), min_size=1, max_size=12))
    # Most of what decides stands at the beginning or the end.
    skew = draw(st.sampled_from([1, 4, 12]))
    from_end = draw(st.booleans())
    values = draw(st.binary(min_size=12, max_size=12))

    def damage(content: bytes) -> bytes:
        places = [int(len(content) * (1 - each**skew if from_end else each**skew)) for each in where]
        places = [min(max(place, 0), len(content) - 1) for place in places]
        changed = bytearray(content)
        if kind == "cut":
            del changed[places[0] :]
        for place, value in zip(places, values, strict=False):
            if kind == "bytes":
                changed[place] = value
            elif kind == "zeros":
                changed[place : place + value] = bytes(len(changed[place : place + value]))
            elif kind == "repeat":
                changed[place:place] = changed[place : place + value]
        return bytes(changed)

    return damage


@pytest.mark.parametrize("name", WHOLE)
@fuzz
@given(damage=damages())
def test_damaged_files(name: str, damage: Callable[[bytes], bytes], models: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(damage(WHOLE[name](models)))
    shown(path)


@fuzz
@given(damage=damages())
def test_damaged_saved_model(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").touch()
    (tmp_path / "keras_metadata.pb").write_bytes(damage(original("tf-keras-2.21-saved-model.pb")))
    shown(tmp_path)


@fuzz
@given(content=st.binary(max_size=200), name=st.sampled_from(["a.json", "a.keras", "a.h5", "a.onnx", "a"]))
def test_any_bytes(content: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    shown(path)


def places(value: Any) -> list[tuple[Any, Any]]:
    """All containers of a JSON value, each with every key or index that it has."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        here = waiting.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here))
        for key in keys:
            found.append((here, key))
            if isinstance(here[key], (dict, list)):
                waiting.append(here[key])
    return found


@fuzz
@given(changes=st.lists(st.tuples(st.floats(0, 0.9999), st.sampled_from("rdcs"), JSON), min_size=1, max_size=4))
def test_changed_configurations(changes: list[tuple[float, str, Any]]) -> None:
    """Values replaced, removed, copied to where others stand, and exchanged: still JSON, hardly a model."""
    config = json.loads(NESTED)
    for where, kind, value in changes:
        every = places(config)
        if not every:
            break
        here, key = every[int(len(every) * where)]
        there, other = every[int((len(every) - 1) * (1 - where))]
        if kind == "r":
            here[key] = value
        elif kind == "d":
            del here[key]
        elif kind == "c":
            here[key] = json.loads(json.dumps(there[other]))
        elif isinstance(here, dict) and isinstance(here[key], list):
            here[key] = here[key][::-1]
    with suppress(EffnetInspectError):
        look_at(read_config(config))


@fuzz
@given(value=JSON)
def test_any_json(value: Any) -> None:
    for config in (value, {"class_name": "Sequential", "config": value}, {"config": {"layers": [value]}}):
        with suppress(EffnetInspectError):
            look_at(read_config(config))


def test_no_code_is_run_and_no_framework_is_loaded(models: Path, tmp_path: Path) -> None:
    """The file holds Lambdas with bytecode, and asks for modules and functions by name."""
    config = json.loads((models / "swish-lambda.json").read_text())
    assert "__lambda__" in json.dumps(config)
    witness = tmp_path / "witness.py"
    witness.write_text(f"open({str(tmp_path / 'run')!r}, 'w')")
    config["config"]["layers"][1].update(module="witness", registered_name="witness>Conv2D")
    path = tmp_path / "hostile.keras"
    path.write_bytes(as_archive(json.dumps(config).encode()))
    code = (
        "import sys\n"
        "from effnet_inspect.sources import load\n"
        f"assert len(load({str(path)!r})) == 125\n"
        "print(sorted({'keras', 'tensorflow', 'witness', 'pickle', 'marshal'} & set(sys.modules)))\n"
    )
    environment_free = [sys.executable, "-c", code]
    result = subprocess.run(environment_free, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert result.stderr == ""
    assert not {"keras", "tensorflow", "witness"} & set(json.loads(result.stdout.replace("'", '"')))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["hostile.keras", "hostile.json"])
def test_the_command_says_it_in_one_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(NESTED[: len(NESTED) // 2])
    result = run("summary", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
