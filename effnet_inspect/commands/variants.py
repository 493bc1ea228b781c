"""`effnet-inspect variants`."""

from __future__ import annotations

import click

from effnet_inspect.catalog.variants import VARIANTS
from effnet_inspect.choices import TABLE_FORMATS
from effnet_inspect.commands.options import cache_option, output_options
from effnet_inspect.commands.output import Output, load
from effnet_inspect.formatting import parse_quantity


@click.command("variants")
@click.option("--max-params", type=parse_quantity, metavar="AMOUNT", help="Maximum number of parameters, e.g. 10M.")
@click.option("--max-macs", type=parse_quantity, metavar="AMOUNT", help="Maximum number of MACs, e.g. 2G.")
@click.option("--min-top1", type=click.FloatRange(1, 100), help="Minimum published top-1 accuracy, in percent.")
@click.option(
    "--results", is_flag=True, help="The paper's table of results: each network and what it is compared with."
)
@output_options(*TABLE_FORMATS)
@cache_option
def command(
    max_params: float | None,
    max_macs: float | None,
    min_top1: float | None,
    results: bool,
    output: Output,
    no_cache: bool,
) -> None:
    """List known variants, optionally filtered, and how to name them.

    \b
      effnet-inspect variants
      effnet-inspect variants --max-params 10M --max-macs 2G --min-top1 80
      effnet-inspect variants --results --out results.tex
      effnet-inspect variants --columns target,parameters,macs,top1,top5,source
    """
    networks = load(list(VARIANTS), no_cache=no_cache)
    from effnet_inspect import library

    report = library.variants(
        networks, max_parameters=max_params, max_macs=max_macs, min_top1=min_top1, results=results
    )
    output.write(report)
