"""`variants`: every variant known, its size read from its graph, beside the accuracy that is published of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, cast

from effnet_inspect.document import Column, Document, Later, Row, Table, Value
from effnet_inspect.structure.measures import measures_shown_in
from effnet_inspect.structure.network import Network
from effnet_inspect.views.summary.data import measured_data
from effnet_inspect.words import join_and

if TYPE_CHECKING:
    from effnet_inspect.views.contracts import AccuracyData, VariantData, VariantsData

PUBLISHED = (
    "Published, not read from the graphs: the coefficients of width and depth, and accuracy on ImageNet; "
    "--columns can add top5, more_data and source."
)
MORE_DATA = "More data: trained on more images than those of ImageNet."


def _columns() -> tuple[Column, ...]:
    return (
        Column("title", "Variant", drop_priority=2),
        Column("target", "Target"),
        Column("width", "Width", "number", drop_priority=5),
        Column("depth", "Depth", "number", drop_priority=5),
        Column("resolution", "Resolution", "count", drop_priority=1),
        Column("dropout", "Dropout", "number", drop_priority=6),
        Column("sub_blocks", "Sub-blocks", "count", drop_priority=4),
        *(
            Column(measure.key, measure.title, measure.kind, drop_priority=3 if measure.drop_priority else 0)
            for measure in measures_shown_in("headline")
        ),
        Column("top1", "Published top-1", "share", note=PUBLISHED),
        Column("top5", "Published top-5", "share", audience="programs"),
        Column("more_data", "More data", "flag", audience="programs", note=MORE_DATA),
        Column("source", "Source of the accuracy", wrap=True, audience="programs"),
    )


class Limits(NamedTuple):
    """What a variant must keep to; None where anything goes. `top1` is in percent."""

    parameters: float | None = None
    macs: float | None = None
    top1: float | None = None

    def admit(self, network: Network) -> bool:
        """Whether a variant keeps to all of them; an accuracy that is not published reaches no least one."""
        accuracy = network.published_accuracy
        return (
            (self.parameters is None or network.totals["parameters"] <= self.parameters)
            and (self.macs is None or network.totals["macs"] <= self.macs)
            and (self.top1 is None or (accuracy is not None and accuracy.top1 >= self.top1))
        )


NO_LIMITS = Limits()


def variants(networks: Sequence[Network], limits: Limits = NO_LIMITS) -> Document:
    """The variants as a table and as data.

    Args:
        networks: published variants, each at its own resolution.
        limits: only variants that keep to them are shown.
    """
    shown = [network for network in networks if network.variant and limits.admit(network)]
    columns = _columns()
    values = map(_values, shown)
    rows = tuple(Row(tuple(own.get(column.key) for column in columns)) for own in values)
    count = f"{len(shown)} of {len(networks)} variants" if shown else f"None of the {len(networks)} variants"
    lead = f"{count} {'fits' if len(shown) < 2 else 'fit'}." if limits != NO_LIMITS else ""
    table = Table("", columns, rows, notes=tuple(_notes(shown)) if rows else ())
    return Document(
        title="The variants of EfficientNet",
        lead=lead,
        tables=(table,) if rows else (),
        tidy=table,
        data=Later(lambda: _contract(shown)),
    )


def _contract(shown: Sequence[Network]) -> VariantsData:
    return {"format": 1, "variants": list(map(_entry, shown))}


def _entry(network: Network) -> VariantData:
    accuracy = network.published_accuracy
    published: AccuracyData | None = accuracy and {
        "top1": accuracy.top1,
        "top5": accuracy.top5,
        "more_data": accuracy.more_data,
        "source": accuracy.source,
    }
    own = {**_design(network), **measured_data(network.totals), "published": published}
    return cast("VariantData", own)


def _design(network: Network) -> dict[str, Value]:
    variant = network.variant
    assert variant is not None
    return {
        "title": variant.title,
        "target": variant.key,
        "family": variant.family,
        "width": variant.width,
        "depth": variant.depth,
        "resolution": variant.resolution,
        "dropout": network.anatomy.dropout_rate,
        "sub_blocks": len(network.anatomy.sub_blocks),
    }


def _values(network: Network) -> dict[str, Value]:
    accuracy = network.published_accuracy
    values = _design(network) | {each.key: network.totals[each.key] for each in measures_shown_in("headline")}
    if not accuracy:
        return values
    return {
        **values,
        "top1": _fraction(accuracy.top1),
        "top5": _fraction(accuracy.top5),
        "more_data": accuracy.more_data,
        "source": accuracy.source,
    }


def _fraction(percent: float | None) -> float | None:
    return None if percent is None else round(percent / 100, 6)


def _notes(shown: Sequence[Network]) -> Iterator[str]:
    """Where the accuracies come from, and which took more than ImageNet to reach."""
    found = [(network.key, accuracy) for network in shown if (accuracy := network.published_accuracy)]
    named = [
        f"{source} ({_range([target for target, _ in group])})"
        for source, group in groupby(found, lambda each: each[1].source)
    ]
    if found:
        yield f"Sources of accuracy: {'; '.join(named)}."
    if more_data := [target for target, accuracy in found if accuracy.more_data]:
        yield f"Trained on more images than those of ImageNet: {join_and(more_data)}."


def _range(targets: Sequence[str]) -> str:
    return f"{targets[0]} to {targets[-1]}" if len(targets) > 2 else join_and(targets)
