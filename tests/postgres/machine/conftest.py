"""Two databases, a session that looks at who waits, and what was played at the end of the output."""

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.merge.report import shown
from tests.support.arena import Arena
from tests.support.databases import Databases

PLAYED = "what happened to streams, after each of which the engine was where the oracle is"


@pytest.fixture
def arena(session_databases: Databases) -> Iterator[Arena]:
    arena = Arena(session_databases, session_databases)
    yield arena
    arena.close()


@pytest.fixture
def administrator(pg_server: PostgresServer) -> Iterator[Connection]:
    connection = psycopg2.connect(pg_server.url("postgres"))
    connection.autocommit = True
    yield connection
    connection.close()


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    if lines := shown(PLAYED, terminalreporter.stats.get("", [])):
        terminalreporter.section(PLAYED)
        terminalreporter.write_line("\n".join(lines))
