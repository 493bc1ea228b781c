"""Models as users have them, read from their files: found by structure wherever the network stands."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from effnet_inspect import limits
from effnet_inspect.errors import SourceError
from effnet_inspect.sources import load
from effnet_inspect.sources.codec import decode
from effnet_inspect.structure.anatomy import Anatomy
from effnet_inspect.structure.dissection import dissect
from effnet_inspect.structure.fact_reader import facts_of
from effnet_inspect.structure.identity import identify, sentence
from effnet_inspect.structure.measures import Measures
from effnet_inspect.structure.network import Network
from effnet_inspect.views.summary import summary
from tests.command_line import run
from tests.graphs import graph_of, measures_of, rename

pytestmark = pytest.mark.one_python

DATA = Path(__file__).parent / "data"

B0 = [1, 2, 2, 3, 3, 4, 1]
V2_B0 = [1, 2, 2, 3, 5, 8]
OWN = [1, 2, 2, 3]


@dataclass(frozen=True)
class Expected:
    """What is found in a model: sub-blocks of the blocks, layers of the other parts, and which variant it is."""

    blocks: list[int]
    parts: dict[str, int]
    says: str
    backbones: int = 1


TOP = "up to the classifier, which has 5 classes."
NO_TOP = "up to the final layers, without its classifier."

FOUND = {
    "plain": Expected(B0, {"stem": 7, "head": 3, "classifier": 3}, f"B0 {TOP}"),
    "without-top": Expected(B0, {"stem": 7, "head": 3}, f"B0 {NO_TOP}"),
    "pooled": Expected(B0, {"stem": 7, "head": 3, "after": 1}, f"B0 {NO_TOP}"),
    "renamed": Expected(B0, {"stem": 7, "head": 3, "classifier": 3}, f"B0 {TOP}"),
    "nested": Expected(B0, {"before": 1, "stem": 7, "head": 3, "classifier": 4}, f"B0 {TOP}"),
    "nested-of-any-size": Expected(B0, {"before": 1, "stem": 7, "head": 3, "classifier": 4}, f"B0 {TOP}"),
    "nested-twice": Expected(B0, {"before": 2, "stem": 7, "head": 3, "classifier": 4}, f"B0 {TOP}"),
    "sequential": Expected(B0, {"before": 1, "stem": 7, "head": 3, "classifier": 2}, f"B0 {TOP}"),
    "preprocessed": Expected(B0, {"before": 5, "stem": 7, "head": 3, "classifier": 4}, f"B0 {TOP}"),
    "unet": Expected(B0, {"stem": 7, "head": 3, "after": 34}, f"B0 {NO_TOP}"),
    "fpn": Expected(V2_B0, {"stem": 6, "after": 10}, "V2-B0 up to block 6."),
    "two-backbones": Expected(
        B0, {"before": 1, "stem": 7, "head": 3, "after": 3, "other_branches": 271}, f"B0 {NO_TOP}", 2
    ),
    "siamese": Expected(B0, {"before": 1, "stem": 7, "head": 3, "after": 3, "other_branches": 239}, f"B0 {NO_TOP}", 1),
    "grey": Expected(B0, {"stem": 7, "head": 3}, f"B0 {NO_TOP[:-1]}, with 1 change: input channels 1 for 3."),
    "four-channels": Expected(
        V2_B0, {"stem": 5, "head": 3}, f"V2-B0 {NO_TOP[:-1]}, with 1 change: input channels 4 for 3."
    ),
    "wide": Expected(B0, {"stem": 7, "head": 3}, f"B0 {NO_TOP}"),
    "unknown-size": Expected(B0, {"stem": 7, "head": 3}, f"B0 {NO_TOP}"),
    "fixed-batch": Expected(B0, {"stem": 7, "head": 3}, f"B0 {NO_TOP}"),
    "without-dropout": Expected(B0, {"stem": 7, "head": 3, "classifier": 2}, "B0."),
    "swish-activation": Expected(OWN, {"stem": 4}, "B0 up to block 4."),
    "swish-function": Expected(OWN, {"stem": 4}, "B0 up to block 4."),
    "swish-lambda": Expected(OWN, {"stem": 4}, "B0 up to block 4."),
    "swish-layer": Expected(OWN, {"stem": 4}, "B0 up to block 4."),
    "dense-gate": Expected(OWN, {"stem": 4}, "B0 up to block 4."),
    "same-borders": Expected(
        [1, 2, 2, 2, 2], {"stem": 4}, "an MBConv network, nearest EfficientNet-B0 (44 % of its sub-blocks equal)"
    ),
}

NOT_FOUND = {
    "mobilenet-v2": "This is MobileNetV2, an MBConv network, no EfficientNet.",
    "mobilenet-v3": "This is MobileNetV3-Large, an MBConv network, no EfficientNet.",
    "resnet50": "This is no EfficientNet: it has no MBConv sub-blocks.",
    "densenet121": "This is no EfficientNet: it has no MBConv sub-blocks.",
    "small-cnn": "This is no EfficientNet: it has no MBConv sub-blocks.",
    "perceptron": "This is no EfficientNet: it has no MBConv sub-blocks.",
}

# Their parameters are those that these packages report themselves.
OTHERS = {
    "efficientnet-1.1.1-b0.json": ("b0", 5_330_564, 233),
    "efficientnet-1.1.1-b3.json": ("b3", 12_320_528, 380),
    "keras-efficientnets-0.1.7-b0.json": ("b0", 5_330_564, 241),
    "keras-efficientnets-0.1.7-b4.json": ("b4", 19_466_816, 478),
    "keras-efficientnet-v2-1.2.2-b4.json": ("b4", 19_466_816, 502),
    "keras-efficientnet-v2-1.2.2-l2.json": ("l2", 481_399_996, 1386),
    "keras-efficientnet-v2-1.2.2-v2-s.json": ("v2-s", 21_612_360, 511),
    "keras-efficientnet-v2-1.2.2-v2-xl.json": ("v2-xl", 208_896_832, 1316),
}


def parts(anatomy: Anatomy) -> dict[str, int]:
    """The layers of every part that is no block."""
    every = (anatomy.before, anatomy.stem, anatomy.head, anatomy.classifier, anatomy.after, anatomy.other_branches)
    return {part.name: len(part.layers) for part in every if part}


def unpacked(name: str, folder: Path) -> Path:
    """A file of DATA, without its compression."""
    path = folder / name
    path.write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    return path


@pytest.mark.parametrize("name", FOUND)
def test_found_by_structure(name: str, models: Path) -> None:
    expected = FOUND[name]
    anatomy = dissect(load(str(models / f"{name}.json")))
    assert [len(block.sub_blocks) for block in anatomy.blocks] == expected.blocks
    assert parts(anatomy) == expected.parts
    assert anatomy.backbones == expected.backbones
    assert expected.says in sentence(identify(anatomy, facts_of(anatomy)))


def test_a_file_that_leaves_its_size_open_is_read_at_any(models: Path) -> None:
    path = models / "unknown-size.json"
    network = Network(load(f"{path}@224"))
    assert network.title == "unknown-size.json@224"
    assert network.anatomy.input_shape == (224, 224, 3)
    assert network.totals["macs"] == measures_of("b0").totals()["macs"] - 1280 * 1000
    assert not network.totals.total("macs").missing
    assert load(f"{path}@96x64")["top_conv"].output_shape == (3, 2, 1280)
    opened = Network(load(str(path)))
    assert opened.totals.total("macs").missing
    assert "The model leaves height and width open: unknown-size.json@512 sets them." in summary(opened).notes


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("without-top", "without-top.json takes images of 96×96 and of no other size, so it cannot be read at 96×64"),
        ("perceptron", "perceptron.json takes no images, so it cannot be read at a size of them"),
    ],
)
def test_a_file_that_has_its_size_is_read_at_no_other(name: str, sentence: str, models: Path) -> None:
    with pytest.raises(SourceError, match=sentence):
        load(f"{models / name}.json@96x64")


@pytest.mark.parametrize("name", NOT_FOUND)
def test_false_friends(name: str, models: Path) -> None:
    result = run("summary", str(models / f"{name}.json"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert NOT_FOUND[name] in result.stdout
    assert " Total " in result.stdout


@pytest.mark.parametrize("name", OTHERS)
def test_other_implementations(name: str, tmp_path: Path) -> None:
    key, parameters, layers = OTHERS[name]
    graph = load(str(unpacked(name, tmp_path)))
    totals = Measures(graph).totals()
    assert (totals["parameters"], len(graph), totals.total("parameters").missing) == (parameters, layers, ())
    assert totals["macs"] == measures_of(key).totals()["macs"]
    found = Network(graph).identity
    assert found.variant is not None
    assert (found.variant.key, found.up_to, found.changes) == (key, "classifier", ())


def test_keras_2_nested(tmp_path: Path) -> None:
    anatomy = dissect(load(str(unpacked("tf-keras-2.21-nested.json", tmp_path))))
    assert parts(anatomy) == {"before": 3, "stem": 7, "head": 3, "classifier": 3}
    scaled = [layer for layer in anatomy.graph if layer.class_name == "TFOpLambda"]
    assert [(layer.scale, layer.offset) for layer in scaled] == [((1 / 127.5,), (0.0,)), ((1.0,), (-1.0,))]
    assert Measures(anatomy.graph).totals()["parameters"] == 4_055_976


def test_saved_model(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").touch()
    metadata = gzip.decompress((DATA / "tf-keras-2.21-saved-model.pb.gz").read_bytes())
    (tmp_path / "keras_metadata.pb").write_bytes(metadata)
    graph = load(str(tmp_path))
    assert replace(graph, name="", target=None) == replace(
        load(str(unpacked("tf-keras-2.21-sequential.json", tmp_path))), name="", target=None
    )
    assert Measures(graph).totals()["parameters"] == 5_925_717


def test_one_model_in_every_kind_of_file(models: Path) -> None:
    assert load(str(models / "nested.keras")).layers == load(str(models / "nested.json")).layers


def test_a_nested_model_has_the_size_of_what_it_is_given(models: Path) -> None:
    any_size, one_size = (load(str(models / f"{name}.json")) for name in ("nested-of-any-size", "nested"))
    assert Measures(any_size).totals().total("macs").missing == ()
    assert [each.output_shape for each in any_size] == [each.output_shape for each in one_size]


def test_a_function_may_nest_a_model_of_any_size() -> None:
    totals = measures_of("tests.sources.models:nested_of_any_size").totals()
    assert (totals["macs"], totals.total("macs").missing) == (71_223_072, ())


def test_a_file_says_how_many_parameters_a_custom_layer_has(models: Path) -> None:
    assert Measures(load(str(models / "own.h5"))).totals().total("parameters").missing == ()
    assert Measures(load(str(models / "own.json"))).totals().total("parameters").missing[0].startswith("riddle")


def test_the_second_backbone(models: Path) -> None:
    path = str(models / "two-backbones.json")
    result = run("summary", path, "--backbone", "2", "--format", "json")
    data = json.loads(result.stdout)
    assert [len(block["sub_blocks"]) for block in data["blocks"]] == V2_B0
    assert (data["identity"]["nearest"], data["identity"]["exact"]) == ("v2-b0", True)
    assert any("There are 2 backbones" in remark for remark in data["remarks"])
    refused = run("summary", path, "--backbone", "3")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "There is no backbone 3" in refused.stderr


def test_ambiguous_borders(models: Path) -> None:
    """Structure alone merges two blocks; their names tell, and that is said."""
    graph = decode((models / "narrow.graph").read_bytes())
    anatomy = dissect(graph)
    (remark,) = anatomy.remarks
    assert re.fullmatch(r"Block \d is ambiguous: .* put the start of a block before \d[a-z]\.", remark)
    renamed = dissect(rename(graph, {layer.name: f"x{index}" for index, layer in enumerate(graph)}))
    assert renamed.remarks == ()
    assert [block.number for block in renamed.blocks] == [block.number for block in anatomy.blocks]


# Files that are refused: how each is made, and what is said of it.


def archive(**entries: bytes) -> bytes:
    """A zip file; `config` is the entry config.json."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/") + ".json", content)
    return stream.getvalue()


