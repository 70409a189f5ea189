"""The strategy on trial, for all tests of the kit."""

from collections.abc import Iterator

import pytest

from datasurface.testing.plugin import chosen_kit, examples
from datasurface.testing.trial import Trial


@pytest.fixture(scope="session")
def trial(pytestconfig: pytest.Config) -> Iterator[Trial]:
    """The strategy that the command line names, in its workshop, which is open as long as the run."""
    plugin, kit = chosen_kit(pytestconfig)
    with kit.open() as workshop:
        yield Trial(kit, workshop, examples(pytestconfig), plugin=plugin)
