"""From a target to its LayerGraph: out of the cache or a file, or built by Keras in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from effnet_inspect.catalog.targets import BuiltTarget, FileTarget, PythonTarget, Target, parse_target
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources import shipped
from effnet_inspect.sources.cache import Cache

Progress = Callable[[str], None]

WHY_IT_TAKES_SECONDS = "TensorFlow takes seconds to start"
WHY_USER_CODE_TAKES_SECONDS = "its framework takes seconds to start"


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

    Published variants come with the package, where the installed Keras would build the same. Others, and other networks
    of `keras.applications`, that are not kept in the cache are built, all of them in one process, and then kept; the
    user's own functions run in another one. Files are read, without Keras.

    Args:
        targets: as `parse_target` reads them.
        use_cache: False builds everything afresh and keeps nothing.
        progress: told what is being built, a sentence each time.

    Raises:
        UsageError: for a target that names nothing.
        SourceError: where a model cannot be built or read.
    """
    parsed = [parse_target(each) if isinstance(each, str) else each for each in targets]
    is_any_built = any(isinstance(each, BuiltTarget) for each in parsed)
    cache = Cache.of_user() if use_cache and is_any_built else None
    graphs: dict[Target, LayerGraph] = {}
    for each in dict.fromkeys(parsed):
        if isinstance(each, FileTarget):
            from effnet_inspect.sources.files import read_file

            graphs[each] = read_file(each)
        elif cache and isinstance(each, BuiltTarget) and (kept := shipped.get(each) or cache.get(each)):
            graphs[each] = kept
    user_code = {each.text: each for each in parsed if isinstance(each, PythonTarget)}
    variants = {each.text: each for each in parsed if each not in graphs and isinstance(each, BuiltTarget)}
    missing: dict[str, Target] = {**variants, **user_code}

    def started(text: str) -> None:
        if progress:
            count = f" ({list(missing).index(text) + 1} of {len(missing)})" if len(missing) > 1 else ""
            if text in user_code:
                progress(f"Running {text}{count}: {WHY_USER_CODE_TAKES_SECONDS}")
            else:
                progress(f"Building {missing[text].title} with Keras{count}: {WHY_IT_TAKES_SECONDS}")

    if missing:
        from effnet_inspect.sources.worker import build_apart

        for variant, graph in zip(variants.values(), build_apart(list(variants), started), strict=True):
            graphs[variant] = graph
            if cache:
                cache.put(graph)
        if user_code:
            graphs.update(
                zip(user_code.values(), build_apart(list(user_code), started, runs_user_code=True), strict=True)
            )
    return [graphs[each] for each in parsed]
