"""`effnet-inspect diagram`."""

from __future__ import annotations

import click

from effnet_inspect.choices import (
    DIAGRAM_FORMATS,
    HEAT_NAMES,
    LABEL_STYLES,
    VIEW_NAMES,
    HeatName,
    LabelStyle,
    ViewName,
)
from effnet_inspect.commands.options import (
    Word,
    backbone_option,
    block_option,
    cache_option,
    output_options,
    target_argument,
)
from effnet_inspect.commands.output import Output, load_one


@click.command("diagram")
@target_argument
@click.option("--view", "-v", type=Word(VIEW_NAMES), help="What to draw.  [default: architecture]")
@block_option("The block to draw; chooses the view 'block'.")
@click.option("--expand", is_flag=True, help="Draw every sub-block instead of ×N.")
@click.option(
    "--labels",
    type=Word(LABEL_STYLES),
    default="article",
    show_default=True,
    help="Whose words come first: Sub-block 2, or MBConv6 k3×3.",
)
@click.option("--heat", type=Word(HEAT_NAMES), help="Colour the boxes by their share of that.")
@backbone_option
@output_options(*DIAGRAM_FORMATS, default="svg", drawn=True)
@cache_option
def command(
    target: str,
    view: ViewName | None,
    block: int | None,
    expand: bool,
    labels: LabelStyle,
    heat: HeatName | None,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Draw one model, like the article's figures and beyond.

    \b
      architecture  the row of blocks, repeats in brackets with ×N
      sub-blocks    the kinds of sub-block, as their modules
      modules       the modules, as their layers
      stem          stem, final layers and classifier
      block         one block with every layer, like sub-blocks once
      mbconv        the operators, tensors as wide as they have channels
      shape         the silhouette: as high as the resolution, as wide as the channels
      layers        every layer of the network
      poster        all of it on one sheet

    \b
      effnet-inspect diagram b0 --out b0.svg
      effnet-inspect diagram b7 --block 4 --out block4.png --dpi 200
      effnet-inspect diagram b5 --view poster --fit a3 --theme dark --out b5.pdf
      effnet-inspect diagram b3 --fit column --labels paper --out b3.pdf
      effnet-inspect diagram b0 --heat macs --out macs.svg

    \b
    Without --out a pipe gets the figure, and on a terminal a file in this folder.
    """
    network = load_one(target, backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    figure = library.diagram(
        network, view=view, block=block, expand=expand, fit=output.fit, width=output.width, labels=labels, heat=heat
    )
    view = view or ("architecture" if block is None else "block")
    marks = [
        *([] if view == "architecture" else [f"block-{block}" if view == "block" else view]),
        *(["expanded"] if expand else []),
        *([] if labels == "article" else [labels]),
        *([heat] if heat else []),
    ]
    output.with_file_for([network], marks).write(figure)
