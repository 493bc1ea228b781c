"""`sizes`: which input sizes fit a decoder that doubles, where others break, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from effnet_inspect.analysis.sizes import Break, Dilated, SizeAnswer, Sizes, sizes_of
from effnet_inspect.catalog.targets import BuilderTarget, BuiltTarget, VariantTarget
from effnet_inspect.document import Column, Document, Row, Table, Value, one_side
from effnet_inspect.errors import UsageError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Pair
from effnet_inspect.graph.resizing import parity_windows
from effnet_inspect.structure.measures import MEASURES
from effnet_inspect.structure.network import Network
from effnet_inspect.views.plain import plain
from effnet_inspect.words import join_and

if TYPE_CHECKING:
    from effnet_inspect.views.answer_contracts import DilatedData, SizeData, SizesData

FITS_NOTE = (
    "Fits: a decoder that enlarges each map by the stride between the levels meets the next one, and the image. "
    "Where it does not, crop or pad the larger map, or take the next size."
)
PARITY_NOTE = (
    "Keras' builders pad before a stride by parity: for a kernel of 3 by 0 and 1 where the side is even, by 1 and 1 "
    "where it is odd; for a kernel of 5 by 1 and 2, or 2 and 2."
)
PYTORCH_NOTE = "PyTorch's own padding is the same on both sides."
DILATION_NOTE = (
    "A layer that loses its stride keeps its dilation; those behind it see as far as before, so that weights fit."
)


MOST_REFUSED = 3
"""At how many sizes a note says which layer cannot join its maps."""


class SizesOptions(NamedTuple):
    """What is shown: `sizes` are (height, width) in pixels, none for the model's own size."""

    sizes: tuple[Pair, ...] = ()
    output_stride: int | None = None


NO_OPTIONS = SizesOptions()


def sizes(network: Network, options: SizesOptions = NO_OPTIONS) -> Document:
    """Every size as a row.

    Raises:
        UsageError: where there is no size to begin with, or there are no levels.
    """
    asked = options.sizes or (_own_size(network),)
    found = sizes_of(network, asked)
    if not found.levels:
        raise UsageError(f"{network.name} has no levels: none of its layers of known stride gives a map of positions")
    held = sizes_of(network, asked, options.output_stride) if options.output_stride else None
    tables = [_table("", found)]
    if held:
        tables += [_table(f"At output stride {options.output_stride}", held, found), _dilation_table(held)]
    elif len(asked) == 1:
        tables.append(_padding_table(network, found.answers[0]))
    return Document(
        title=f"Input sizes of {network.name}",
        lead=_lead(found),
        tables=tuple(tables),
        tidy=tables[1 if held else 0],
        notes=(*_notes(network, found), *network.remarks),
        data=_data(network, found, held),
    )


def _own_size(network: Network) -> Pair:
    shape = network.anatomy.input_shape
    if shape is None or len(shape) != 3 or shape[0] is None or shape[1] is None:
        raise UsageError(f"{network.name} leaves the size of its images open: name sizes, as in 224..512:32")
    return (shape[0], shape[1])


def _lead(found: Sizes) -> str:
    if len(found.answers) > 1:
        fit = [answer.input for answer in found.answers if answer.closes]
        count = f"{len(fit)} of {len(found.answers)}" if fit else f"None of the {len(found.answers)}"
        verb = "fits" if len(fit) < 2 else "fit"
        open_ = [answer.input for answer in found.answers if answer.closes is None]
        untold = f" Of {_written(open_)} it cannot be told." if open_ else ""
        return f"{count} sizes {verb} a decoder{': ' if fit else ''}{_written(fit)}.{untold}"
    (answer,) = found.answers
    if answer.closes:
        return f"{_side(answer.input)} fits a decoder: every map is as large as the next smaller one makes it."
    side = _side(answer.input)
    if answer.closes is None:
        unknown = [level.name for level, map_ in zip(found.levels, answer.chain, strict=True) if map_ is None]
        return f"Whether {side} fits a decoder cannot be told: the size of {join_and(unknown)} is unknown there."
    below, above = answer.next
    near = [_side(size) for size in (below, above) if size]
    which = "size that fits is" if len(near) == 1 else "sizes that fit are"
    none = "" if None in answer.chain else " No size near it fits."
    advice = f" The next {which} {join_and(near, ' or ')}." if near else none
    if not answer.breaks:
        return f"{side} fits the levels, but not the model's own decoder.{advice}"
    first = found.levels[answer.breaks[0].level].name if answer.breaks[0].level >= 0 else "the image"
    return f"{side} does not fit a decoder: at {first}, {_equation(answer.breaks[0])}.{advice}"


