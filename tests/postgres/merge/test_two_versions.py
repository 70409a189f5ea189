"""A producer on one version of PostgreSQL and a merge database on another: the same rows have the same hashes."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from datasurface.model import Dataset
from datasurface.testing.snapshots import TableShape
from datasurface_yellow.local.postgres_binaries import find_binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import PostgresServerError, temporary_folder
from tests.postgres.merge import scenarios
from tests.postgres.merge.play import Step, play
from tests.postgres.merge.scenarios import Scenario
from tests.postgres.merge.sequences import small_tables
from tests.postgres.merge.tables import TABLE
from tests.support.arena import Arena
from tests.support.databases import Databases
from tests.support.pipeline import FORENSIC

OTHER = {"15": "18", "18": "15"}
ALL = [value for value in vars(scenarios).values() if isinstance(value, Scenario)]


@pytest.fixture(scope="module")
def two_versions(session_databases: Databases) -> Iterator[Arena]:
    """An arena whose producer is on the other version than the session's server."""
    wanted = OTHER[session_databases.server.version.split(".")[0]]
    try:
        binaries = find_binaries(wanted)
    except PostgresServerError as error:
        pytest.skip(str(error))
    if binaries.major != wanted:
        pytest.skip(f"no PostgreSQL {wanted} on this machine")
    with (
        temporary_folder("datasurface-tests-") as folder,
        PostgresServer(folder / "data", settings={"fsync": "off"}, binaries=binaries) as server,
    ):
        databases = Databases(server)
        arena = Arena(databases, session_databases)
        yield arena
        arena.close()
        databases.close()


@pytest.mark.parametrize("scenario", ALL, ids=[scenario.name for scenario in ALL])
def test_what_a_batch_does_does_not_depend_on_the_versions(two_versions: Arena, scenario: Scenario) -> None:
    differences = scenario.run(two_versions)
    assert not differences, "\n".join(map(str, differences))


@pytest.mark.slow
def test_rows_of_every_type_have_the_same_hashes_on_both_servers(two_versions: Arena) -> None:
    @settings(
        max_examples=max(settings().max_examples * 3 // 10, 1),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(small_tables(2, 3))
    def hashes(drawn: tuple[TableShape, list[Step]]) -> None:
        shape, steps = drawn
        with two_versions.stage(Dataset(TABLE, columns=shape.columns)) as stage:
            assert play(stage, [*steps, steps[0]]) == []
            stage.put(steps[0].snapshot)
            live = {row.row: row.all_hash for row in stage.stored(FORENSIC, TABLE) if row.is_live}
            assert stage.source_hashes(TABLE) == stage.target_hashes(FORENSIC, TABLE) == live

    hashes()
