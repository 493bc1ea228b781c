"""Writes PyTorch's networks as ONNX files: `python -m tests.corpus.torch_models COLLECTION FOLDER [live]`.

Runs in a virtual environment with that collection's packages, see `announcing`; with `live` the modules are read live.
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import io
import sys
import types
import warnings
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from tests.corpus.announcing import Model, announce, write_graph

LARGEST_NUMBER_OF_PARAMETERS = 130_000_000
"""Larger ones take gigabytes as a file."""

Sized = tuple[str, Callable[[], Any], int]
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


def _timm() -> Iterator[Sized]:
    sys.meta_path.insert(0, _StandIn())
    import timm

    for name in timm.list_models("*efficientnet*"):
        config = timm.get_pretrained_cfg(name)
        side = config.input_size[-1] if config is not None else 224

        def make(name: str = name) -> Any:
            return timm.create_model(name, pretrained=False)

        yield name, make, side


def _efficientnet_pytorch() -> Iterator[Sized]:
    from efficientnet_pytorch import EfficientNet

    for number in range(9):
        name = f"efficientnet-b{number}"

        def make(name: str = name) -> Any:
            model = EfficientNet.from_name(name)
            model.set_swish(memory_efficient=False)
            return model

        yield name, make, EfficientNet.get_image_size(name)


def _geffnet() -> Iterator[Sized]:
    sys.meta_path.insert(0, _StandIn())
    import geffnet
    from geffnet import gen_efficientnet

    for name in sorted(gen_efficientnet.__all__):
        if "efficientnet" in name and name[0].islower():

            def make(name: str = name) -> Any:
                return geffnet.create_model(name, pretrained=False)

            yield name, make, 224


def _transformers() -> Iterator[Sized]:
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


def _segmentation_models_pytorch() -> Iterator[Sized]:
    """Every decoder around the smallest encoder, and a U-Net around each of the others that are not those of timm."""
    sys.meta_path.insert(0, _StandIn())
    import segmentation_models_pytorch as package

    smallest, *larger = (name for name in package.encoders.get_encoder_names() if name.startswith("efficientnet"))
    # DPT is for transformers alone.
    decoders = [each for each in package.MODEL_ARCHITECTURES_MAPPING.values() if each is not package.DPT]
    for decoder, encoder in (*((each, smallest) for each in decoders), *((package.Unet, each) for each in larger)):

        def make(decoder: Any = decoder, encoder: str = encoder) -> Any:
            return decoder(encoder, encoder_weights=None)

        yield f"{decoder.__name__} {encoder}", make, 224


COLLECTIONS: dict[str, Callable[[], Iterator[Sized]]] = {
    "timm": _timm,
    "efficientnet-pytorch": _efficientnet_pytorch,
    "geffnet": _geffnet,
    "transformers": _transformers,
    "segmentation_models_pytorch": _segmentation_models_pytorch,
}


def _without_numbers(make: Callable[[], Any]) -> Any:
    """A model whose weights take no memory, which is enough to be read live; as usual where it makes some anyway."""
    import torch

    with torch.device("meta"):
        model = make()
    return model if all(each.is_meta for each in model.parameters()) else make()


def _counts(model: Any, without: Collection[str] = ()) -> dict[str, Any]:
    """Its parameters and running statistics, but for those of some of its modules."""
    statistics = (each for each in model.named_buffers() if each[0].endswith(("running_mean", "running_var")))
    return {
        kind: sum(each.numel() for name, each in tensors if name.rpartition(".")[0] not in without)
        for kind, tensors in (("parameters", model.named_parameters()), ("buffers", statistics))
    }


def _left_out(model: Any, side: int) -> set[str]:
    """The modules that are not called for an image: those of an encoder's final layers, where a decoder follows."""
    import torch

    called: set[str] = set()
    hooks = [
        module.register_forward_pre_hook(lambda _, __, name=name: called.add(name))
        for name, module in model.named_modules()
    ]
    device = next(model.parameters()).device
    with torch.no_grad():
        model(torch.zeros(1, 3, side, side, device=device))
    for hook in hooks:
        hook.remove()
    return {name for name, _ in model.named_modules()} - called


def _write_live(module: tuple[Any, int], path: Path) -> dict[str, Any]:
    model, side = module
    return {**_counts(model, _left_out(model, side)), **write_graph(model, path)}


def _write_onnx(module: tuple[Any, int], path: Path) -> dict[str, Any]:
    import torch

    model, side = module
    counts = _counts(model)
    if counts["parameters"] > LARGEST_NUMBER_OF_PARAMETERS:
        return {**counts, "error": f"not exported: {counts['parameters']:,} parameters"}
    path = path.with_name(f"{path.name}.onnx")
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
    return {**counts, "file": str(path)}


def main(collection: str, folder: Path, live: str = "") -> None:
    """Write the networks one after another."""
    warnings.simplefilter("ignore")

    def models() -> Iterator[Model]:
        for name, make, side in COLLECTIONS[collection]():

            def sized(make: Callable[[], Any] = make, side: int = side) -> tuple[Any, int]:
                return (_without_numbers(make) if live else make()).eval(), side

            yield name, sized

    announce(models(), folder, _write_live if live else _write_onnx)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
