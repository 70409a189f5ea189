"""A server that may crash, the ground on it, and the number of faults at the end of the output."""

import pytest

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.apply_faults.ground import Ground, make_ground
from tests.postgres.merge.report import write_section
from tests.support.databases import Databases

FAULTS = "points at which apply was disturbed: the old or the new generation in force, whole, and the same in the end"


@pytest.fixture(scope="session")
def ground(server_that_crashes: PostgresServer) -> Ground:
    """The ground, made once."""
    return make_ground(Databases(server_that_crashes))


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    write_section(terminalreporter, FAULTS)
