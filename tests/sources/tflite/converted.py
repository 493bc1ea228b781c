"""Files as TensorFlow's converter writes them: `python -m tests.sources.tflite.converted` makes those in `data` again.

Nearly all weights are alike, so that the files are small when compressed. TensorFlow takes minutes for all of them, so
the tests read what is kept.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy

from effnet_inspect.catalog.targets import VariantTarget, parse_target

DATA = Path(__file__).parents[1] / "data"

PREFIX = "tensorflow-2.21-"


def _as_it_is(converter: Any) -> None:
    """In floats."""


def _halved(converter: Any) -> None:
    import tensorflow

    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tensorflow.float16]


def _whole_numbers(converter: Any) -> None:
    import tensorflow

    def images() -> Iterator[list[Any]]:
        yield [numpy.random.default_rng(0).random((1, 224, 224, 3), dtype="float32")]

    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.representative_dataset = images
    converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tensorflow.int8


CONVERTED: dict[str, tuple[str, Callable[[Any], None]]] = {
    "b0-float16": ("b0", _halved),
    "lite0": ("lite0", _as_it_is),
    "lite0-int8": ("lite0", _whole_numbers),
    "v2-b0": ("v2-b0", _as_it_is),
}
"""File -> the variant, and how it is converted."""


def _filled(weights: Any, number: int) -> Any:
    """Nearly all alike, but no two arrays equal: the converter keeps equal ones once."""
    filled = numpy.full_like(weights, 0.5)
    filled.flat[0] = 0.5 - number / 2048
    return filled


def main() -> None:
    """Convert them all."""
    import tensorflow

    from effnet_inspect.sources.keras.builder import build_planned

    for name, (text, settings) in CONVERTED.items():
        target = parse_target(text)
        assert isinstance(target, VariantTarget)
        model = build_planned(target)
        model.set_weights([_filled(each, number) for number, each in enumerate(model.get_weights())])
        converter = tensorflow.lite.TFLiteConverter.from_keras_model(model)
        settings(converter)
        content = gzip.compress(converter.convert(), 9, mtime=0)
        (DATA / f"{PREFIX}{name}.tflite.gz").write_bytes(content)


if __name__ == "__main__":
    main()
