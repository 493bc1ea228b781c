"""`effnet-inspect compare`."""

from __future__ import annotations

import click

from effnet_inspect.choices import (
    COMPARISON_VIEW_NAMES,
    DIAGRAM_FORMATS,
    HEAT_NAMES,
    TABLE_FORMATS,
    ComparisonViewName,
    HeatName,
)
from effnet_inspect.commands.options import (
    LateHelp,
    Word,
    Words,
    backbone_option,
    cache_option,
    output_options,
    targets_argument,
)
from effnet_inspect.commands.output import Output, load
from effnet_inspect.errors import UsageError


def _aspects() -> tuple[str, ...]:
    """Everything that can be compared: the measures are known to those who measure, and take long to import."""
    from effnet_inspect.views.compare.aspects import choices

    return choices()


def _help_on_aspects() -> str:
    from effnet_inspect.views.compare.aspects import USUAL

    return f"What to compare: {', '.join(_aspects())}; or all.  [default: {', '.join(USUAL)}]"


@click.command("compare")
@targets_argument
@click.option(
    "--by",
    "aspect",
    cls=LateHelp,
    type=Words(_aspects),
    multiple=True,
    metavar="ASPECT",
    late_help=_help_on_aspects,
)
@click.option("--view", "-v", type=Word(COMPARISON_VIEW_NAMES), help="What to draw.  [default: growth]")
@click.option("--heat", type=Word(HEAT_NAMES), help="Draw, and colour the boxes by their share of that.")
@click.option("--only-differences", "-d", is_flag=True, help="Leave out what is the same in all.")
@backbone_option
@output_options(*TABLE_FORMATS, *DIAGRAM_FORMATS, drawn=True)
@cache_option
def command(
    targets: tuple[str, ...],
    aspect: tuple[tuple[str, ...], ...],
    view: ComparisonViewName | None,
    heat: HeatName | None,
    only_differences: bool,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Compare models: say how they differ, then show it stage by stage.

    b1..b7 stands for all variants in that range; 'all' means b0..b7. The first model is the reference. Formats of
    figures draw the models:

    \b
      growth  the models above one another, so that you see how they grow
      shape   their silhouettes at one scale: as high as the resolution, as wide as the channels
      diff    two models side by side, their differences marked, the first one in detail

    \b
      effnet-inspect compare b1 b2
      effnet-inspect compare b1..b7 --by channels
      effnet-inspect compare b3 b3@512 --by macs,activations --only-differences
      effnet-inspect compare b1..b7 --by macs --out macs.csv
      effnet-inspect compare all --out family.svg
      effnet-inspect compare b0 b3 b7 --fit column --out family.pdf
      effnet-inspect compare b0 mine.keras --view diff --out diff.svg
      effnet-inspect compare b0 b7 --view shape --heat macs --out macs.svg
    """
    if (view or heat) and not output.is_drawn:
        if output.is_chosen or click.get_current_context().params["format_name"]:
            option = f"--view {view}" if view else f"--heat {heat}"
            raise UsageError(f"{option} is a drawing, and {output.format_name!r} is not")
        output = output._replace(format_name="svg")
    if output.is_drawn and (aspect or only_differences):
        raise UsageError(f"--by and --only-differences choose among tables; {output.format_name!r} is a drawing")
    networks = load(targets, backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    if output.is_drawn:
        figure = library.chart(*networks, view=view or "growth", fit=output.fit, width=output.width, heat=heat)
        marks = [mark for mark in (view, heat) if mark]
        output = output.with_file_for(networks, marks) if marks else output
        output.write(figure)
        return
    aspects = [word for words in aspect for word in words]
    output.write(library.compare(*networks, by=aspects, only_differences=only_differences))
