"""What papers and documentation state about the variants, each with its source: data to hold a graph against."""

from __future__ import annotations

from dataclasses import dataclass

PAPER = "arXiv 1905.11946, version 5, table 2"


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy on ImageNet in percent, at the variant's own resolution, as `source` states it."""

    top1: float
    top5: float
    source: str


PUBLISHED_ACCURACY: dict[str, Accuracy] = {
    "b0": Accuracy(77.1, 93.3, PAPER),
    "b1": Accuracy(79.1, 94.4, PAPER),
    "b2": Accuracy(80.1, 94.9, PAPER),
    "b3": Accuracy(81.6, 95.7, PAPER),
    "b4": Accuracy(82.9, 96.4, PAPER),
    "b5": Accuracy(83.6, 96.7, PAPER),
    "b6": Accuracy(84.0, 96.8, PAPER),
    "b7": Accuracy(84.3, 97.0, PAPER),
}
