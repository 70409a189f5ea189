"""A server that may crash, the fields on it, and the table of what was killed at the end of the output."""

from collections.abc import Callable

import pytest

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.crash.field import Field
from tests.postgres.crash.kinds import Kind
from tests.postgres.merge.report import write_section
from tests.support.databases import Databases

KILLED = "boundaries at which work was killed, all of which converged"


@pytest.fixture(scope="session")
def field_of(server_that_crashes: PostgresServer) -> Callable[[Kind], Field]:
    """Fields by kind, made once."""
    fields: dict[str, Field] = {}

    def of(kind: Kind) -> Field:
        if kind.name not in fields:
            fields[kind.name] = Field.of(Databases(server_that_crashes), kind)
        return fields[kind.name]

    return of


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    write_section(terminalreporter, KILLED)
