"""Merge databases on two servers, one of which is away for a while."""

from collections.abc import Iterator
from functools import partial
from socket import socket

import pytest

from datasurface.errors import DataSurfaceError
from datasurface.operations.jobs import ingest
from datasurface.results import ResultCode
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.postgres.apply_faults.ground import Ground, in_force_of, make_ground
from tests.support.databases import Databases
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.statements import HeardConnection, Moment, When, heard

pytestmark = pytest.mark.slow


@pytest.fixture
def other_server(postgres_binaries: Binaries) -> Iterator[PostgresServer]:
    """A server that comes back on its port."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    careless = {"fsync": "off", "full_page_writes": "off"}
    with (
        temporary_folder("datasurface-other-") as folder,
        PostgresServer(folder / "data", settings=careless, binaries=postgres_binaries, fixed_port=port) as server,
    ):
        yield server


@pytest.fixture
def two(pg_server: PostgresServer, other_server: PostgresServer) -> Iterator[Ground]:
    """The ground with the forensic platform's merge database on a server of its own."""
    databases, others = Databases(pg_server), Databases(other_server)
    yield make_ground(databases, others)
    databases.close()


def refused(ground: Ground) -> DataSurfaceError:
    """The one error of an apply."""
    with pytest.raises(DataSurfaceError) as caught:
        ground.apply()
    return caught.value


def test_a_server_that_is_away_keeps_the_generation_before_in_force_for_all(
    two: Ground, other_server: PostgresServer
) -> None:
    two.put_back()
    before = two.stand()
    other_server.stop()

    error = refused(two)

    assert "cannot connect to merge_forensic" in error.message
    assert error.hint is not None
    assert two.in_force().number == 1
    assert two.stand_of(LIVE) == before[LIVE], "nothing is done on one platform that another one cannot do"
    other_server.start()
    two.apply()
    assert (two.in_force().number, two.stand()) == (2, two.undisturbed)


def test_a_server_that_goes_away_in_the_middle_leaves_no_mixed_generation_in_force(
    two: Ground, other_server: PostgresServer
) -> None:
    two.put_back()

    def stop(stopped: list[bool], moment: Moment, _session: HeardConnection) -> None:
        """When the forensic platform begins to do something, and the live one is done."""
        if moment.place == FORENSIC and moment.statement.startswith("ALTER TABLE") and not stopped:
            stopped.append(moment.when is When.BEFORE)
            other_server.stop()

    stopped: list[bool] = []
    stopping = partial(stop, stopped)
    with heard(lambda _: stopping, two.names):
        error = refused(two)

    assert stopped == [True]
    assert "merge database failed" in error.message
    assert two.in_force().number == 1
    result = ingest(in_force_of(two.before, two.access.credentials), LIVE, "Store1")
    assert result.code is ResultCode.DONE, result.error
    other_server.start()
    two.apply()
    assert two.in_force().number == 2
