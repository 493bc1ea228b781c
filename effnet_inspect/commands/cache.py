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
    from effnet_inspect.commands.streams import say
    from effnet_inspect.errors import RenderError
    from effnet_inspect.formatting import format_value
    from effnet_inspect.sources import shipped
    from effnet_inspect.sources.cache import Cache
    from effnet_inspect.words import pluralize

    cache = Cache.of_user()
    try:
        if clear:
            say(f"Removed {pluralize(cache.clear(), 'graph')} from {cache.folder}")
            return
        sizes = [entry.lstat().st_size for entry in cache.entries()]
    except OSError as error:
        task = "empty" if clear else "look into"
        raise RenderError(f"cannot {task} the cache {cache.folder}: {error.strerror or error}") from error
    say(f"{pluralize(len(sizes), 'graph')}, {format_value(sum(sizes), 'bytes')}, in {cache.folder}")
    for sentence in shipped.sentences():
        say(sentence)
