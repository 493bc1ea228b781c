"""`effnet-inspect cost`."""

from __future__ import annotations

import click

from effnet_inspect.choices import DTYPE_NAMES, OPTIMIZERS, TABLE_FORMATS, DtypeName, OptimizerName
from effnet_inspect.commands.options import Word, backbone_option, cache_option, output_options, targets_argument
from effnet_inspect.commands.output import Output, load
from effnet_inspect.formatting import parse_bytes


@click.command("cost")
@targets_argument
@click.option("--batch", type=click.IntRange(1, 1_000_000), default=1, show_default=True, help="Images at once.")
@click.option("--dtype", type=Word(DTYPE_NAMES), default="float32", show_default=True, help="In what is computed.")
@click.option("--optimizer", type=Word(OPTIMIZERS), default="adam", show_default=True, help="By what is trained.")
@click.option("--memory", type=parse_bytes, metavar="AMOUNT", help="Say the largest batch for it, e.g. 11GB or 16GiB.")
@backbone_option
@output_options(*TABLE_FORMATS)
@cache_option
def command(
    targets: tuple[str, ...],
    batch: int,
    dtype: DtypeName,
    optimizer: OptimizerName,
    memory: float | None,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Show memory and memory traffic of models, for a forward pass and for training, without running them.

    \b
      effnet-inspect cost b0 ResNet50 MobileNetV2
      effnet-inspect cost b4 --batch 8 --memory 11GB
      effnet-inspect cost b0..b7 --dtype mixed_float16 --out cost.csv
    """
    networks = load(targets, backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    output.write(library.cost(*networks, batch=batch, dtype=dtype, optimizer=optimizer, memory=memory))
