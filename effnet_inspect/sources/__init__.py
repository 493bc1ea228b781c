"""From a target to its LayerGraph: out of the cache or a file, or built by Keras in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from effnet_inspect.catalog.targets import BuiltTarget, FileTarget, PythonTarget, Target, parse_target
from effnet_inspect.graph import LayerGraph
from effnet_inspect.sources import shipped
from effnet_inspect.sources.cache import Cache


class Doing(NamedTuple):
    """What is going on, in a sentence, and how many of the models that take time are done."""

    sentence: str
    done: int
    total: int


Progress = Callable[[Doing], None]

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
        progress: told of each model that is not kept when its turn has come.

    Raises:
        UsageError: for a target that names nothing.
        SourceError: where a model cannot be built or read.
    """
    parsed = [parse_target(each) if isinstance(each, str) else each for each in targets]
    is_any_built = any(isinstance(each, BuiltTarget) for each in parsed)
    cache = Cache.of_user() if use_cache and is_any_built else None
    every = list(dict.fromkeys(parsed))
    graphs: dict[Target, LayerGraph] = {}
    for each in every:
        if cache and isinstance(each, BuiltTarget) and (kept := shipped.get(each) or cache.get(each)):
            graphs[each] = kept
    files = [each for each in every if isinstance(each, FileTarget)]
    variants = {each.text: each for each in every if isinstance(each, BuiltTarget) and each not in graphs}
    user_code = {each.text: each for each in every if isinstance(each, PythonTarget)}
    waiting = [*(each.text for each in files), *variants, *user_code]

    def started(text: str) -> None:
        if progress:
            progress(Doing(sentence(text), waiting.index(text), len(waiting)))

    def sentence(text: str) -> str:
        if text in user_code:
            return f"Running {text}: {WHY_USER_CODE_TAKES_SECONDS}"
        if text in variants:
            return f"Building {text} with Keras: {WHY_IT_TAKES_SECONDS}"
        return f"Reading {text}"

    for file in files:
        from effnet_inspect.sources.files import read_file

        started(file.text)
        graphs[file] = read_file(file)
    if variants or user_code:
        from effnet_inspect.sources.worker import build_apart

        for variant, graph in zip(variants.values(), build_apart(list(variants), started), strict=True):
            graphs[variant] = graph
            if cache:
                cache.put(graph)
        if user_code:
            run = build_apart(list(user_code), started, runs_user_code=True)
            graphs.update(zip(user_code.values(), run, strict=True))
    return [graphs[each] for each in parsed]
