"""Writes the networks of PyTorch's packages as ONNX files: `python torch_models.py COLLECTION FOLDER [PROJECT]`.

Runs in a virtual environment with that collection's packages, without this project; where the project's folder is
given, its code reads the live modules, and writes their graphs instead. Each file is announced by a line
of JSON on standard output, and is deleted when its line is answered, so that few are there at a time.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import sys
import time
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LARGEST_NUMBER_OF_PARAMETERS = 130_000_000
"""Larger ones take gigabytes as a file."""

Model = tuple[str, Callable[[], Any], int]
"""Name, what makes it, and the side of its images."""


class _Nothing:
    def __init__(self, *arguments: Any, **named: Any) -> None:
        pass


class _StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """torchvision, which timm imports for its data alone, as modules in which every name is there and does nothing."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.split(".")[0] == "torchvision":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        module.__version__ = "0.0.0"  # type: ignore[attr-defined]

        def missing(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return _Modes if name == "InterpolationMode" else _Nothing

        module.__getattr__ = missing  # type: ignore[method-assign]
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing is in it."""


class _Modes:
    NEAREST, BILINEAR, BICUBIC, BOX, HAMMING, LANCZOS = "nearest", "bilinear", "bicubic", "box", "hamming", "lanczos"
    NEAREST_EXACT = "nearest-exact"


def _timm() -> Iterator[Model]:
    sys.meta_path.insert(0, _StandIn())
    import timm

    for name in timm.list_models("*efficientnet*"):
        config = timm.get_pretrained_cfg(name)
        side = config.input_size[-1] if config is not None else 224

        def make(name: str = name) -> Any:
            return timm.create_model(name, pretrained=False)

        yield name, make, side


def _efficientnet_pytorch() -> Iterator[Model]:
    from efficientnet_pytorch import EfficientNet

    for number in range(9):
        name = f"efficientnet-b{number}"

        def make(name: str = name) -> Any:
            model = EfficientNet.from_name(name)
            model.set_swish(memory_efficient=False)
            return model

        yield name, make, EfficientNet.get_image_size(name)


def _geffnet() -> Iterator[Model]:
    sys.meta_path.insert(0, _StandIn())
    import geffnet
    from geffnet import gen_efficientnet

    for name in sorted(gen_efficientnet.__all__):
        if "efficientnet" in name and name[0].islower():

            def make(name: str = name) -> Any:
                return geffnet.create_model(name, pretrained=False)

            yield name, make, 224


def _transformers() -> Iterator[Model]:
    from transformers import EfficientNetConfig, EfficientNetForImageClassification

    scales = [(1, 1, 224), (1, 1.1, 240), (1.1, 1.2, 260), (1.2, 1.4, 300), (1.4, 1.8, 380), (1.6, 2.2, 456)]
    for number, (width, depth, side) in enumerate(scales):
        config = EfficientNetConfig(
            width_coefficient=float(width),
            depth_coefficient=float(depth),
            image_size=side,
            hidden_dim=int(1280 * width) // 8 * 8,
        )

        def make(config: Any = config) -> Any:
            return EfficientNetForImageClassification(config)

        yield f"EfficientNetForImageClassification b{number}", make, side


COLLECTIONS: dict[str, Callable[[], Iterator[Model]]] = {
    "timm": _timm,
    "efficientnet-pytorch": _efficientnet_pytorch,
    "geffnet": _geffnet,
    "transformers": _transformers,
}


def _without_numbers(make: Callable[[], Any]) -> Any:
    """A model whose weights take no memory, which is enough to be read live; as usual where it makes some anyway."""
    import torch

    with torch.device("meta"):
        model = make()
    return model if all(each.is_meta for each in model.parameters()) else make()


def _write_onnx(model: Any, side: int, path: Path) -> None:
    import torch

    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(
            model,
            (torch.zeros(1, 3, side, side),),
            str(path),
            dynamo=False,
            do_constant_folding=False,
            training=torch.onnx.TrainingMode.PRESERVE,
            opset_version=17,
        )


def _write_graph(model: Any, path: Path) -> None:
    from effnet_inspect.sources.codec import encode
    from effnet_inspect.sources.live import read_live

    path.write_bytes(encode(read_live(model)))


def main(collection: str, folder: Path, project: str = "") -> None:
    """Write the networks one after another, each when the one before was read."""

    warnings.simplefilter("ignore")
    sys.path[1:1] = filter(None, [project])
    for name, make, side in COLLECTIONS[collection]():
        line: dict[str, Any] = {"name": name, "size": side}
        try:
            model = (_without_numbers(make) if project else make()).eval()
            line["parameters"] = sum(each.numel() for each in model.parameters())
            line["buffers"] = sum(
                each.numel() for key, each in model.named_buffers() if key.endswith(("running_mean", "running_var"))
            )
            path = folder / f"{name.replace(' ', '-')}.{'graph' if project else 'onnx'}"
            started = time.perf_counter()
            if project:
                _write_graph(model, path)
                line["seconds"] = time.perf_counter() - started
                line["file"] = str(path)
            elif line["parameters"] > LARGEST_NUMBER_OF_PARAMETERS:
                line["error"] = f"not exported: {line['parameters']:,} parameters"
            else:
                _write_onnx(model, side, path)
                line["file"] = str(path)
        except Exception as error:  # whatever a package does wrong is a result
            line["error"] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        print(json.dumps(line), flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
