"""The statements of the article that explains the family by drawing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from itertools import pairwise

from effnet_inspect.anatomy import Module, Part, SubBlock
from effnet_inspect.claims.chains import Chains, changes
from effnet_inspect.claims.claim import (
    Cell,
    Claim,
    Evidence,
    Finding,
    Model,
    Models,
    Verdict,
    block_columns,
    columns_of,
    row_of,
)
from effnet_inspect.document import Column
from effnet_inspect.graph import Layer, LayerGraph, Shape
from effnet_inspect.operations import OPERATIONS
from effnet_inspect.published import (
    ARTICLE_BLOCKS,
    ARTICLE_CHANNELS,
    ARTICLE_LAYERS,
    ARTICLE_MODULES,
    ARTICLE_SUB_BLOCKS,
    FAMILY,
)
from effnet_inspect.words import blocks_in_words, listed, series

MODULES_FIGURE = "figure of the five modules"
SUB_BLOCKS_FIGURE = "figure of the three sub-blocks"


def classes(layers: Iterable[Layer]) -> tuple[str, ...]:
    """The layers' classes, which is how the article calls them."""
    return tuple(layer.class_name for layer in layers)


def _layers(models: Models) -> Finding:
    whole = {target: len(model.graph) for target, model in models.items()}
    without = {target: len(model.graph) - _classifier_length(model) for target, model in models.items()}
    written = {target: ARTICLE_LAYERS[target] for target in models}
    verdict, condition = Verdict.DOES_NOT_HOLD, ""
    if whole == written:
        verdict = Verdict.HOLDS
    elif without == written:
        verdict = Verdict.HOLDS_IF
        condition = "the model is built without its classifier: include_top=False, weights=None"
    rows = tuple(
        (model.title, (Cell(ARTICLE_LAYERS[target]), Cell(without[target]), Cell(whole[target])))
        for target, model in models.items()
    )
    return Finding(
        verdict,
        expected=listed(written.values()),
        found=f"{listed(without.values())} without the classifier, {listed(whole.values())} with it",
        condition=condition,
        evidence=(Evidence("Layers", columns_of(("Written", "Without classifier", "With classifier")), rows),),
    )


def _classifier_length(model: Model) -> int:
    return len(model.anatomy.classifier.layers) if model.anatomy.classifier else 0


def _common_ends(models: Models) -> Finding:
    stems = {target: classes(model.anatomy.stem.layers) for target, model in models.items()}
    heads = {
        target: classes(model.anatomy.head.layers) if model.anatomy.head else () for target, model in models.items()
    }
    same = len(set(stems.values())) == len(set(heads.values())) == 1
    first = next(iter(models))
    return Finding(
        Verdict.of(same),
        expected="one stem and one row of final layers for all",
        found=(
            f"stem: {series(stems[first])}; final layers: {series(heads[first])}"
            if same
            else f"{len(set(stems.values()))} stems and {len(set(heads.values()))} rows of final layers"
        ),
        layers=tuple(
            (target, tuple(layer.name for layer in model.anatomy.stem.layers))
            for target, model in models.items()
            if stems[target] != stems[first] or heads[target] != heads[first]
        ),
    )


def _seven_blocks(models: Models) -> Finding:
    rows = tuple(row_of(model.title, (len(model.anatomy.blocks),), (ARTICLE_BLOCKS,)) for model in models.values())
    evidence = Evidence("Blocks between stem and final layers", columns_of(("Blocks",)), rows)
    counts = dict.fromkeys(len(model.anatomy.blocks) for model in models.values())
    return Finding(
        Verdict.of(evidence.agrees),
        expected=f"{ARTICLE_BLOCKS} blocks in every model",
        found=f"{listed(counts, ' or ')} blocks in the {len(models)} models",
        evidence=(evidence,),
    )


def _sub_blocks(models: Models) -> Finding:
    rows = tuple(row_of(model.title, model.repeats, ARTICLE_SUB_BLOCKS[target]) for target, model in models.items())
    evidence = Evidence("Sub-blocks of the blocks 1 to 7", block_columns(_longest(rows)), rows)
    return Finding(
        Verdict.of(evidence.agrees),
        expected=f"{len(evidence.cells)} numbers, as drawn",
        found=_how_many_agree(evidence),
        evidence=(evidence,),
    )


