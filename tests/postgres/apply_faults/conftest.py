"""A server that may crash, the ground on it, and the number of faults at the end of the output."""

from collections.abc import Iterator

import pytest

from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.postgres.apply_faults.ground import Ground, make_ground
from tests.postgres.merge.report import write_section
from tests.support.databases import Databases

FAULTS = "points at which apply was disturbed: the old or the new generation in force, whole, and the same in the end"


@pytest.fixture(scope="session")
def server_of_faults(postgres_binaries: Binaries) -> Iterator[PostgresServer]:
    """A server of these tests' own, which loses nothing when one of its processes is killed."""
    careless = {"fsync": "off", "full_page_writes": "off"}
    with (
        temporary_folder("datasurface-faults-") as folder,
        PostgresServer(folder / "data", settings=careless, binaries=postgres_binaries) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def ground(server_of_faults: PostgresServer) -> Ground:
    """The ground, made once."""
    return make_ground(Databases(server_of_faults))


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    write_section(terminalreporter, FAULTS)
