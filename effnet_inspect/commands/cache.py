"""`effnet-inspect cache`."""

from __future__ import annotations

import click


@click.command("cache")
@click.option("--clear", is_flag=True, help="Remove all cached graphs.")
def command(clear: bool) -> None:
    """Show where built graphs are cached and how much space they take, or remove them.

    \b
      effnet-inspect cache
      effnet-inspect cache --clear
    """
    from effnet_inspect.errors import RenderError
    from effnet_inspect.formatting import format_value
    from effnet_inspect.sources.cache import Cache
    from effnet_inspect.words import pluralize

    cache = Cache.of_user()
    if clear:
        try:
            count = cache.clear()
        except OSError as error:
            raise RenderError(f"cannot empty {cache.folder}: {error.strerror}") from error
        click.echo(f"Removed {pluralize(count, 'graph')} from {cache.folder}")
        return
    entries = list(cache.entries())
    size = format_value(sum(entry.stat().st_size for entry in entries), "bytes")
    click.echo(f"{pluralize(len(entries), 'graph')}, {size}, in {cache.folder}")
