"""The models of the tests of sources serve these too."""

import pytest

from effnet_inspect.sources.cache import framework_version
from tests.sources.conftest import models

__all__ = ["models", "skip_what_keras_leaves_open"]


def skip_what_keras_leaves_open(case: str) -> None:
    """Keras before 3.5 leaves a Sequential model without shapes and weights where it reads its JSON."""
    is_old = tuple(map(int, framework_version("keras").split(".")[:2])) < (3, 5)
    if is_old and case.startswith("sequential"):
        pytest.skip("Keras before 3.5 reads a Sequential model without its shapes")