def _sub_blocks_grow(models: Models) -> Finding:
    totals = [sum(model.repeats) for model in models.values()]
    steps = list(pairwise(totals))
    rows = tuple(
        (model.title, (Cell(total, None, index == 0 or total > totals[index - 1]),))
        for index, (model, total) in enumerate(zip(models.values(), totals, strict=True))
    )
    titles = [model.title for model in models.values()]
    level = [f"{titles[index + 1]} has as many as {titles[index]}" for index, (a, b) in enumerate(steps) if a == b]
    verdict = Verdict.HOLDS
    if any(after < before for before, after in steps):
        verdict = Verdict.DOES_NOT_HOLD
    elif level:
        verdict = Verdict.HOLDS_IF
    return Finding(
        verdict,
        expected="more sub-blocks from each model to the next",
        found=series(totals),
        condition=f"a step need not be a growth: {series(level)}" if verdict is Verdict.HOLDS_IF else "",
        evidence=(Evidence("Sub-blocks in all", columns_of(("Sub-blocks",)), rows),),
    )


def _channels(models: Models) -> Finding:
    rows = tuple(row_of(model.title, model.channels, ARTICLE_CHANNELS[target]) for target, model in models.items())
    columns = (*columns_of(("Stem",)), *block_columns(_longest(rows) - 2), *columns_of(("Final",)))
    evidence = Evidence("Channels of stem, blocks and final layers", columns, rows)
    return Finding(
        Verdict.of(evidence.agrees),
        expected=f"{len(evidence.cells)} numbers, as tabulated",
        found=_how_many_agree(evidence),
        evidence=(evidence,),
    )


def _longest(rows: Sequence[tuple[str, tuple[Cell, ...]]]) -> int:
    return max(len(cells) for _, cells in rows)


def _how_many_agree(evidence: Evidence) -> str:
    total = len(evidence.cells)
    return f"all {total} agree" if evidence.agrees else f"{evidence.wrong} of {total} differ"


WIDTHS = frozenset({"filters", "groups", "parameters", "trainable_parameters"})
"""Attributes of a layer that follow from the number of channels."""
NOT_COMPARED = frozenset({"name", "inputs", "shares_weights_with", "output_shape", "class_name"})
IN_WORDS = {"margins": "the zero padding that follows from it", "rate": "the rates of the Dropout layers"}


def _same_but_channels(models: Models) -> Finding:
    one, other = models.values()
    differing = _differing(one.graph, other.graph)
    structure = sorted(set(differing) - WIDTHS - {"resolution", *IN_WORDS})
    besides = [
        words
        for key, words in {"resolution": "the input size", **IN_WORDS}.items()
        if key in differing and not structure
    ]
    verdict = Verdict.DOES_NOT_HOLD if structure else Verdict.HOLDS_IF if besides else Verdict.HOLDS
    rows = tuple(
        (what, (Cell(_example(one.graph, key, at)), Cell(_example(other.graph, key, at)), Cell(len(at))))
        for what, key, at in ((key.replace("_", " "), key, differing[key]) for key in differing)
    )
    columns = (Column("first", one.title), Column("second", other.title), Column("layers", "Layers", "count"))
    return Finding(
        verdict,
        expected=f"{other.title} = {one.title} but for the channels",
        found=(
            f"the graphs differ in {series(structure)}"
            if structure
            else f"the same {len(one.graph)} layers and edges, kernels, strides and activations"
        ),
        condition=f"{listed(besides)} may differ too" if besides else "",
        evidence=(Evidence("What differs, with the first layer where it does", columns, rows),),
        layers=tuple(
            (target, tuple(model.graph.layers[index].name for key in structure for index in differing[key][:3]))
            for target, model in models.items()
            if structure
        ),
    )


def _differing(one: LayerGraph, other: LayerGraph) -> dict[str, list[int]]:
    """Attribute -> positions of the layers that differ in it; `layers` where the graphs have unlike operations."""
    places = [{layer.name: index for index, layer in enumerate(graph)} for graph in (one, other)]
    edges = [
        [tuple(place[name] for name in layer.inputs) for layer in graph]
        for graph, place in zip((one, other), places, strict=True)
    ]
    if [layer.operation for layer in one] != [layer.operation for layer in other] or edges[0] != edges[1]:
        unlike = (
            index
            for index in range(max(len(one), len(other)))
            if classes(one.layers[index : index + 1]) != classes(other.layers[index : index + 1])
        )
        return {"layers": [min(next(unlike, 0), len(one) - 1, len(other) - 1)]}
    differing: dict[str, list[int]] = {}
    names = [field.name for field in fields(Layer) if field.name not in NOT_COMPARED]
    for index, (a, b) in enumerate(zip(one, other, strict=True)):
        if _spatial(a.output_shape) != _spatial(b.output_shape):
            differing.setdefault("resolution", []).append(index)
        for name in names:
            if getattr(a, name) != getattr(b, name):
                differing.setdefault(name, []).append(index)
    return differing


