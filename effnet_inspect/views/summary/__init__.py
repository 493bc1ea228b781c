"""`summary`: one network as a table of its stages, sub-blocks, modules or layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from effnet_inspect.catalog.targets import FileTarget, PythonTarget
from effnet_inspect.choices import LEVELS, Level, PresetName
from effnet_inspect.document import Document, HeaderField, Later, Table
from effnet_inspect.errors import UsageError
from effnet_inspect.formatting import format_value
from effnet_inspect.graph import Layer
from effnet_inspect.structure.anatomy import Block, Stage
from effnet_inspect.structure.folding import folded_into, lost_by_folding
from effnet_inspect.structure.identity import CRITERIA, sentence
from effnet_inspect.structure.network import Network
from effnet_inspect.views.summary.data import summary_data
from effnet_inspect.views.summary.notes import frozen_notes, preprocessing_notes
from effnet_inspect.views.summary.rows import LAYER, Rows, layer_columns, stage_columns
from effnet_inspect.words import describe_blocks, join_and, plural, pluralize


class SummaryOptions(NamedTuple):
    """What is shown of a network.

    `level` is how deep the rows go; without it they go to the blocks, or to the sub-blocks where one block is shown or
    rows are merged. `block` shows only this block, by its number. `fold` merges equal neighbours into one row,
    `4b–4f ×5`, with their sums. `preset` names a table of its own, `counts` asks for that of all conventions of
    counting, and `find` for the layers that meet a pattern: for these there are no other options.
    """

    level: Level | None = None
    block: int | None = None
    fold: bool = False
    preset: PresetName | None = None
    counts: bool = False
    find: str | None = None

    @property
    def depth(self) -> int:
        """How deep the rows go, as an index of LEVELS."""
        level = self.level or ("sub-block" if self.block is not None or self.fold else "block")
        return LEVELS.index(level)


def summary(network: Network, options: SummaryOptions | None = None) -> Document:
    """The network as one table, and its whole anatomy as data.

    Raises:
        UsageError: where there is no such block, or a table of its own is asked for with other options.
    """
    options = options or SummaryOptions()
    _check_alone(options)
    identity, anatomy = network.identity, network.anatomy
    table, data = _shown(network, options)
    says_identity = not network.is_what_it_is_called or bool(identity.same_as)
    return Document(
        title=network.name,
        lead=sentence(identity, is_whole=anatomy.is_whole) if says_identity else "",
        header=tuple(_header(network)),
        tables=(table,),
        notes=(
            *_nothing_found(network, options, table),
            *_tap_notes(network),
            *preprocessing_notes(network),
            *frozen_notes(network),
            *_file_notes(network),
            *network.remarks,
            *([CRITERIA] if identity.nearest and says_identity else []),
        ),
        data=data,
    )


def _check_alone(options: SummaryOptions) -> None:
    """Some tables have nothing to choose in them."""
    for name, alone in (
        (f"the preset {options.preset!r}", SummaryOptions(preset=options.preset)),
        ("the table of counts", SummaryOptions(counts=options.counts)),
        ("the table of layers found", SummaryOptions(find=options.find)),
    ):
        if alone != SummaryOptions() and options != alone:
            raise UsageError(f"{name} is a table of its own: it has no level, block or fold")


def _shown(network: Network, options: SummaryOptions) -> tuple[Table, Mapping[str, Any]]:
    """The table that is asked for, and the data with what belongs to it; those of rare options are loaded for them."""
    if options.counts:
        from effnet_inspect.analysis.counts import counts_of
        from effnet_inspect.views.summary.counts import counts_table

        return counts_table(network), Later(lambda: {**summary_data(network), "counts": counts_of(network)})
    if options.find is not None:
        from effnet_inspect.analysis.finding import find
        from effnet_inspect.views.summary.found import found_data, found_table

        hits = find(network, options.find)
        return found_table(network, hits), Later(lambda: {**summary_data(network), "found": found_data(network, hits)})
    return _main_table(network, options), Later(lambda: summary_data(network))


def _main_table(network: Network, options: SummaryOptions) -> Table:
    if not options.preset:
        return _table(network, options)
    from effnet_inspect.views.summary.paper import paper_table

    if not network.anatomy.blocks:
        raise UsageError(f"{network.name} has no MBConv sub-blocks; the papers' tables of stages list those")
    return paper_table(network)


def _nothing_found(network: Network, options: SummaryOptions, table: Table) -> Iterator[str]:
    """Why no layer meets a pattern, where none does."""
    if options.find is not None and not table.rows:
        from effnet_inspect.analysis.finding import why_nothing

        yield why_nothing(network, options.find)


def _table(network: Network, options: SummaryOptions) -> Table:
    stages = _chosen(network, options.block)
    columns = layer_columns() if options.depth == LAYER else stage_columns(drop_rates=options.depth > 0)
    made = Rows(network, options.depth, options.fold, [column.key for column in columns])
    rows = [row for stage in stages for row in made.of_stage(stage)]
    shown = network.measures.totals(layer for stage in stages for layer in stage.layers)
    if options.block is None:
        made.within = None
        rows.append(made.row(None, "Total", shown, {}, level=0)._replace(role="total"))
    unseen = network.measures.unseen(stage.layers[-1] for stage in stages if stage.layers)
    return Table("", columns, tuple(rows), notes=(*shown.lower_bounds, *unseen))


def _chosen(network: Network, block: int | None) -> tuple[Stage, ...]:
    if block is None:
        return network.anatomy.stages
    return (block_of(network, block),)


def block_of(network: Network, number: int) -> Block:
    """The block with this number.

    Raises:
        UsageError: where there is none.
    """
    blocks = network.anatomy.blocks
    found = next((block for block in blocks if block.number == number), None)
    if not blocks:
        raise UsageError(f"there is no block {number}: {network.name} has no MBConv sub-blocks, and so no blocks")
    if found is None:
        raise UsageError(
            f"there is no block {number}: {network.name} has the {describe_blocks(each.number for each in blocks)}"
        )
    return found


def _header(network: Network) -> Iterator[HeaderField]:
    totals = network.totals
    parameters, macs = totals.total("parameters"), totals.total("macs")
    without = f"{network.layers_without_classifier:,} without the classifier" if network.anatomy.classifier else ""
    trainable = f"{totals['trainable_parameters']:,} trainable"
    yield HeaderField("input", network.anatomy.input_shape, "size")
    yield HeaderField(plural("layer", totals["layers"]), totals["layers"], "count", without)
    yield HeaderField(
        plural("parameter", parameters.value),
        parameters.value,
        "count",
        "at least" if parameters.missing else trainable,
    )
    yield HeaderField("MACs", macs.value, "quantity", "at least" if macs.missing else f"{macs.value:,}")
    weights = totals.total("weights_bytes")
    stored = ", ".join(filter(None, ("at least" if weights.missing else "", join_and(network.precisions))))
    yield HeaderField("of weights", weights.value, "bytes", stored)


def _tap_notes(network: Network) -> Iterator[str]:
    """Where the backbone is tapped, with what a decoder gets there."""
    if taps := network.anatomy.taps:
        described = join_and([_describe_tap(layer, network) for layer in taps])
        yield f"Intermediate features (taps) used outside the backbone: {described}."


def _file_notes(network: Network) -> Iterator[str]:
    """What a file has left out of the network: the size of its input, or its normalisation."""
    target, shape = network.graph.target, network.anatomy.input_shape
    if isinstance(target, (FileTarget, PythonTarget)) and shape is not None and len(shape) == 3 and None in shape[:2]:
        yield f"The model leaves height and width open: {target.title}@512 sets them."
    if folded := folded_into(network.anatomy):
        before = network.totals.exact("parameters")
        whole = f"{before + lost_by_folding(folded):,} parameters" if before else ""
        count = f"; counted as layers of its own, the network has {whole}" if whole else ""
        yield f"Batch normalisation is folded into {pluralize(len(folded), 'convolution')}{count}."


def _describe_tap(layer: Layer, network: Network) -> str:
    apart = network.measures.of(layer, "effective_stride")
    at = f", stride {format_value(tuple(map(int, dict.fromkeys(apart))), 'size')}" if apart else ""
    return f"{layer.name} ({format_value(layer.output_shape, 'size')}{at})"
