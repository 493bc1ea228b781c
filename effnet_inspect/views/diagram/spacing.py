"""How far things in the architecture figure are apart, in points."""

from __future__ import annotations

from typing import NamedTuple

from effnet_inspect.views.diagram.look import Look


class Spacing(NamedTuple):
    """From a box to the Add below it, to the next box, and to a decoder; between lines of columns.

    Everything is so much wider apart where a decoder takes `taps`. `to_heading` and `to_legend` are above and below.
    """

    to_add: float = 9.0
    to_next: float = 15.0
    to_decoder: float = 22.0
    between_lines: float = 16.0
    taps: float = 9.0
    to_heading: float = 12.0
    to_legend: float = 20.0


DENSE = Spacing(to_add=7.0, to_next=12.0, to_decoder=13.0, between_lines=11.0, taps=6.5, to_heading=6.0, to_legend=12.0)


def spacing_of(look: Look) -> Spacing:
    """That of a figure."""
    return DENSE if look.dense else Spacing()
