"""`effnet-inspect summary`."""

from __future__ import annotations

import click

from effnet_inspect.choices import LEVELS, PRESET_NAMES, TABLE_FORMATS, Level, PresetName
from effnet_inspect.commands.options import (
    Word,
    backbone_option,
    block_option,
    cache_option,
    output_options,
    target_argument,
)
from effnet_inspect.commands.output import Output, load_one


@click.command("summary")
@target_argument
@click.option("--level", "-l", type=Word(LEVELS), help="How deep the rows go.  [default: block]")
@block_option("Show only this block.")
@click.option("--fold", is_flag=True, help="Merge consecutive identical rows and sum them, 4b–4f ×5.")
@click.option("--preset", type=Word(PRESET_NAMES), help="paper: the table of stages exactly as the paper prints it.")
@click.option("--counts", is_flag=True, help="Every convention of counting MACs and activations, side by side.")
@click.option(
    "--find", metavar="PATTERN", help="Only layers that match: *_bn, op:depthwise, shape:14x14, params:>1M; or several."
)
@backbone_option
@output_options(*TABLE_FORMATS)
@cache_option
def command(
    target: str,
    level: Level | None,
    block: int | None,
    fold: bool,
    preset: PresetName | None,
    counts: bool,
    find: str | None,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Show one model as a table: where its layers, parameters and MACs are.

    \b
      effnet-inspect summary b7
      effnet-inspect summary b7 --block 4 --fold
      effnet-inspect summary b3@512 --level layer --out b3.csv
      effnet-inspect summary b0 --columns part,operation,macs
      effnet-inspect summary b0 --preset paper --out table-1.tex
      effnet-inspect summary b0 --find "op:depthwise shape:14x14"
      effnet-inspect summary model.keras
    """
    network = load_one(target, backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    output.write(library.summary(network, level=level, block=block, fold=fold, preset=preset, counts=counts, find=find))