def _spatial(shape: Shape | None) -> Shape | None:
    return shape[:2] if shape and len(shape) == 3 else None


def _example(graph: LayerGraph, key: str, at: Sequence[int]) -> str:
    layer = graph.layers[at[0]]
    if key == "layers":
        return layer.class_name
    if key == "resolution":
        return "×".join(map(str, _spatial(layer.output_shape) or ()))
    if key == "margins" and layer.margins:
        return "; ".join(f"{before}+{after}" for before, after in layer.margins)
    return str(getattr(layer, key))


def _resolution(models: Models) -> Finding:
    sides = [model.resolution for model in models.values()]
    strides = {tuple(block.opener.stride[0] for block in model.anatomy.blocks) for model in models.values()}
    shared = (
        f"what they share are the strides of the blocks, {series(next(iter(strides)))}"
        if len(strides) == 1
        else "not even the strides of the blocks are the same"
    )
    rows = tuple(
        (
            model.title,
            tuple(
                Cell(shape[0] if shape else None)
                for shape in (
                    model.anatomy.input_shape,
                    *(block.input_shape for block in model.anatomy.blocks),
                    model.anatomy.blocks[-1].output_shape,
                )
            ),
        )
        for model in models.values()
    )
    columns = (*columns_of(("Input",)), *block_columns(_longest(rows) - 2), *columns_of(("Final",)))
    same = len(set(sides)) == 1
    return Finding(
        Verdict.of(same),
        expected="one input resolution for the whole family",
        found=f"{series(sides)} pixels; {shared}" if not same else f"{sides[0]} pixels for all",
        evidence=(Evidence("Resolution at the input of each stage, in pixels", columns, rows),),
    )


def _kernel_sizes(models: Models) -> Finding:
    kernels = {target: _kernels(model) for target, model in models.items()}
    first = next(iter(kernels.values()))
    rows = tuple(row_of(model.title, kernels[target], first) for target, model in models.items())
    columns = tuple(replace(column, kind="text") for column in block_columns(_longest(rows)))
    evidence = Evidence("Kernel sizes of the blocks 1 to 7", columns, rows)
    return Finding(
        Verdict.ANSWERED if evidence.agrees else Verdict.DOES_NOT_HOLD,
        expected="(the author does not know, and asks)",
        found=(
            f"they do not change: {series(first)} in every model"
            if evidence.agrees
            else f"they change: {evidence.wrong} of {len(evidence.cells)} are not those of {rows[0][0]}"
        ),
        evidence=(evidence,),
        layers=tuple(
            (target, tuple(name for block in model.anatomy.blocks for name in _hearts(block.sub_blocks)))
            for target, model in models.items()
            if kernels[target] != first
        ),
    )


def _kernels(model: Model) -> tuple[str, ...]:
    """One entry a block; a block of several kernel sizes has them all in its entry."""
    return tuple(
        "/".join(dict.fromkeys(f"{sub_block.kernel[0]}" for sub_block in block.sub_blocks))
        for block in model.anatomy.blocks
    )


def _hearts(sub_blocks: Iterable[SubBlock]) -> Iterator[str]:
    for sub_block in sub_blocks:
        yield from (layer.name for layer in sub_block.layers if layer.operation == "depthwise_convolution")


def as_built(models: Models, number: int) -> dict[tuple[str, ...], dict[str, list[SubBlock]]]:
    """How a module is built: its layers' classes -> target -> the sub-blocks where it is built so.

    The Add that ends module 5 is drawn as a box of its own, so it is left out here.
    """
    found: dict[tuple[str, ...], dict[str, list[SubBlock]]] = {}
    for target, model in models.items():
        for sub_block in model.anatomy.sub_blocks:
            for module in sub_block.modules:
                if module.number == number:
                    layers = (layer for layer in module.layers if layer.operation != "add")
                    found.setdefault(classes(layers), {}).setdefault(target, []).append(sub_block)
    return found


