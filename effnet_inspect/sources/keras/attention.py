"""Keras' attention layers. Their products are those of the projections, of the scores and of the weighted values."""

from __future__ import annotations

from collections.abc import Mapping

from effnet_inspect.graph import Shape, elements
from effnet_inspect.sources.keras.rows import Config, Counted, LayerClass, Shapes, axes_of, counted
from effnet_inspect.sources.keras.values import several, whole
from effnet_inspect.sources.keras.windows import total

UNKNOWN = Counted(None, None, None, None)


def _three(config: Config, inputs: Shapes) -> tuple[Shape | None, Shape | None, Shape | None]:
    """Query, value and key of a call, which may name them; the key is the value where there is none.

    `argument_names` has, for each input, the name or the position of its argument.
    """
    names = config.get("argument_names") or range(len(inputs))
    order = {"query": 0, "value": 1, "key": 2}
    given: dict[int, Shape | None] = {}
    for name, shape in zip(names, inputs, strict=False):
        position = order.get(name) if isinstance(name, str) else name
        if position in (0, 1, 2):
            given.setdefault(position, shape)
    query, value = given.get(0), given.get(1)
    return query, value, given.get(2, value)


def _listed(config: Config, inputs: Shapes) -> tuple[Shape | None, Shape | None, Shape | None]:
    """The same of a layer that takes them as one list; masks are given by name and come behind."""
    names = config.get("argument_names") or [0] * len(inputs)
    own = [shape for name, shape in zip(names, inputs, strict=False) if name in (0, "inputs")]
    query, value = (own[at] if len(own) > at else None for at in (0, 1))
    return query, value, own[2] if len(own) > 2 else value


def _multi_head(config: Config, inputs: Shapes) -> Counted:
    query, value, key = _three(config, inputs)
    if not query or not value or not key:
        return UNKNOWN
    heads, key_dim = whole(config["num_heads"]), whole(config["key_dim"])
    value_dim = whole(config.get("value_dim") or key_dim)
    stated = config.get("output_shape")
    made = (query[-1],) if not stated else several(stated, len(stated) if isinstance(stated, (list, tuple)) else 1)
    widths = [
        (query, heads * key_dim),
        (key, heads * key_dim),
        (value, heads * value_dim),
        *([(query, heads * key_dim)] if config.get("use_gate") else []),
    ]
    out = elements((heads, value_dim, *made))
    weights = total(*(elements((shape[-1], width)) for shape, width in widths), out)
    biases = total(*(width for _, width in widths), elements(made))
    projections = total(*(elements((*shape, width)) for shape, width in widths), elements((*query[:-1], out)))
    axes = config.get("attention_axes")
    attended = range(len(query) - 1) if axes is None else axes_of(axes, len(query))
    products = None
    if len(query) == len(value):
        products = elements((*query[:-1], *(value[axis] for axis in attended), heads * (key_dim + value_dim)))
    parameters = total(weights, biases if config.get("use_bias", True) else 0)
    return Counted((*query[:-1], *made), parameters, total(projections, products))


def _group_query(config: Config, inputs: Shapes) -> Counted:
    query, value, key = _three(config, inputs)
    if not query or not value or not key:
        return UNKNOWN
    head = whole(config["head_dim"])
    own = whole(config["num_query_heads"]) * head
    shared = whole(config["num_key_value_heads"]) * head
    widths = [(query, own), (key, shared), (value, shared), *([(query, own)] if config.get("use_gate") else [])]
    out = elements((own, query[-1]))
    weights = total(*(elements((shape[-1], width)) for shape, width in widths), out)
    biases = total(*(width for _, width in widths), query[-1])
    projections = total(*(elements((*shape, width)) for shape, width in widths), elements((*query[:-1], out)))
    products = elements((*query[:-1], *value[:-1], 2 * own))
    parameters = total(weights, biases if config.get("use_bias", True) else 0)
    return Counted(query, parameters, total(projections, products))


def _dot_product(config: Config, inputs: Shapes) -> Counted:
    """Scores by "concat" are sums of hyperbolic tangents, not products of matrices."""
    query, value, key = _listed(config, inputs)
    by_sums = config.get("score_mode", "dot") == "concat"
    parameters = bool(config.get("use_scale")) + by_sums
    if not query or not value or not key:
        return Counted(None, parameters, None)
    scores = 0 if by_sums else elements((*query, *key[-2:-1]))
    return Counted((*query[:-1], value[-1]), parameters, total(scores, elements((*query[:-1], *value[-2:]))))


def _additive(config: Config, inputs: Shapes) -> Counted:
    """Its scores are scaled sums of hyperbolic tangents; products are those with the values alone."""
    query, value, _ = _listed(config, inputs)
    if not query or not value:
        return UNKNOWN
    parameters = query[-1] if config.get("use_scale", True) else 0
    return Counted((*query[:-1], value[-1]), parameters, elements((*query[:-1], *value[-2:])))


ATTENTION_LAYERS: Mapping[str, LayerClass] = {
    "MultiHeadAttention": counted("attention", _multi_head),
    "GroupQueryAttention": counted("attention", _group_query),
    "GroupedQueryAttention": counted("attention", _group_query),
    "Attention": counted("attention", _dot_product),
    "AdditiveAttention": counted("attention", _additive),
}
