"""Labels on poles: none covers a thing, a label or a pole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from effnet_inspect.views.diagram.flags import POLE, Flag, Labelled, Rectangle, place_flags
from tests.geometry import overlap

ROOM = 400.0
LOWEST = 200.0


@st.composite
def rows(draw: st.DrawFn) -> list[Labelled]:
    """Things side by side on one ground, of any height."""
    sizes = draw(
        st.lists(
            st.tuples(st.floats(1, 40), st.floats(1, 190), st.floats(5, 90), st.sampled_from((9.0, 18.0))), max_size=9
        )
    )
    found, x = [], 0.0
    for width, height, label, label_height in sizes:
        found.append(Labelled(x, x + width, LOWEST - height, label, label_height))
        x += width + 4
    return found


def _words(thing: Labelled, flag: Flag) -> Rectangle:
    return (flag.x, flag.y, flag.x + thing.width, flag.y + thing.height)


@given(rows())
def test_nothing_is_covered(things: list[Labelled]) -> None:
    bodies = [(thing.left, thing.top, thing.right, LOWEST) for thing in things]
    placed = [
        (thing, flag) for thing, flag in zip(things, place_flags(things, bodies, ROOM), strict=True) if flag is not None
    ]
    labels = [_words(thing, flag) for thing, flag in placed]
    poles = [(flag.pole - POLE / 2, flag.pole_top, flag.pole + POLE / 2, thing.top) for thing, flag in placed]
    for index, label in enumerate(labels):
        assert label[0] >= 0
        assert label[2] <= ROOM + 0.1
        assert not any(overlap(label, body) for body in bodies)
        assert not any(overlap(label, other) for other in labels[:index])
        assert not any(left < label[2] and label[0] < right and top < label[3] and label[1] < bottom
                       for at, (left, top, right, bottom) in enumerate(poles) if at != index)  # fmt: skip


@given(rows())
def test_of_things_that_descend_every_one_has_a_label_where_there_is_room(things: list[Labelled]) -> None:
    descending = sorted(things, key=lambda thing: thing.top)
    lefts = sorted(thing.left for thing in things)
    stairs = [thing._replace(left=left, right=left + 1) for thing, left in zip(descending, lefts, strict=True)]
    bodies = [(thing.left, thing.top, thing.right, LOWEST) for thing in stairs]
    assert None not in place_flags(stairs, bodies, ROOM + 100)
