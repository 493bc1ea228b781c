"""Networks as one tree of parts, with a cell for every network at each of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from effnet_inspect.analysis.freezing import Freezing
from effnet_inspect.formatting import TIMES, format_value
from effnet_inspect.graph import Layer, Shape
from effnet_inspect.graph.operations import OPERATIONS
from effnet_inspect.structure.difference import differences
from effnet_inspect.structure.facts import NetworkFacts, PlaceFacts
from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.structure.network import Network
from effnet_inspect.structure.phrases import what
from effnet_inspect.text import clean
from effnet_inspect.views.alignment import aligned
from effnet_inspect.views.page.names import Paths
from effnet_inspect.views.page.pieces import Piece, Row, rows_of
from effnet_inspect.webpage import Cell, Line, TreePart

COLOURED_BY = ("parameters", "macs", "activations")
"""Measures that parts can be coloured by."""

Members = tuple[Piece | None, ...]
"""What stands at one part of the tree, by network."""

Differing = dict[str, list[str]]
"""Place -> in what a network differs there from the first, in words."""


class Tree(NamedTuple):
    """All parts, how their stages are arranged, the parts along the depth, and the first that is not alike in all.

    `stage_of` tells of each layer of the first network the anchor of its stage.
    """

    parts: tuple[TreePart, ...]
    lines: tuple[Line, ...]
    steps: tuple[int, ...]
    first_difference: int | None
    stage_of: dict[str, str]


def tree_of(networks: Sequence[Network]) -> Tree:
    """The tree of one network, or of several, of which the first is what the others are held against."""
    return _Trunk(networks).tree()


class _Trunk:
    def __init__(self, networks: Sequence[Network]) -> None:
        self.networks = networks
        self.facts = [_Facts(network) for network in networks]
        first = networks[0]
        self.differing = [_differing(first.facts, other.facts) for other in networks[1:]]
        self.placed: list[tuple[int | None, Members, bool]] = []
        self.number_of: list[dict[str, int]] = [{} for _ in networks]
        self.anchors: dict[str, int] = {}

    def tree(self) -> Tree:
        rows = [rows_of(network) for network in self.networks]
        lines = tuple(self._lines(rows[0])) if len(rows) == 1 else (self._merged_line(rows),)
        parts = tuple(
            self._part(number, parent, members, same) for number, (parent, members, same) in enumerate(self.placed)
        )
        stage_of = {name: parts[self._stage(number)].anchor for name, number in self.number_of[0].items()}
        return Tree(parts, lines, tuple(self._steps(parts)), self._first_difference(parts), stage_of)

    def _stage(self, number: int) -> int:
        parent = self.placed[number][0]
        return number if parent is None else self._stage(parent)

    def _lines(self, rows: Sequence[Row]) -> Iterator[Line]:
        for row in rows:
            columns = tuple(tuple(self._place(None, (piece,)) for piece in column) for column in row.columns)
            below = tuple((self._place(None, (piece,)), column) for piece, column in row.below)
            yield Line(row.title, columns, below)

    def _merged_line(self, rows: Sequence[Sequence[Row]]) -> Line:
        pieces = [[piece for row in own for piece in row.pieces] for own in rows]
        stages = aligned(pieces, lambda piece: piece.key)
        return Line("", tuple((self._place(None, members),) for members in stages))

    def _place(self, parent: int | None, members: Members, inherited: bool | None = None) -> int:
        """Number a part and all that is in it; `inherited` is what holds of all that is in a part that is alike."""
        number = len(self.placed)
        same = self._is_same(members) if inherited is None else inherited
        self.placed.append((parent, members, same))
        for own, piece in zip(self.number_of, members, strict=True):
            if piece and piece.kind == "layer":
                own[piece.layers[0].name] = number
        settled = True if same and len(members) > 1 and _first(members).kind != "stage" else None
        inner = [self._place(number, each, settled) for each in aligned([_inside(piece) for piece in members], _key)]
        if inner and not same and _first(members).kind in ("stage", "module"):
            same = all(self.placed[each][2] for each in inner) and not self._differs(members)
        elif inner and same and _first(members).kind == "stage":
            same = all(self.placed[each][2] for each in inner if _first(self.placed[each][1]).kind == "sub-block")
        self.placed[number] = (parent, members, same)
        return number

    def _is_same(self, members: Members) -> bool:
        if len(members) == 1:
            return False
        if None in members:
            return False
        if _first(members).kind == "layer":
            return len({_settings(piece.layers[0]) for piece in members if piece}) == 1
        return not self._differs(members) if _first(members).place else False

    def _differs(self, members: Members) -> bool:
        return any(
            piece.place in differing for piece, differing in zip(members[1:], self.differing, strict=True) if piece
        )

    def _part(self, number: int, parent: int | None, members: Members, same: bool) -> TreePart:
        first = _first(members)
        cells = tuple(piece and self._cell(index, piece, same) for index, piece in enumerate(members))
        return TreePart(self._anchor(number, first), first.kind, first.role, parent, cells, same)

    def _anchor(self, number: int, piece: Piece) -> str:
        """The piece's own, or one that no part before it has."""
        anchor = clean(piece.anchor)
        if anchor in self.anchors:
            anchor = f"{piece.kind}/{anchor}"
        while anchor in self.anchors:
            anchor += "′"
        self.anchors[anchor] = number
        return anchor

    def _cell(self, index: int, piece: Piece, same: bool) -> Cell:
        facts, graph = self.facts[index], self.networks[index].graph
        inputs: tuple[int, ...] = ()
        is_stage = piece.kind == "stage"
        if piece.kind == "layer":
            inputs = tuple(self.number_of[index][name] for name in dict.fromkeys(piece.layers[0].inputs))
        entering = piece.entering or _entering(piece, self.networks[index])
        differs = self.differing[index - 1].get(piece.place, []) if index and not same else []
        return Cell(
            title=piece.title,
            note=piece.note,
            entering=_size(entering),
            leaving=_size(piece.leaving),
            amounts=facts.amounts(piece),
            facts=(*facts.of(piece, entering), *(("Differs in", words) for words in differs)),
            names=facts.paths.of(layer.name for layer in piece.layers),
            inputs=inputs,
            residual=piece.residual,
            arrives=_ends("Input", [layer for layer in piece.layers if not layer.inputs and is_stage]),
            departs=_ends("Output", [layer for layer in piece.layers if layer.name in graph.outputs and is_stage]),
        )

    def _steps(self, parts: Sequence[TreePart]) -> Iterator[int]:
        """Sections as they are, and the sub-blocks of blocks."""
        opened = {part.parent for part in parts if part.kind == "sub-block"}
        for number, part in enumerate(parts):
            if part.kind == "sub-block" or (part.kind == "stage" and number not in opened):
                yield number

    def _first_difference(self, parts: Sequence[TreePart]) -> int | None:
        if len(self.networks) == 1:
            return None
        return next((number for number in self._steps(parts) if not parts[number].same), None)


