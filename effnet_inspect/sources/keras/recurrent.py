"""Keras' recurrent layers: a cell, applied once for each step of a sequence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from effnet_inspect.graph import Shape, elements
from effnet_inspect.sources.keras.rows import Config, Counted, LayerClass, Shapes, counted
from effnet_inspect.sources.keras.values import several, whole
from effnet_inspect.sources.keras.windows import divided, joined, total, window_lengths


class Cell(NamedTuple):
    """One step: the units it gives, its weights, each of which is used once a step, and its biases."""

    units: int
    weights: int | None
    biases: int


def _cell(config: Config, features: int | None, gates: int, rows_of_biases: int = 1) -> Cell:
    units = whole(config["units"])
    weights = None if features is None else gates * units * (features + units)
    return Cell(units, weights, gates * units * rows_of_biases if config.get("use_bias", True) else 0)


def _simple(config: Config, features: int | None) -> Cell:
    return _cell(config, features, 1)


def _lstm(config: Config, features: int | None) -> Cell:
    return _cell(config, features, 4)


def _gru(config: Config, features: int | None) -> Cell:
    """Reset after the product, it has a bias of its own for each of its two products; older files say nothing."""
    return _cell(config, features, 3, 2 if config.get("reset_after", False) else 1)


def _cudnn_lstm(config: Config, features: int | None) -> Cell:
    return _cell(config, features, 4, 2)


def _cudnn_gru(config: Config, features: int | None) -> Cell:
    return _cell(config, features, 3, 2)


CellRule = Callable[[Config, int | None], Cell]

CELLS: dict[str, CellRule] = {"SimpleRNNCell": _simple, "LSTMCell": _lstm, "GRUCell": _gru}


def _given_cell(config: Config, features: int | None) -> Cell | None:
    """The cell that a layer holds in its configuration, or several in a row; None where one is unknown."""
    entry = config.get("cell")
    if isinstance(entry, (list, tuple)):
        entry = {"class_name": "StackedRNNCells", "config": {"cells": entry}}
    if not isinstance(entry, Mapping) or entry.get("registered_name"):
        return None
    inner: Any = entry.get("config")
    if entry.get("class_name") != "StackedRNNCells":
        rule = CELLS.get(str(entry.get("class_name")))
        return rule(inner, features) if rule else None
    cells: list[Cell] = []
    for each in inner["cells"]:
        cell = _given_cell({"cell": each}, cells[-1].units if cells else features)
        if cell is None:
            return None
        cells.append(cell)
    return Cell(cells[-1].units, total(*(cell.weights for cell in cells)), sum(cell.biases for cell in cells))


def _over_steps(cell: Cell | None, config: Config, shape: Shape | None) -> Counted:
    if cell is None:
        return Counted(None, None, None, None)
    steps = shape[0] if shape else None
    made: Shape = (steps, cell.units) if config.get("return_sequences") else (cell.units,)
    return Counted(made if shape else None, total(cell.weights, cell.biases), elements((steps, cell.weights)))


def _features(inputs: Shapes) -> int | None:
    shape = inputs[0] if inputs else None
    return elements(shape[1:]) if shape else None


def _sequence(rule: Callable[[Config, int | None], Cell | None]) -> Callable[[Config, Shapes], Counted]:
    return lambda config, inputs: _over_steps(rule(config, _features(inputs)), config, inputs[0] if inputs else None)


def _one_step(rule: CellRule) -> Callable[[Config, Shapes], Counted]:
    def of_inputs(config: Config, inputs: Shapes) -> Counted:
        shape = inputs[0] if inputs else None
        cell = rule(config, shape[-1] if shape else None)
        return Counted((cell.units,), total(cell.weights, cell.biases), cell.weights)

    return of_inputs


def _stacked(config: Config, inputs: Shapes) -> Counted:
    shape = inputs[0] if inputs else None
    cell = _given_cell({"cell": list(config["cells"])}, shape[-1] if shape else None)
    if cell is None:
        return Counted(None, None, None, None)
    return Counted((cell.units,), total(cell.weights, cell.biases), cell.weights)


def _convolutional(rank: int) -> Callable[[Config, Shapes], Counted]:
    """Four gates, each the sum of a convolution of the input and one of the state, whose sides it keeps."""

    def of_inputs(config: Config, inputs: Shapes) -> Counted:
        shape = inputs[0] if inputs else None
        steps = shape[0] if shape else None
        sizes, channels = divided(config, shape[1:] if shape else None, rank)
        filters = whole(config["filters"])
        area = math.prod(several(config["kernel_size"], rank))
        weights = None if channels is None else area * (channels + filters) * 4 * filters
        lengths = window_lengths(config, sizes)
        made = joined(config, lengths, filters)
        biases = 4 * filters if config.get("use_bias", True) else 0
        return Counted(
            (steps, *made) if config.get("return_sequences") else made,
            total(weights, biases),
            elements((steps, *lengths, weights)),
        )

    return of_inputs


def _bidirectional(config: Config, inputs: Shapes) -> Counted:
    """A layer and its like, which reads the sequence backwards; what both give is joined."""
    forward = _held(config["layer"], inputs)
    backward = _held(config["backward_layer"], inputs) if config.get("backward_layer") else forward
    shape = forward.shape
    if config.get("merge_mode", "concat") == "concat" and shape:
        shape = (*shape[:-1], elements((shape[-1], 2)))
    return Counted(
        shape,
        total(forward.parameters, backward.parameters),
        total(forward.macs, backward.macs),
        total(forward.frozen, backward.frozen),
    )


def _held(entry: Config, inputs: Shapes) -> Counted:
    row = RECURRENT_LAYERS.get(str(entry["class_name"]))
    if row is None or row.counts is None or entry.get("registered_name"):
        return Counted(None, None, None, None)
    return row.counts(entry["config"], inputs)


RECURRENT_LAYERS: dict[str, LayerClass] = {
    name: counted("recurrent", counts)
    for name, counts in {
        "SimpleRNN": _sequence(_simple),
        "LSTM": _sequence(_lstm),
        "GRU": _sequence(_gru),
        "CuDNNLSTM": _sequence(_cudnn_lstm),
        "CuDNNGRU": _sequence(_cudnn_gru),
        "RNN": _sequence(_given_cell),
        "SimpleRNNCell": _one_step(_simple),
        "LSTMCell": _one_step(_lstm),
        "GRUCell": _one_step(_gru),
        "StackedRNNCells": _stacked,
        "ConvLSTM1D": _convolutional(1),
        "ConvLSTM2D": _convolutional(2),
        "ConvLSTM3D": _convolutional(3),
        "Bidirectional": _bidirectional,
    }.items()
}
