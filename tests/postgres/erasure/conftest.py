"""One arena for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.support.arena import Arena
from tests.support.databases import Databases


@pytest.fixture(scope="session")
def arena(session_databases: Databases) -> Iterator[Arena]:
    arena = Arena(session_databases, session_databases)
    yield arena
    arena.close()
