"""The chain of a transformer, applied."""

from collections.abc import Callable
from pathlib import Path

import pytest

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.databases import MakeDatabase, Role
from tests.support.transforming import Works, make_works


@pytest.fixture
def works(
    pg_server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role], tmp_path: Path
) -> Works:
    return make_works(pg_server, make_database, make_role, tmp_path / "code")
