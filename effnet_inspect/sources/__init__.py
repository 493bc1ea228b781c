"""From a target to its LayerGraph: out of the cache, or built by Keras in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources.cache import Cache
from effnet_inspect.variants import Target, parse_target

Progress = Callable[[str], None]


def load(target: str | Target, *, use_cache: bool = True, progress: Progress | None = None) -> LayerGraph:
    """The graph of one target; see `load_all`.

    >>> load("b0")["stem_conv"].output_shape
    (112, 112, 32)
    """
    return load_all([target], use_cache=use_cache, progress=progress)[0]


def load_all(
    targets: Sequence[str | Target], *, use_cache: bool = True, progress: Progress | None = None
) -> list[LayerGraph]:
    """The graphs of all targets, in order.

    What is not kept in the cache is built, all of it in one process, and then kept.

    Args:
        targets: as `parse_target` reads them.
        use_cache: False builds everything afresh and keeps nothing.
        progress: told what is being built, a sentence each time.

    Raises:
        UsageError: for a target that names nothing.
        SourceError: where a model cannot be built or read.
    """
    parsed = [parse_target(each) if isinstance(each, str) else each for each in targets]
    cache = Cache.of_user() if use_cache else None
    graphs: dict[str, LayerGraph] = {}
    for each in parsed:
        if cache and each.text not in graphs and (kept := cache.get(each.text)):
            graphs[each.text] = kept
    missing = {each.text: each for each in parsed if each.text not in graphs}

    def started(text: str) -> None:
        if progress:
            count = f" ({list(missing).index(text) + 1} of {len(missing)})" if len(missing) > 1 else ""
            progress(f"Building {missing[text].title} with Keras{count}")

    if missing:
        from effnet_inspect.sources.worker import build_apart

        for graph in build_apart(list(missing), started):
            graphs[graph.target] = graph
            if cache:
                cache.put(graph)
    return [graphs[each.text] for each in parsed]
