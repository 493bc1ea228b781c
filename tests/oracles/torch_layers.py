"""Networks of efficientnet-pytorch against PyTorch's own counter of operations, fvcore, and gradients.

`python -m tests.oracles.torch_layers` runs in an environment with those packages. Shapes and counts are told here from
the live module.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import Any

from effnet_inspect.graph import elements
from effnet_inspect.sources.live import read_live
from effnet_inspect.structure.network import Network
from tests.oracles.comparison import compare

NETWORKS = tuple(f"efficientnet-b{number}" for number in range(9))

HEIGHT, WIDTH = 2401, 33
"""Of the image whose gradients are taken: higher than any field is; fields are measured along the height."""

FIELDS_OF = ("efficientnet-b0", "efficientnet-b1", "efficientnet-b2", "efficientnet-b3")


def main() -> None:
    """Compare all."""
    warnings.simplefilter("ignore")
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    for name in NETWORKS:
        module, size = _module(name)
        _compare(name, module, size)
    for name in FIELDS_OF:
        _compare_fields(name)


def _module(name: str, **options: Any) -> tuple[Any, int]:
    from efficientnet_pytorch import EfficientNet

    module = EfficientNet.from_name(name, **options).eval()
    module.set_swish(memory_efficient=False)
    return module, EfficientNet.get_image_size(name)


def _compare(name: str, module: Any, size: int) -> None:
    import torch
    from fvcore.nn import ActivationCountAnalysis, FlopCountAnalysis
    from torch.utils.flop_counter import FlopCounterMode

    network = Network(read_live(module))
    macs = network.measures.column("macs")
    outputs = {layer.name: elements(layer.output_shape) for layer in network.graph}
    computing = {key for key, each in module.named_modules() if hasattr(each, "weight") and not _is_norm(each)}

    meta = module.to("meta")
    image = torch.zeros(1, 3, size, size, device="meta")
    with FlopCounterMode(display=False) as counter:
        meta(image)
    prefix = f"{type(module).__name__}."
    counted = {key.removeprefix(prefix): sum(each.values()) // 2 for key, each in counter.get_flop_counts().items()}
    theirs = {key: value for key, value in counted.items() if key in computing}
    compare("PyTorch's FlopCounterMode", name, "MACs", theirs, macs)

    module, _ = _module(name)
    image = torch.zeros(1, 3, size, size)
    flops = FlopCountAnalysis(module, image).unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    compare("fvcore", name, "MACs", {key: flops.by_module()[key] for key in sorted(computing)}, macs)
    activations = ActivationCountAnalysis(module, image)
    activations.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    theirs = {key: activations.by_module()[key] for key in sorted(computing)}
    compare("fvcore", name, "numbers in the outputs of convolutions and dense layers", theirs, outputs)
    theirs = {key: sum(each.numel() for each in found.parameters(recurse=False)) for key, found in _owners(module)}
    counts = {layer.name: layer.trainable_parameters for layer in network.graph}
    compare("PyTorch, live", name, "trainable parameters", theirs, counts)


def _is_norm(module: Any) -> bool:
    return hasattr(module, "running_mean")


def _owners(module: Any) -> Iterator[tuple[str, Any]]:
    for key, each in module.named_modules():
        if next(each.parameters(recurse=False), None) is not None:
            yield key, each


def _compare_fields(name: str) -> None:
    """Which rows of the image change one number behind a sub-block, without what looks at the whole image."""
    import torch

    module, _ = _module(name, image_size=(HEIGHT, WIDTH))
    for block in module._blocks:
        block.has_se = False
    graph = read_live(module)
    network = Network(graph)
    ends = {}
    for layer in graph:
        if layer.name.startswith("_blocks."):
            ends[".".join(layer.name.split(".")[:2])] = layer.name
    fields = network.measures.reaches
    told = {key: field[0].size for key, end in ends.items() if (field := fields[end]) is not None}
    theirs = {}
    image = torch.rand(1, 3, HEIGHT, WIDTH, requires_grad=True)
    for index in range(len(module._blocks)):
        features = module._swish(module._bn0(module._conv_stem(image)))
        for block in module._blocks[: index + 1]:
            features = block(features)
        middle = features[0, :, features.shape[2] // 2, features.shape[3] // 2].sum()
        (gradient,) = torch.autograd.grad(middle, image)
        rows = gradient.abs().sum((0, 1, 3)).nonzero().flatten()
        theirs[f"_blocks.{index}"] = int(rows[-1] - rows[0]) + 1
    compare("gradients", name, "rows of the receptive field behind each sub-block", theirs, told)


if __name__ == "__main__":
    main()
