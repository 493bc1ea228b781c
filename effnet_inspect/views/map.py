"""`map`: what one code base calls the weights of a network, and what another does; and a program that converts them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from effnet_inspect.conventions.convention import Convention
from effnet_inspect.conventions.correspondence import Correspondence, Side, correspondences
from effnet_inspect.conventions.slots import words_of
from effnet_inspect.document import Column, Document, Later, Row, Table
from effnet_inspect.structure.network import Network
from effnet_inspect.views.plain import plain
from effnet_inspect.words import abbreviate, pluralize

if TYPE_CHECKING:
    from effnet_inspect.views.contracts import MapData, NamedArrayData


def name_map(network: Network, first: Convention, second: Convention, find: str = "") -> Document:
    """The arrays of a network in two code bases as a table and as data.

    Args:
        network: any EfficientNet.
        first: from whose names.
        second: to whose names.
        find: only arrays that have this in a name in either code base, or that are in the sub-block of this name.
    """
    every = list(correspondences(network, first, second))
    shown = [each for each in every if _has(each, find)]
    columns = (
        Column("from", first.title, keep_end=True),
        Column("from_shape", "Shape", "size", drop_priority=2),
        Column("to", second.title, keep_end=True),
        Column("to_shape", "Shape", "size", drop_priority=2),
        Column("transpose", "Transpose"),
        Column("role", "What it is of", drop_priority=4),
        Column("sub_block", "Sub-block", drop_priority=3),
    )
    rows = tuple(_row(each) for each in shown)
    table = Table("", columns, rows)
    return Document(
        title=f"Weights of {network.title} in {first.title} and in {second.title}",
        lead=_lead(every, shown, find),
        tables=(table,) if rows else (),
        tidy=table,
        notes=tuple(_notes(every, first, second)),
        data=Later(lambda: _data(shown, first, second)),
    )


def _has(each: Correspondence, find: str) -> bool:
    names = [side.name for side in (each.first, each.second) if side]
    return any(find in name for name in names) or (each.slot.place is not None and each.slot.place.name == find)


def _row(each: Correspondence) -> Row:
    one, other = each.first or Side("", None), each.second or Side("", None)
    moved = None if each.transpose is None else ",".join(map(str, each.transpose))
    place = each.slot.place.name if each.slot.place else None
    return Row((one.name or None, one.shape, other.name or None, other.shape, moved, words_of(each.slot.role), place))


def _lead(every: Sequence[Correspondence], shown: Sequence[Correspondence], find: str) -> str:
    both = [each for each in every if each.is_in_both]
    moved = sum(each.transpose is not None for each in both)
    found = (
        f" {pluralize(len(shown), 'array')} of that {'is' if len(shown) == 1 else 'are'} shown."
        if shown
        else f" No array has {find!r} in a name, or is in a sub-block called so."
    )
    return (
        f"{len(both):,} of {pluralize(len(every), 'array')} are in both; the axes of {moved:,} are in another order."
        f"{found if len(shown) < len(every) else ''}"
    )


def _notes(every: Sequence[Correspondence], first: Convention, second: Convention) -> Iterator[str]:
    for convention, names in (
        (second, [each.first.name for each in every if each.first and not each.second]),
        (first, [each.second.name for each in every if each.second and not each.first]),
    ):
        if names:
            yield f"{convention.title} has no {abbreviate(names)}."
    for convention in (first, second):
        if convention.counter:
            yield (
                f"{convention.title} has a {convention.counter} more in every normalisation; it counts batches in "
                "training, and is not needed."
            )
    yield from (convention.computes for convention in (first, second) if convention.computes)


def _data(shown: Sequence[Correspondence], first: Convention, second: Convention) -> MapData:
    return {
        "format": 1,
        "from": first.key,
        "to": second.key,
        "variables": [
            {
                "from": _side(each.first),
                "to": _side(each.second),
                "transpose": None if each.transpose is None else [*each.transpose],
                "role": words_of(each.slot.role),
                "sub_block": each.slot.place.name if each.slot.place else None,
            }
            for each in shown
        ],
    }


def _side(side: Side | None) -> NamedArrayData | None:
    return side and {"name": side.name, "shape": plain(side.shape)}


CONVERTER = '''\
"""Converts weights of {title} from {first} to {second}, and back.

Arrays are NumPy's, in dictionaries by name. Of a model in Keras they are
`{{weight.path: weight.numpy() for weight in model.weights}}`, of one in PyTorch
`{{name: tensor.numpy() for name, tensor in model.state_dict().items()}}`.
"""

ARRAYS = (
{rows}
)
"""Name in {first}, name in {second}, and how the axes are transposed on the way."""


def convert(arrays):
    """From {first} to {second}; what only one of them has is left out."""
    return {{there: _moved(arrays[here], axes) for here, there, axes in ARRAYS}}


def convert_back(arrays):
    """From {second} to {first}; what only one of them has is left out."""
    return {{here: _moved(arrays[there], _inverse(axes)) for here, there, axes in ARRAYS}}


def _moved(array, axes):
    return array.copy() if axes is None else array.transpose(axes).copy()


def _inverse(axes):
    return axes and tuple(sorted(range(len(axes)), key=axes.__getitem__))
'''


def converter(network: Network, first: Convention, second: Convention) -> str:
    """A program in Python that needs nothing else, with functions `convert` and `convert_back`."""
    rows = "\n".join(
        f"    ({each.first.name!r}, {each.second.name!r}, {each.transpose}),"
        for each in correspondences(network, first, second)
        if each.first and each.second
    )
    # A title may have been written by anybody; within a text that it cannot end it is harmless.
    title = "".join(letter for letter in network.title if letter.isalnum() or letter in " .-_@")
    return CONVERTER.format(title=title, first=first.title, second=second.title, rows=rows)
