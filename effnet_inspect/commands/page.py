"""`effnet-inspect page`."""

from __future__ import annotations

import click

from effnet_inspect.commands.options import backbone_option, cache_option, out_option, targets_argument
from effnet_inspect.commands.output import Output, default_file, load
from effnet_inspect.errors import UsageError
from effnet_inspect.renderers import Options


@click.command("page")
@targets_argument
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@backbone_option
@out_option("Output file, with the extension .html.")
@cache_option
def command(targets: tuple[str, ...], opens: bool, backbone: int | None, out: str | None, no_cache: bool) -> None:
    """Write a page to walk through: blocks open into sub-blocks, these into modules, these into layers.

    One file that needs nothing beside it, and no network. It can be searched, coloured by cost and linked to:
    b0.html#4b is sub-block 4b. Several models stand side by side, and what is alike in all is pale.

    \b
      effnet-inspect page b0 --open
      effnet-inspect page my-unet.keras --out unet.html
      effnet-inspect page b0 b1 --out b0-b1.html

    \b
    Without --out a pipe gets the page, and on a terminal a file in this folder.
    """
    output = Output.of(None, out, ("html",), "html", Options())
    if opens and output.is_chosen and output.file is None:
        raise UsageError("--open opens a file, and --out - writes none; name one")
    networks = load(targets, backbone=backbone, no_cache=no_cache)
    from effnet_inspect import library

    page = library.page(*networks)
    if output.goes_to_terminal or (opens and output.file is None):
        others = [network.key for network in networks[1:]]
        output = output._replace(file=default_file(networks[:1], others, "html"))
    output.write(page)
    if opens and output.file is not None:
        import webbrowser
        from pathlib import Path

        webbrowser.open(Path(output.file).resolve().as_uri())
