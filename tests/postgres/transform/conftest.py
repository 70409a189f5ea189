"""The chain of a transformer, applied."""

from collections.abc import Callable
from pathlib import Path

import pytest

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.databases import Databases, MakeDatabase, Role
from tests.support.transforming import Works, make_works


@pytest.fixture
def works(
    pg_server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role], tmp_path: Path
) -> Works:
    return make_works(pg_server, make_database, make_role, tmp_path / "code")


@pytest.fixture(scope="module")
def shared_works(
    pg_server: PostgresServer, session_databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Works:
    """One for all tests of a module, each of which leaves it as the next can begin with."""
    folder = tmp_path_factory.mktemp("works") / "code"
    return make_works(pg_server, session_databases.create, session_databases.role, folder)