def _written(sizes: Sequence[Pair]) -> str:
    return join_and([_side(size) for size in sizes]) if sizes else ""


def _side(size: Pair) -> str:
    return format_value(one_side(size), "size")


def _equation(broken: Break) -> str:
    """`15·2 = 30 ≠ 29`, of the first side that does not fit."""
    for below, here in zip(broken.below, broken.map, strict=True):
        if below * broken.factor != here:
            return f"{below}·{broken.factor} = {below * broken.factor} ≠ {here}"
    raise AssertionError("nothing breaks")


def _table(title: str, found: Sizes, built: Sizes | None = None) -> Table:
    """`built` is the same without an output stride, to compare with."""
    names = [level.name for level in found.levels]
    columns = (
        Column("input", "Input", "size"),
        *(Column(name.lower(), name, "size") for name in names),
        Column("closes", "Fits", "flag", note="" if built else FITS_NOTE),
        Column("breaks", "Breaks at", drop_priority=4),
        Column("below", "Below", "size", drop_priority=2),
        Column("above", "Above", "size", drop_priority=2),
        Column("macs", "MACs", "quantity", drop_priority=1, note="" if built else MEASURES["macs"].convention),
        *((Column("ratio", "As built", "ratio", drop_priority=1),) if built else ()),
        Column(
            "activations",
            "Activations",
            "quantity",
            drop_priority=3,
            note="" if built else MEASURES["activations"].convention,
        ),
    )
    rows = []
    for number, answer in enumerate(found.answers):
        values: dict[str, Value] = {
            "input": one_side(answer.input),
            **{name.lower(): one_side(map_) for name, map_ in zip(names, answer.chain, strict=True)},
            "closes": answer.closes,
            "breaks": ", ".join(_equation(each) for each in answer.breaks) or None,
            "below": one_side(answer.next[0]),
            "above": one_side(answer.next[1]),
            "macs": answer.macs,
            "activations": answer.activations,
        }
        if built:
            before = built.answers[number].macs
            values["ratio"] = answer.macs / before if answer.macs and before else None
        marked = frozenset(names[each.level].lower() if each.level >= 0 else "input" for each in answer.breaks)
        rows.append(Row(tuple(values[column.key] for column in columns), marked=marked))
    return Table(title, columns, tuple(rows))


def _padding_table(network: Network, answer: SizeAnswer) -> Table:
    by_parity = bool([*parity_windows(network.graph)])
    is_uneven = any(before != after for each in answer.padding for before, after in each.margins or ())
    note = " ".join((*[PARITY_NOTE] * by_parity, *[PYTORCH_NOTE] * is_uneven))
    columns = (
        Column("layer", "Layer", keep_end=True),
        Column("kernel", "Kernel", "size"),
        Column("input", "Input", "size"),
        Column("rows", "Rows added", note=note),
        Column("columns", "Columns added"),
    )
    rows = tuple(
        Row(
            (
                each.layer,
                each.kernel,
                each.input[:2] if each.input else None,
                *(f"{before} + {after}" for before, after in each.margins or ()),
                *([None, None] if each.margins is None else []),
            )
        )
        for each in answer.padding
    )
    return Table("What strided layers pad, before + after", columns, rows)


