"""The models of the tests of sources serve these too."""

from tests.sources.conftest import models

__all__ = ["models"]