def _module(number: int, models: Models) -> Finding:
    drawn = ARTICLE_MODULES[number]
    built = as_built(models, number)
    verdict, condition = Verdict.of(set(built) == {drawn}), ""
    if len(built) > 1 and drawn in built:
        verdict = Verdict.HOLDS_IF
        condition = f"only {_which_blocks(built[drawn])} is meant; elsewhere: {_changes(built, drawn)}"
    rows = tuple(
        (
            series(layers),
            (
                Cell(changes(drawn, layers) or "as drawn", None, layers == drawn),
                Cell(_which_blocks(where)),
                Cell(sum(map(len, where.values()))),
            ),
        )
        for layers, where in built.items()
    )
    columns = (
        Column("change", "Against the drawing", wraps=True),
        Column("where", "Where"),
        Column("count", "Times", "count"),
    )
    return Finding(
        verdict,
        expected=series(drawn),
        found=_changes(built, drawn) or "as drawn, in every sub-block",
        condition=condition,
        evidence=(Evidence("As built", columns, rows, corner="Layers"),),
        layers=tuple(
            (target, tuple(layer.name for layer in _layers_of_module(sub_blocks[0], number)))
            for layers, where in built.items()
            if layers != drawn
            for target, sub_blocks in list(where.items())[:1]
        ),
        chains=(_chains(number, built),),
    )


MODULE_USES = {
    1: "opens a sub-block",
    2: "opens the first sub-block of every block but the first",
    3: "at the side of every sub-block",
    4: "closes the first sub-block of every block",
    5: "closes the repeated sub-blocks; an Add follows",
}


def _chains(number: int, built: Mapping[tuple[str, ...], Mapping[str, Sequence[SubBlock]]]) -> Chains:
    ways = tuple((_which_blocks(where), layers) for layers, where in built.items())
    return Chains(f"Module {number}", MODULE_USES[number], ARTICLE_MODULES[number], ways)


def _changes(built: Mapping[tuple[str, ...], Mapping[str, Sequence[SubBlock]]], drawn: tuple[str, ...]) -> str:
    return "; and ".join(
        f"{changes(drawn, layers)} ({_which_blocks(where)})" for layers, where in built.items() if layers != drawn
    )


def _layers_of_module(sub_block: SubBlock, number: int) -> tuple[Layer, ...]:
    return tuple(layer for module in sub_block.modules if module.number == number for layer in module.layers)


def _which_blocks(where: Mapping[str, Sequence[SubBlock]]) -> str:
    blocks = sorted({sub_block.block for sub_blocks in where.values() for sub_block in sub_blocks})
    return blocks_in_words(blocks)


def _modules(models: Models) -> Finding:
    """Take every model apart into stem, modules and final layers, first as built, then as drawn."""
    rows = []
    for model in models.values():
        ends = [layer for stage in model.stages if isinstance(stage, Part) for layer in stage.layers]
        modules = [module for sub_block in model.anatomy.sub_blocks for module in sub_block.modules]
        built = sum(len(module.layers) for module in modules if module.number)
        drawn = sum(len(module.layers) for module in modules if _is_as_drawn(module))
        whole = len(model.graph) - _classifier_length(model)
        values = (whole, len(ends), built, whole - len(ends) - built, whole - len(ends) - drawn)
        rows.append((model.title, tuple(Cell(v, None, i < 3 or v == 0) for i, v in enumerate(values))))
    left = [(cells[3].found, cells[4].found) for _, cells in rows]
    verdict, condition = Verdict.HOLDS, ""
    if any(built for built, _ in left):
        verdict = Verdict.DOES_NOT_HOLD
    elif any(drawn for _, drawn in left):
        verdict = Verdict.HOLDS_IF
        condition = (
            "the modules are taken as they are built, not as they are drawn: see module-1, module-2 and module-3"
        )
    columns = columns_of(("Layers", "Stem and final", "In modules", "Left, built", "Left, drawn"))
    return Finding(
        verdict,
        expected="no layer left over",
        found=(
            f"as built, {series(dict.fromkeys(built for built, _ in left))} left over in all; "
            f"as drawn, {left[0][1]} of {rows[0][1][0].found} in {rows[0][0]} "
            f"to {left[-1][1]} of {rows[-1][1][0].found} in {rows[-1][0]}"
        ),
        condition=condition,
        evidence=(Evidence("Layers without the classifier", columns, tuple(rows)),),
        chains=tuple(_chains(number, as_built(models, number)) for number in ARTICLE_MODULES),
    )


def _is_as_drawn(module: Module) -> bool:
    layers = [layer for layer in module.layers if layer.operation != "add"]
    return module.number is not None and classes(layers) == ARTICLE_MODULES[module.number]


SubBlocks = list[tuple[str, SubBlock]]


