"""Plan -> facts: what the tables of stages settle of a variant, to hold a network against."""

from __future__ import annotations

from collections.abc import Iterator

from effnet_inspect.catalog.blueprints import Plan, SubBlockDesign
from effnet_inspect.graph import Pair
from effnet_inspect.structure.facts import DEPTHWISE, Facts, Key, NetworkFacts, Place, PlaceFacts, known, operator_facts
from effnet_inspect.structure.roles import Landmark


def planned_facts(plan: Plan) -> NetworkFacts:
    """What the tables of stages settle of a variant; all else is left open."""
    blueprint = plan.blueprint
    function = blueprint.activation_function
    blocks: list[list[PlaceFacts]] = []
    width = plan.stem
    for design in plan.sub_blocks:
        if not design.position:
            blocks.append([])
        place = Place(f"block {design.block}", design.name)
        blocks[-1].append(PlaceFacts(place, dict(_planned_items(design, width, function))))
        width = design.filters or width
    stem = dict(_convolution("stem", (3, 3), (2, 2), plan.stem))
    stem[Key("stem", "activation")] = {"activation": function}
    head = dict(_convolution("head", (1, 1), (1, 1), plan.head))
    head[Key("head", "activation")] = {"activation": function}
    classifier: dict[Key, Facts] = {
        Key("classifier", "pooling"): {"pooling": "global average pooling"},
        Key("classifier", "dense"): {},
    }
    rows = {"stem": stem, "head": head, "classifier": classifier}
    sections = {name: PlaceFacts(Place(name), items) for name, items in rows.items()}
    return NetworkFacts({"channels": 3}, sections, tuple(map(tuple, blocks)))


def _convolution(landmark: Landmark, kernel: Pair, stride: Pair, filters: int | None) -> Iterator[tuple[Key, Facts]]:
    padding = None if kernel == (1, 1) else "same"
    facts = known(
        kernel=kernel,
        stride=stride,
        dilation=(1, 1),
        bias=False,
        filters=filters,
        weights="learned",
        shared=False,
        groups=DEPTHWISE if landmark == "depthwise" else 1,
        padding=padding,
    )
    yield Key(landmark, "convolution"), facts
    yield Key(landmark, "normalization"), {"normalization": "batch normalisation", "scale": True, "offset": True}


def _planned_items(design: SubBlockDesign, width: int, function: str) -> Iterator[tuple[Key, Facts]]:
    def activation(landmark: Landmark) -> tuple[Key, Facts]:
        return Key(landmark, "activation"), {"activation": function}

    yield Key("region", "operator"), operator_facts(design)
    widened = round(width * design.expansion)
    if design.fused:
        filters = widened if design.expansion != 1 else design.filters
        yield from _convolution("fused", design.kernel, design.stride, filters)
        yield activation("fused")
    else:
        if design.expansion != 1:
            yield from _convolution("expansion", (1, 1), (1, 1), widened)
            yield activation("expansion")
        yield from _convolution("depthwise", design.kernel, design.stride, widened)
        yield activation("depthwise")
    if design.squeeze_excite:
        yield (
            Key("attention", "attention"),
            {
                "attention": "squeeze-excite",
                "joins": "multiply",
                "pooling": "global average pooling",
                "width": design.squeeze_excite,
                "inner_activation": function,
                "gate": "sigmoid",
                "bias": True,
                "gate_bias": True,
                "groups": 1,
                "shared": False,
                "extra": "nothing",
            },
        )
    if not design.fused or design.expansion != 1:
        yield from _convolution("projection", (1, 1), (1, 1), design.filters)
    if design.residual:
        if design.drop_rate:
            yield Key("residual", "dropout"), {"rate": float(f"{design.drop_rate:.6g}")}
        yield Key("residual", "joint"), {"joint": "add", "summands": 2}