def _dilation_table(held: Sizes) -> Table:
    columns = (
        Column("place", "Place"),
        Column("stride", "Stride"),
        Column("dilation", "Dilation", "count", note=DILATION_NOTE),
        Column("layers", "Layers", wrap=True, drop_priority=1),
    )
    rows = []
    for (stride, was, dilation, _), group in groupby(held.dilated, key=_kind):
        members = list(group)
        places = list(dict.fromkeys(each.place for each in members))
        name = places[0] if len(places) == 1 else f"{places[0]}–{places[-1]}"
        change = f"{was} → {stride}" if stride != was else str(stride)
        rows.append(Row((name, change, dilation, join_and([each.layer for each in members]))))
    none = () if rows else ("No stride is larger than that: nothing changes.",)
    return Table("What changes", columns, tuple(rows), notes=none)


def _kind(each: Dilated) -> tuple[int, int, int, str]:
    """Sub-blocks of one block stand in one row."""
    return (each.stride, each.was, each.dilation, each.place.rstrip("abcdefghijklmnopqrstuvwxyz"))


def _notes(network: Network, found: Sizes) -> Iterator[str]:
    refused = [(answer.input, answer.refused) for answer in found.answers if answer.refused]
    for size, joint in refused[:MOST_REFUSED]:
        maps = join_and([format_value(map_, "size") for map_ in joint.maps], " with ")
        yield f"{network.name} cannot be built at {_side(size)}: {joint.layer} joins {maps}."
    if len(refused) > MOST_REFUSED:
        yield f"Nor can it be built at {_written([size for size, _ in refused[MOST_REFUSED:]])}."
    if _is_fixed(network) and any(answer.input != _own_size(network) for answer in found.answers):
        yield (
            f"{network.name} takes {format_value(_own_size(network), 'size')} only: what is shown at other sizes holds "
            "for the same model built again."
        )
    if any(_leaves_one_position(answer, found.stride) for answer in found.answers):
        target = network.graph.target
        is_keras = isinstance(target, BuilderTarget) or (isinstance(target, VariantTarget) and target.variant.builder)
        yield (
            f"A side below {found.stride} pixels leaves the smallest map one position along it, made of padding for "
            f"the most part{'; keras.applications takes no less than 32' if is_keras else ''}."
        )


def _leaves_one_position(answer: SizeAnswer, stride: int) -> bool:
    smallest = answer.chain[-1] or answer.input
    return any(side < stride and last == 1 for side, last in zip(answer.input, smallest, strict=True))


def _is_fixed(network: Network) -> bool:
    target = network.graph.target
    return target is not None and not isinstance(target, BuiltTarget) and not network.leaves_size_open


def _data(network: Network, found: Sizes, held: Sizes | None) -> SizesData:
    data: SizesData = {
        "format": 1,
        "target": network.key if network.graph.target else "",
        "fixed": _is_fixed(network),
        "levels": [level.name for level in found.levels],
        "sizes": [_size_data(answer) for answer in found.answers],
    }
    if held and held.output_stride:
        data["output_stride"] = {
            "stride": held.output_stride,
            "sizes": [_size_data(answer) for answer in held.answers],
            "layers": [_dilated_data(each) for each in held.dilated],
        }
    return data


def _size_data(answer: SizeAnswer) -> SizeData:
    return {
        "input": list(answer.input),
        "chain": [None if each is None else list(each) for each in answer.chain],
        "closes": answer.closes,
        "breaks_at": [list(each.map) for each in answer.breaks],
        "next": [_next(each) for each in answer.next],
        "macs": answer.macs,
        "activations": answer.activations,
        "padding": [
            {
                "layer": each.layer,
                "kernel": list(each.kernel),
                "input": plain(each.input),
                "margins": each.margins and [list(pair) for pair in each.margins],
            }
            for each in answer.padding
        ],
    }


def _next(size: Pair | None) -> int | list[int] | None:
    return None if size is None else size[0] if size[0] == size[1] else list(size)


def _dilated_data(each: Dilated) -> DilatedData:
    return {
        "layer": each.layer,
        "place": each.place,
        "stride": each.stride,
        "was": each.was,
        "dilation": each.dilation,
    }