class _Facts:
    """What is said of the pieces of one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.paths = Paths(network)
        self.listed = Freezing(network)

    def amounts(self, piece: Piece) -> tuple[int | None, ...]:
        totals = self.network.measures.totals(piece.layers)
        return tuple(totals.exact(key) for key in COLOURED_BY)

    def of(self, piece: Piece, entering: Shape | None) -> Iterator[tuple[str, str]]:
        """Labels and values, in the order in which they are read."""
        layer = piece.layers[0]
        is_layer = piece.kind == "layer"
        if is_layer:
            yield "Operation", OPERATIONS[layer.operation].title
        if entering:
            yield "Input", _size(entering)
        yield "Output", _size(piece.leaving)
        totals, whole = self.network.measures.totals(piece.layers), self.network.totals
        for key in ("layers", "parameters", "trainable_parameters", "macs", "activations"):
            total, measure = totals.total(key), MEASURES[key]
            is_plain = key == "layers" and is_layer
            if is_plain or (key == "trainable_parameters" and total.value == totals["parameters"]):
                continue
            if is_layer and total.value == 0 and not total.missing:
                continue
            share = f" ({format_value(total.value / whole[key], 'share')})" if measure.has_share and whole[key] else ""
            lacks = "at least " if total.missing else ""
            yield measure.title, f"{lacks}{total.value:,}{share}"
        for key in ("receptive_field", "effective_stride"):
            if (value := self.network.measures.at_end(piece.layers, key)) is not None:
                yield MEASURES[key].heading or MEASURES[key].title, TIMES.join(f"{side:g}" for side in value)
        yield from self._in_the_list(piece)
        if is_layer:
            yield from self._settings(layer)

    def _in_the_list(self, piece: Piece) -> Iterator[tuple[str, str]]:
        """Where it is in `model.layers`, of the nested model that holds the backbone where it is in one."""
        found = [index for layer in piece.layers if (index := self.listed.index_of(layer)) is not None]
        if not found:
            return
        holder = "model" + "".join(f".get_layer({folder!r})" for folder in self.listed.folders)
        place = str(found[0]) if len(piece.layers) == 1 else f"{min(found)}:{max(found) + 1}"
        yield "In Keras", f"{holder}.layers[{place}]"

    def _settings(self, layer: Layer) -> Iterator[tuple[str, str]]:
        for label, value in (
            ("Padding", layer.padding),
            ("Groups", layer.groups if layer.groups and layer.groups > 1 else None),
            ("Dilation", _size(layer.dilation) if layer.dilation not in (None, (1, 1)) else None),
            ("Bias", None if layer.use_bias is None else "yes" if layer.use_bias else "no"),
            ("Activation", layer.activation),
            ("Rate", layer.rate),
            ("Epsilon", layer.epsilon),
            ("Momentum", layer.momentum),
            ("Precision", layer.precision),
            ("Shares weights with", layer.shares_weights_with),
        ):
            if value is not None:
                yield label, f"{value:g}" if isinstance(value, float) else str(value)


def _differing(first: NetworkFacts, other: NetworkFacts) -> Differing:
    """Place -> what is other there, where it is more than what is missing; what changes nothing is none."""
    found: Differing = {}
    for change in differences(first, other):
        if change.effect != "nothing":
            found |= {name: [] for place in change.places for name in (place.stage, place.name)}
    # A change of many places names one of them: what is said of a place is what differs in itself.
    own, others = _by_name(first), _by_name(other)
    for name in found.keys() & own.keys() & others.keys():
        alone = differences(*(_alone(facts[name]) for facts in (own, others)))
        found[name] = [what(change) for change in alone if change.effect != "nothing"]
    return found


def _by_name(facts: NetworkFacts) -> dict[str, PlaceFacts]:
    places = [*facts.sections.values(), *(place for block in facts.blocks for place in block)]
    return {each.place.name: each for each in places}


def _alone(facts: PlaceFacts) -> NetworkFacts:
    """A network of one place."""
    if facts.place.sub_block:
        return NetworkFacts({}, {}, ((facts,),))
    return NetworkFacts({}, {facts.place.stage: facts}, ())


def _first(members: Members) -> Piece:
    return next(piece for piece in members if piece)


def _inside(piece: Piece | None) -> tuple[Piece, ...]:
    return piece.parts if piece else ()


def _key(piece: Piece) -> Hashable:
    return piece.key


def _settings(layer: Layer) -> tuple[object, ...]:
    """What is alike in two layers that are: all but names, sides of images, and what follows from them."""
    return (layer.operation, layer.kernel, layer.stride, layer.dilation, layer.filters, layer.groups, layer.use_bias,
            layer.activation, layer.rate, layer.epsilon, layer.channels)  # fmt: skip


def _entering(piece: Piece, network: Network) -> Shape | None:
    own = {layer.name for layer in piece.layers}
    sources = (source for layer in piece.layers for source in network.graph.producers(layer) if source.name not in own)
    return next((source.output_shape for source in sources), None)


def _ends(word: str, layers: Sequence[Layer]) -> str:
    """What comes into a model, or goes out of it: `Input 224×224×3`, `3 outputs`; empty for nothing."""
    if len(layers) > 1:
        return f"{len(layers)} {word.lower()}s"
    return f"{word} {_size(layers[0].output_shape)}" if layers else ""


def _size(shape: tuple[int | None, ...] | None) -> str:
    return format_value(shape, "size")
