"""`effnet-inspect taps`."""

from __future__ import annotations

import re
from typing import Any

import click

from effnet_inspect.choices import FRAMEWORKS, TABLE_FORMATS, TAP_STYLES, FrameworkName, TapStyle
from effnet_inspect.commands.options import Word, backbone_option, cache_option, output_options, target_argument
from effnet_inspect.commands.output import Output, load
from effnet_inspect.errors import UsageError


def _levels(context: click.Context, parameter: click.Parameter, value: Any) -> tuple[int, int] | None:
    """The first and the last level."""
    if value is None:
        return None
    found = re.fullmatch(r"[pP]?(\d)(?:-[pP]?(\d))?", value.strip())
    if not found:
        raise UsageError(f"{value!r} names no levels; write for example 2-5 for P2 to P5")
    return int(found[1]), int(found[2] or found[1])


@click.command("taps")
@target_argument
@click.option(
    "--style",
    "-s",
    type=Word(TAP_STYLES),
    help="fpn: outputs of sub-blocks; unet: expanded activations.  [default: both; with --code fpn]",
)
@click.option("--levels", callback=_levels, metavar="RANGE", help="Only these levels, e.g. 2-5 for P2 to P5.")
@click.option("--code", is_flag=True, help="Print the lines of Python that build the feature extractor.")
@click.option(
    "--framework",
    type=Word(FRAMEWORKS),
    help="Whose code.  [default: keras; timm for variants that Keras does not have]",
)
@backbone_option
@output_options(*TABLE_FORMATS)
@cache_option
def command(
    target: str,
    style: TapStyle | None,
    levels: tuple[int, int] | None,
    code: bool,
    framework: FrameworkName | None,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Show which layers feed a decoder, a feature pyramid or a class-activation map.

    \b
      effnet-inspect taps b0@512
      effnet-inspect taps b4 --style unet --levels 2-5
      effnet-inspect taps b0 --levels 3-5 --code
      effnet-inspect taps v2-s --code --framework torchvision
      effnet-inspect taps model.keras
    """
    if framework and not code:
        raise UsageError("--framework says whose code --code prints; add --code")
    (network,) = load([target], backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    output.write(library.taps(network, style=style, levels=levels, code=code, framework=framework))
