"""`effnet-inspect plot`."""

from __future__ import annotations

import click

from effnet_inspect.choices import (
    DIAGRAM_FORMATS,
    PLOT_NAMES,
    SIZE_NAMES,
    TABLE_FORMATS,
    PlotName,
    SizeName,
)
from effnet_inspect.commands.options import (
    Word,
    backbone_option,
    cache_option,
    complete_target,
    output_options,
)
from effnet_inspect.commands.output import Output, load
from effnet_inspect.errors import UsageError


@click.command("plot")
@click.argument("kind", type=Word(PLOT_NAMES), metavar="KIND")
@click.argument("targets", nargs=-1, metavar="[TARGET...]", shell_complete=complete_target)
@click.option("--x", type=Word(SIZE_NAMES), help="What the accuracy is plotted against.  [default: parameters]")
@backbone_option
@output_options(*TABLE_FORMATS, *DIAGRAM_FORMATS, drawn=True)
@cache_option
def command(
    kind: PlotName,
    targets: tuple[str, ...],
    x: SizeName | None,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Plot models: text in a terminal, a figure as svg, png or pdf, every point as csv or json.

    \b
      accuracy         published accuracy against size, with the paper's peers
      scaling          width, depth and resolution, each alone and all together
      cost             parameters, MACs, activations and bytes along the depth
      receptive-field  what an output sees of the image, along the depth

    \b
      effnet-inspect plot accuracy --x macs
      effnet-inspect plot accuracy b0..b7 --fit column --out accuracy.pdf
      effnet-inspect plot scaling --theme auto --out scaling.svg
      effnet-inspect plot scaling b0 b3 b7 --format tikz --out scaling.tikz
      effnet-inspect plot cost b0 v2-b0 mine.keras --out cost.csv
      effnet-inspect plot receptive-field b0 b7
    """
    if x is not None and kind != "accuracy":
        raise UsageError(f"--x says what the accuracy is plotted against; it does not go with {kind!r}")
    from effnet_inspect.views.plot import USUAL

    networks = load(targets or USUAL[kind], backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    output.write(library.plot(kind, *networks, x=x or "parameters", fit=output.fit, width=output.width))