def model(*layers: dict[str, Any], **config: Any) -> bytes:
    """A Sequential's configuration."""
    return json.dumps({"class_name": "Sequential", "config": {"name": "made", "layers": layers, **config}}).encode()


def layer(class_name: str, **config: Any) -> dict[str, Any]:
    """A layer's entry."""
    return {"class_name": class_name, "config": {"name": class_name.lower(), **config}}


IMAGE = layer("InputLayer", batch_input_shape=[None, 32, 32, 3])
LOOP = {
    "class_name": "Functional",
    "config": {
        "name": "loop",
        "layers": [
            {"class_name": "Activation", "name": "a", "config": {"name": "a"}, "inbound_nodes": [[["b", 0, 0, {}]]]},
            {"class_name": "Activation", "name": "b", "config": {"name": "b"}, "inbound_nodes": [[["a", 0, 0, {}]]]},
        ],
        "input_layers": [],
        "output_layers": [["b", 0, 0]],
    },
}


def doubling(depth: int) -> dict[str, Any]:
    """A model that calls an inner model twice, which calls an inner model twice ...: 2**depth calls of nothing."""
    inner: dict[str, Any] = {
        "class_name": "Functional",
        "config": {"name": "leaf", "layers": [], "input_layers": [], "output_layers": []},
    }
    for level in range(depth):
        name = f"level{level}"
        inner = {
            "class_name": "Functional",
            "config": {
                "name": name,
                "layers": [{**inner, "name": "inner", "inbound_nodes": [[], [], [], []]}],
                "input_layers": [],
                "output_layers": [],
            },
        }
    return inner


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.keras", b"", "is empty"),
    "wrong magic": ("a.keras", b"not a zip file at all", "does not begin like Keras archives do"),
    "wrong magic of HDF5": ("a.h5", b"\x00" * 100, "does not begin like HDF5 files do"),
    "nothing known": ("a.bin", b"\x00" * 100, "is not a model file of a known kind"),
    "truncated archive": ("a.keras", archive(config=model(IMAGE))[:-30], "is damaged"),
    "truncated HDF5": ("a.h5", b"\x89HDF\r\n\x1a\n" + b"\x00" * 50, "is damaged"),
    "archive of something else": ("a.keras", archive(readme=b"{}"), "is an archive without config.json"),
    "path traversal": ("a.keras", archive(**{"..__..__config": model(IMAGE)}), "is an archive without config.json"),
    "no JSON": ("a.json", b'{"class_name": ', "is not JSON that can be read"),
    "not UTF-8": ("a.json", b'{"\xff\xfe": 1}', "is not JSON that can be read"),
    "deep JSON": ("a.json", b'{"a":' + b"[" * 100_000, "it is nested too deeply"),
    "deep model": ("a.json", b'{"config":{"layers":[' * 200 + b"]}}" * 200, "cannot be read"),
    "list": ("a.json", b"[1, 2, 3]", "is not a configuration of a Keras model"),
    "no configuration": ("a.json", b'{"weights": []}', "is not a configuration of a Keras model"),
    "subclassed": ("a.json", b'{"class_name": "Mine", "config": {}}', "its class Mine states hyperparameters"),
    "no layers": ("a.json", model(), "has no layers"),
    "layer without class": ("a.json", model({"config": {"name": "x"}}), "there is no 'class_name'"),
    "layer that is a number": ("a.json", b'{"class_name":"Sequential","config":{"layers":[3]}}', "cannot be read"),
    "convolution without filters": ("a.json", model(IMAGE, layer("Conv2D", kernel_size=3)), "there is no 'filters'"),
    "stride of 0": ("a.json", model(IMAGE, layer("Conv2D", kernel_size=3, filters=8, strides=0)), "0 is not a size"),
    "negative filters": ("a.json", model(IMAGE, layer("Conv2D", kernel_size=3, filters=-8)), "-8 is not a size"),
    "filters without end": ("a.json", model(IMAGE, layer("Conv2D", kernel_size=3, filters=10**30)), "is not a size"),
    "window larger than the image": (
        "a.json",
        model(IMAGE, layer("Conv2D", kernel_size=99, filters=8)),
        "its output has -66 positions",
    ),
    "rate that is no number": ("a.json", model(IMAGE, layer("Dropout", rate=float("nan"))), "is not a finite number"),
    "shape of many axes": ("a.json", model(layer("InputLayer", batch_input_shape=[None] * 99)), "99 axes"),
    "long name": ("a.json", model(IMAGE, {"class_name": "Add", "config": {"name": "x" * 10_000}}), "10,000 characters"),
    "cycle": ("a.json", json.dumps(LOOP).encode(), "form a cycle"),
    "doubling": ("a.json", json.dumps(doubling(30)).encode(), "nested models"),
    "two of one name": ("a.json", model(IMAGE, layer("Dropout"), layer("Dropout")), "used more than once"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_a_sentence(case: str, tmp_path: Path) -> None:
    name, content, says = REFUSED[case]
    path = tmp_path / name
    path.write_bytes(content)
    result = run("summary", str(path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.parent.glob("config.json"))


def test_a_weights_file_is_told(models: Path) -> None:
    with pytest.raises(SourceError, match="holds weights, but not the architecture"):
        load(str(models / "own.weights.h5"))


def test_an_exported_model_is_told(tmp_path: Path) -> None:
    """What Keras 3's `model.export()` leaves is a SavedModel without keras_metadata.pb."""
    (tmp_path / "saved_model.pb").touch()
    with pytest.raises(SourceError, match="states no architecture"):
        load(str(tmp_path))


def test_a_large_configuration_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the archive is that holds it."""
    monkeypatch.setattr(limits, "CONFIGURATION_BYTES", 2**20)
    path = tmp_path / "bomb.keras"
    path.write_bytes(archive(config=b" " * (2**20 + 1)))
    assert path.stat().st_size < 5_000
    with pytest.raises(SourceError, match="is larger than 1 MiB"):
        load(str(path))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_all_at_once_is_not_unpacked(method: int, tmp_path: Path) -> None:
    path = tmp_path / "bomb.keras"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("config.json", b"{}")
    with pytest.raises(SourceError, match="is packed by a method that no framework uses"):
        load(str(path))


def test_an_archive_of_very_many_files_is_told(tmp_path: Path) -> None:
    path = tmp_path / "many.keras"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(300):
            file.writestr(f"{number:010000}", b"")
    with pytest.raises(SourceError, match="what the archive says it holds takes more than 2 MiB"):
        load(str(path))


def test_an_axis_too_many_is_told(tmp_path: Path) -> None:
    path = tmp_path / "axes.json"
    shape = {"class_name": "Reshape", "config": {"name": "r", "target_shape": [2**31 - 1] * 1000}}
    path.write_bytes(model(IMAGE, shape))
    with pytest.raises(SourceError, match="there are 1,000 axes of a shape, and 16 are the most"):
        load(str(path))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: None, "there is no file"),
        (lambda path: path.mkdir(), "is not a SavedModel"),
        (os.mkfifo, "is not a regular file"),
    ],
)
def test_what_is_no_file(make: Callable[[Path], Any], says: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    make(path)
    with pytest.raises(SourceError, match=says):
        load(str(path))


def test_damaged_metadata(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").touch()
    for content in (b"", b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x02\x1a\x09", struct.pack("<I", 7), b"\xff" * 40):
        (tmp_path / "keras_metadata.pb").write_bytes(content)
        with pytest.raises(SourceError, match="keras_metadata"):
            load(str(tmp_path))


def test_names_cannot_command_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    names = ["\x1b[2J\x1b]0;gotcha\x07", "half \ud800", "line\nbreak"]
    path.write_bytes(model(IMAGE, *({"class_name": "ReLU", "config": {"name": name}} for name in names)))
    graph = load(str(path))
    assert all(each.name.isprintable() for each in graph)
    assert [each.name for each in graph][-1] == "line\N{REPLACEMENT CHARACTER}break"


def test_twice_encoded(models: Path, tmp_path: Path) -> None:
    """As `json.dump(model.to_json(), file)` leaves it."""
    text = (models / "plain.json").read_text()
    path = tmp_path / "plain.json"
    path.write_text(json.dumps(text))
    assert load(str(path)).layers == load(str(models / "plain.json")).layers


def test_python_code_is_run_where_it_was_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(
        "import sys\n"
        "from effnet_inspect import cli\n"
        "print('hello')\n"
        "number = 3\n"
        "def leave():\n"
        "    sys.exit('good bye')\n"
        "def fail():\n"
        "    raise ValueError('first line\\nsecond line')\n"
    )
    monkeypatch.chdir(tmp_path)
    for target, says in {
        "mine:number": "gives builtins.int, not a Keras model",
        "mine:leave": "failed: SystemExit: good bye",
        "mine:fail": "failed: ValueError: first line",
        "mine:nothing": "AttributeError",
        "nowhere:model": "ModuleNotFoundError",
    }.items():
        result = run("summary", target)
        assert (result.exit_code, result.stdout) == (1, "")
        assert says in result.stderr


def test_a_function_that_makes_a_model() -> None:
    graph = graph_of("tests.sources.models:perceptron")
    assert [each.class_name for each in graph] == ["InputLayer", "Dense", "Dense"]
    assert Measures(graph).totals()["parameters"] == 232


@pytest.mark.parametrize(("target", "count"), [("states_a_number", 9), ("nested_in_a_model", 12)])
def test_a_live_model_is_read_by_its_layers_whatever_its_class_states(target: str, count: int) -> None:
    graph = graph_of(f"tests.sources.models:{target}")
    assert len(graph) == count
    assert not any(layer.operation == "opaque" for layer in graph)


def test_networks_are_the_same_only_as_far_as_can_be_seen(models: Path) -> None:
    path = str(models / "swish-lambda.json")
    lead = run("compare", path, path).stdout.splitlines()[1]
    assert "are the same network as far as can be seen: Lambda cannot be looked into." in lead


def test_a_file_named_like_a_variant_is_no_variant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked("efficientnet-1.1.1-b0.json", tmp_path).rename(tmp_path / "b3@mine.json")
    monkeypatch.chdir(tmp_path)
    network = Network(load("b3@mine.json"))
    assert (network.key, network.name, network.title) == ("b3@mine.json",) * 3
    assert (network.variant, network.published_accuracy) == (None, None)
    rows = json.loads(run("compare", "b3@mine.json", "b3", "--by", "model", "-f", "json").stdout)["aspects"]["model"]
    values = {row["part"]: row["values"] for row in rows["rows"]}
    assert values["Width coefficient"] == [None, 1.2]
    assert values["Depth coefficient"] == [None, 1.4]
    assert values["Top-1, published"] == [None, 0.816]
    assert values["Resolution"] == [224, 300]


@pytest.mark.parametrize("name", ["./EfficientNet-B0", "./b0"])
def test_a_file_named_just_like_a_variant_is_still_identified(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked("efficientnet-1.1.1-b0.json", tmp_path).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert run("summary", name).stdout.splitlines()[:2] == [name.removeprefix("./"), "This is EfficientNet-B0."]
    assert "This is" not in run("summary", name.removeprefix("./")).stdout
