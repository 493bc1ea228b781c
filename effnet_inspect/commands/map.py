"""`effnet-inspect map`."""

from __future__ import annotations

import click

from effnet_inspect.choices import CODE_BASES, TABLE_FORMATS, CodeBase
from effnet_inspect.commands.options import Word, backbone_option, cache_option, output_options, target_argument
from effnet_inspect.commands.output import Output, load_one
from effnet_inspect.commands.streams import write
from effnet_inspect.errors import UsageError


@click.command("map")
@target_argument
@click.option("--to", "code_base", type=Word(CODE_BASES), required=True, help="Whose names to show.")
@click.option(
    "--from", "first_code_base", type=Word(CODE_BASES), default="keras", help="Beside whose.  [default: keras]"
)
@click.option("--find", default="", metavar="TEXT", help="Only names with this in them, or the sub-block 4c.")
@click.option("--code", is_flag=True, help="Print a converter in Python instead, for both directions.")
@backbone_option
@output_options(*TABLE_FORMATS)
@cache_option
def command(
    target: str,
    code_base: CodeBase,
    first_code_base: CodeBase,
    find: str,
    code: bool,
    backbone: int | None,
    output: Output,
    no_cache: bool,
) -> None:
    """Show what code bases call the weights of a model: names, shapes and transposes side by side.

    \b
      effnet-inspect map b0 --to timm --find 4c
      effnet-inspect map v2-s --from timm --to torchvision --out names.csv
      effnet-inspect map model.keras --to timm --code > convert.py
    """
    if code and (find or output.file or output.format_name != "terminal" or output.options.columns):
        raise UsageError(
            "--code prints a whole program: give it no --find, --out, --format or --columns, but > convert.py"
        )
    network = load_one(target, backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    if code:
        write(library.converter(network, to=code_base, from_=first_code_base).encode())
    else:
        output.write(library.name_map(network, to=code_base, from_=first_code_base, find=find))