def _signatures(models: Models, *ignored: str) -> dict[tuple[str, ...], SubBlocks]:
    """Layers' classes -> the sub-blocks made of them, `(target, sub-block)`."""
    found: dict[tuple[str, ...], SubBlocks] = {}
    for target, model in models.items():
        for sub_block in model.anatomy.sub_blocks:
            layers = (layer for layer in sub_block.layers if layer.operation not in ignored)
            found.setdefault(classes(layers), []).append((target, sub_block))
    return found


def _is_first_of_all(sub_block: SubBlock) -> bool:
    return sub_block.block == 1 and sub_block.position == 0


def _is_first_of_another(sub_block: SubBlock) -> bool:
    return sub_block.block > 1 and sub_block.position == 0


def _is_repeated(sub_block: SubBlock) -> bool:
    return sub_block.position > 0


def _sub_block(belongs: Callable[[SubBlock], bool], expected: str, models: Models, granted: str = "") -> Finding:
    """Whether all sub-blocks in the places stated, and no others, are made of the same layers.

    `granted` is an operation that may be there or not; where it must be granted, the claim holds if it is.
    """

    def is_alone(signatures: dict[tuple[str, ...], SubBlocks]) -> bool:
        inside = [places for places in signatures.values() if any(belongs(each) for _, each in places)]
        return len(inside) == 1 and all(belongs(each) for _, each in inside[0])

    signatures = _signatures(models)
    verdict, condition = Verdict.of(is_alone(signatures)), ""
    if verdict is Verdict.DOES_NOT_HOLD and granted and is_alone(_signatures(models, granted)):
        verdict, condition = Verdict.HOLDS_IF, f"{OPERATIONS[granted].title} may be left out"
    kinds = [(layers, places) for layers, places in signatures.items() if any(belongs(each) for _, each in places)]
    rows = tuple(
        (
            f"{len(layers)} layers",
            (Cell(_which_places(places)), Cell(len(places)), Cell(changes(kinds[0][0], layers) or "–")),
        )
        for layers, places in kinds
    )
    columns = (
        Column("where", "Where"),
        Column("count", "Times", "count"),
        Column("change", "Against the first", wraps=True),
    )
    return Finding(
        verdict,
        expected=expected,
        found="; ".join(f"{len(layers)} layers in {_which_places(places)}" for layers, places in kinds),
        condition=condition,
        evidence=(Evidence("Sub-blocks by their layers", columns, rows, corner="Made of"),),
        layers=tuple((places[0][0], tuple(layer.name for layer in places[0][1].layers)) for _, places in kinds[1:]),
    )


def _which_places(places: SubBlocks) -> str:
    first = {sub_block.block for _, sub_block in places if sub_block.position == 0}
    repeated = {sub_block.block for _, sub_block in places if sub_block.position > 0}
    texts = [
        f"the {which} of {blocks_in_words(sorted(blocks))}"
        for which, blocks in (("first", first), ("repeated sub-blocks", repeated))
        if blocks
    ]
    return listed(texts)


