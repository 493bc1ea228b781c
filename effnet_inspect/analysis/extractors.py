"""Lines of Python that build a feature extractor of chosen levels, for Keras, timm and torchvision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from effnet_inspect.analysis.code import builder_of, folder_of, keras_lines, lines_within
from effnet_inspect.analysis.taps import Level
from effnet_inspect.catalog.targets import VariantTarget
from effnet_inspect.catalog.variants import Variant
from effnet_inspect.choices import FrameworkName, TapStyle
from effnet_inspect.errors import UsageError
from effnet_inspect.graph import Layer
from effnet_inspect.structure.network import Network
from effnet_inspect.words import join_and

TORCHVISION = frozenset({*(f"b{number}" for number in range(8)), "v2-s", "v2-m", "v2-l"})
"""The variants that torchvision has."""


def extractor_lines(
    network: Network, levels: Sequence[Level], style: TapStyle, framework: FrameworkName | None = None
) -> str:
    """The lines; without a framework those of Keras, or of timm for a variant that Keras does not have.

    Raises:
        UsageError: where that framework does not have the network, or not in that style.
    """
    target = network.graph.target
    variant = target.variant if isinstance(target, VariantTarget) else None
    chosen = framework or ("timm" if variant and not builder_of(network) else "keras")
    named = {level: layer for level in levels if (layer := level.layer_in(style))}
    if not named:
        raise UsageError(f"{network.name} has no such layers: no level asked for has an expanded activation")
    if chosen == "keras":
        lines = list(_keras(network, named))
    elif variant is None:
        raise UsageError(f"lines of {chosen} are written for variants by their names; {network.name} is none")
    elif chosen == "timm":
        lines = list(_timm(network, variant, named, style))
    else:
        lines = list(_torchvision(network, variant, named, style))
    if lacking := [level.name for level in levels if level not in named]:
        lines.insert(0, f"# No expanded activation at {join_and(lacking)}.")
    return "\n".join(lines) + "\n"


def _keras(network: Network, named: dict[Level, Layer]) -> Iterator[str]:
    graph = network.graph
    yield from keras_lines(network, with_top=False)
    folders = folder_of(layer.name for layer in named.values())
    yield "layers = {"
    for level, layer in named.items():
        yield f'    "{level.name}": "{layer.name.split("/")[-1]}",  # {_shape(layer)}, stride {level.stride}'
    yield "}"
    whole = "keras.Model(model.inputs, {level: model.get_layer(name).output for level, name in layers.items()})"
    if not folders:
        yield f"features = {whole}"
        return
    yield from lines_within(network, folders, "backbone")
    yield "features = keras.Model("
    yield "    backbone.inputs, {level: backbone.get_layer(name).output for level, name in layers.items()}"
    yield ")"
    # Each nested model has inputs of its own: the extractor is called where the model around it called the nested one.
    for depth in range(len(folders), 0, -1):
        within, holder = "/".join(folders[:depth]), "".join(f'.get_layer("{name}")' for name in folders[: depth - 1])
        entries = [
            graph[layer.inputs[0]]
            for layer in graph
            if layer.operation == "input" and layer.inputs and "/".join(layer.name.split("/")[:-1]) == within
        ]
        if len(entries) != 1:
            raise UsageError(f"the nested model {within!r} takes {len(entries)} inputs: lines are written for one")
        tensor = _tensor(network, entries[0], f"model{holder}")
        yield f"features = keras.Model(model{holder}.inputs, features({tensor}))"


def _tensor(network: Network, given: Layer, holder: str) -> str:
    """An expression for the output of a layer, or of an operation, of the model that `holder` names."""
    name, folder = given.name.split("/")[-1], given.name.split("/")[:-1]
    inputs = [each for each in network.graph if each.operation == "input" and each.name.split("/")[:-1] == folder]
    if given.operation == "input" and len(inputs) == 1:
        # A Sequential does not list its input among its layers.
        return f"{holder}.inputs[0]"
    if given.operation == "rescaling" and given.class_name != "Rescaling":
        # Arithmetic on tensors, as `image / 255`: an operation, but no layer.
        return f'next(each for each in {holder}.operations if each.name == "{name}").output'
    return f'{holder}.get_layer("{name}").output'


def _timm(network: Network, variant: Variant, named: dict[Level, Layer], style: TapStyle) -> Iterator[str]:
    if style != "fpn":
        raise UsageError("timm's features are the outputs of blocks: take the style fpn, or lines of torchvision")
    name = timm_name(variant)
    indices = tuple(level.number - 1 for level in named)
    channels = ", ".join(f"{level.name} {_shape(layer)}" for level, layer in named.items())
    height, width, *_ = network.anatomy.input_shape or (None, None)
    yield "import timm"
    yield "import torch"
    yield ""
    yield f'features = timm.create_model("{name}", features_only=True, out_indices={indices}, pretrained=False)'
    yield f"outputs = features(torch.zeros(1, 3, {height}, {width}))  # {channels}"


def timm_name(variant: Variant) -> str:
    """The name of timm's port of a variant, with the padding of TensorFlow where there are two.

    Raises:
        UsageError: for a scaling of one's own.
    """
    if variant.family == "edgetpu":
        return f"efficientnet_{variant.key}"
    if variant.family == "v2":
        return f"tf_efficientnetv2_{variant.key.removeprefix('v2-')}"
    if variant.key.startswith("w"):
        raise UsageError(f"no package has {variant.title}: there are no lines to write")
    return f"tf_efficientnet_{variant.key}"


def _torchvision(network: Network, variant: Variant, named: dict[Level, Layer], style: TapStyle) -> Iterator[str]:
    if variant.key not in TORCHVISION:
        raise UsageError(f"torchvision has no {variant.title}")
    name = f"efficientnet_{variant.key.replace('-', '_')}"
    blocks = len(network.anatomy.blocks)
    yield "import torch"
    yield "from torchvision.models import " + name
    yield "from torchvision.models.feature_extraction import create_feature_extractor"
    yield ""
    yield "nodes = {"
    for level, layer in named.items():
        # A module's name stands for the last node within it; torchvision's stem is features.0.
        last = level.blocks[-1]
        node = f"features.{last}" if style == "fpn" else f"features.{last + 1}"
        node += ".0.block.0" if style == "unet" and last < blocks else ""
        yield f'    "{node}": "{level.name}",  # {_shape(layer)}, stride {level.stride}'
    yield "}"
    yield f"features = create_feature_extractor({name}(weights=None), nodes)"


def _shape(layer: Layer) -> str:
    return "×".join("?" if side is None else str(side) for side in layer.output_shape or ())
