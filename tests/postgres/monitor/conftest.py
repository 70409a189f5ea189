"""A browser, for the tests of the monitor's page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.conftest import missing_ring
from tests.support import browser as program


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The installed Chromium, without a window."""
    if program.PROGRAM is None:
        missing_ring("Chromium is not installed")
    with program.chromium() as found:
        yield found