CLAIMS = (
    Claim(
        "layers",
        "EfficientNet-B0 has 237 layers, EfficientNet-B7 has 813.",
        "article",
        "text of section “Common Things In All”",
        tuple(ARTICLE_LAYERS),
        Verdict.HOLDS_IF,
        _layers,
        "effnet-inspect summary b7",
    ),
    Claim(
        "common-ends",
        "The stem and the final layers are the same in all eight models.",
        "article",
        "section “Common Things In All”",
        FAMILY,
        Verdict.HOLDS,
        _common_ends,
        "effnet-inspect summary b0 --level layer",
    ),
    Claim(
        "seven-blocks",
        "Every model has seven blocks between stem and final layers.",
        "article",
        "section “Common Things In All”",
        FAMILY,
        Verdict.HOLDS,
        _seven_blocks,
        "effnet-inspect summary b0",
    ),
    Claim(
        "modules",
        "All layers of all models can be made from the stem, five modules and the final layers.",
        "article",
        MODULES_FIGURE,
        FAMILY,
        Verdict.HOLDS_IF,
        _modules,
        "effnet-inspect summary b0 --level module",
        has_picture=True,
    ),
    Claim(
        "module-1",
        "Module 1 opens a sub-block: DepthwiseConv2D, BatchNormalization, Activation.",
        "article",
        MODULES_FIGURE,
        FAMILY,
        Verdict.HOLDS_IF,
        partial(_module, 1),
        "effnet-inspect summary b1 --block 1 --level layer",
        has_picture=True,
    ),
    Claim(
        "module-2",
        "Module 2 opens the first sub-block of every block but the first, with two depthwise convolutions and "
        "a ZeroPadding between them.",
        "article",
        MODULES_FIGURE,
        FAMILY,
        Verdict.DOES_NOT_HOLD,
        partial(_module, 2),
        "effnet-inspect summary b0 --block 5 --level layer",
        has_picture=True,
    ),
    Claim(
        "module-3",
        "Module 3, at the side of every sub-block: GlobalAveragePooling, Rescaling, Conv2D, Conv2D.",
        "article",
        MODULES_FIGURE,
        FAMILY,
        Verdict.DOES_NOT_HOLD,
        partial(_module, 3),
        "effnet-inspect summary b0 --block 1 --level layer",
        has_picture=True,
    ),
    Claim(
        "module-4",
        "Module 4 closes the first sub-block of every block: Multiply, Conv2D, BatchNormalization.",
        "article",
        MODULES_FIGURE,
        FAMILY,
        Verdict.HOLDS,
        partial(_module, 4),
        "effnet-inspect summary b0 --block 2 --level layer",
        has_picture=True,
    ),
    Claim(
        "module-5",
        "Module 5 closes the repeated sub-blocks: Multiply, Conv2D, BatchNormalization, Dropout; an Add follows.",
        "article",
        MODULES_FIGURE,
        FAMILY,
        Verdict.HOLDS,
        partial(_module, 5),
        "effnet-inspect summary b0 --block 2 --level layer",
        has_picture=True,
    ),
    Claim(
        "sub-block-1",
        "Sub-block 1 is used once only, as the first of block 1.",
        "article",
        SUB_BLOCKS_FIGURE,
        FAMILY,
        Verdict.HOLDS,
        partial(_sub_block, _is_first_of_all, "one kind of sub-block, there and nowhere else"),
        "effnet-inspect summary b1 --block 1",
    ),
    Claim(
        "sub-block-2",
        "Sub-block 2 is the first of every other block.",
        "article",
        SUB_BLOCKS_FIGURE,
        FAMILY,
        Verdict.HOLDS_IF,
        partial(
            _sub_block, _is_first_of_another, "one kind of sub-block, there and nowhere else", granted="zero_padding"
        ),
        "effnet-inspect summary b0 --block 5 --level layer",
    ),
    Claim(
        "sub-block-3",
        "Sub-block 3 is every sub-block that is not the first of its block.",
        "article",
        SUB_BLOCKS_FIGURE,
        FAMILY,
        Verdict.DOES_NOT_HOLD,
        partial(_sub_block, _is_repeated, "one kind of sub-block, there and nowhere else"),
        "effnet-inspect summary b1 --block 1 --level layer",
    ),
    Claim(
        "sub-blocks",
        "The number of sub-blocks in each of the seven blocks of B0 to B7, as drawn in the architecture figures.",
        "article",
        "architecture figures of B0 to B7",
        FAMILY,
        Verdict.HOLDS,
        _sub_blocks,
        "effnet-inspect summary b7 --level sub-block --fold",
    ),
    Claim(
        "sub-blocks-grow",
        "The number of sub-blocks increases from B0 to B7.",
        "article",
        "section “Common Things In All”",
        FAMILY,
        Verdict.HOLDS_IF,
        _sub_blocks_grow,
        "effnet-inspect summary b2",
    ),
    Claim(
        "b2-like-b1",
        "The architecture of B2 is that of B1; only the numbers of channels differ.",
        "article",
        "caption of the figure of B1",
        ("b1", "b2"),
        Verdict.HOLDS_IF,
        _same_but_channels,
        "effnet-inspect summary b2",
    ),
    Claim(
        "kernel-sizes",
        "Open question: do the kernel sizes change from model to model, or stay the same?",
        "article",
        "text after the paper's table",
        FAMILY,
        Verdict.ANSWERED,
        _kernel_sizes,
        "effnet-inspect summary b7",
    ),
    Claim(
        "resolution",
        "The resolution remains the same for the whole family.",
        "article",
        "text after the paper's table",
        FAMILY,
        Verdict.DOES_NOT_HOLD,
        _resolution,
        "effnet-inspect summary b7",
    ),
    Claim(
        "channels",
        "The channels of the nine stages of B1 to B7.",
        "article",
        "last table",
        tuple(ARTICLE_CHANNELS),
        Verdict.HOLDS,
        _channels,
        "effnet-inspect summary b7",
    ),
)
