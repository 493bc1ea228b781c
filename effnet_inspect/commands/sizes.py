"""`effnet-inspect sizes`."""

from __future__ import annotations

import click

from effnet_inspect.catalog.targets import parse_sizes
from effnet_inspect.choices import OUTPUT_STRIDES, TABLE_FORMATS
from effnet_inspect.commands.options import Word, backbone_option, cache_option, output_options, target_argument
from effnet_inspect.commands.output import Output, load


@click.command("sizes")
@target_argument
@click.argument("sizes", nargs=-1, metavar="[SIZE...]")
@click.option(
    "--output-stride",
    type=Word([str(stride) for stride in OUTPUT_STRIDES]),
    help="Also without the strides beyond this one, dilated instead, as for segmentation.",
)
@backbone_option
@output_options(*TABLE_FORMATS)
@cache_option
def command(
    target: str,
    sizes: tuple[str, ...],
    output_stride: str | None,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Show which input sizes fit a decoder that doubles the sides, where others break, and what they cost.

    A SIZE is 456, 384x512 (height and width) or a range, 224..512:32; without one it is the model's own.

    \b
      effnet-inspect sizes b5
      effnet-inspect sizes b0 224..512:32
      effnet-inspect sizes v2-s 384x512 --output-stride 16
      effnet-inspect sizes model.keras 300 320
    """
    asked = parse_sizes(sizes)
    (network,) = load([target], backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    output.write(library.sizes(network, *asked, output_stride=int(output_stride) if output_stride else None))
