"""Producers that are not there, do not let us in, or go away or stand still while they are read: one clear error each,
nothing changed, and the next good run continues.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg2
import pytest
from attrs import evolve
from psycopg2.sql import SQL, Identifier, Literal

from datasurface_yellow.local.liveness import free_port
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.postgres.conftest import NewPipeline
from tests.support.databases import Database, Databases, Role
from tests.support.people import CREATE, PEOPLE, PETS, fill, with_pause
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline
from tests.support.records import assert_done, is_copied
from tests.support.refusals import Refusal, State, assert_refused, assert_untouched, state_of
from tests.support.sessions import Watch, at_work, holding, pausing, until

PLATFORMS = [LIVE, FORENSIC]
Execute = Callable[..., None]


@pytest.fixture
def administrator(pg_server: PostgresServer) -> Iterator[Execute]:
    """Runs a statement with these names and this literal on the server, outside of any pipeline's databases."""
    connection = psycopg2.connect(pg_server.url("postgres"))
    connection.autocommit = True

    def execute(statement: str, *names: str, literal: str = "") -> None:
        with connection.cursor() as cursor:
            cursor.execute(SQL(statement).format(*map(Identifier, names), literal=Literal(literal)))

    yield execute
    connection.close()


def _with_work_to_do(pipeline: Pipeline) -> dict[str, State]:
    """Make the live platform's first load and the forensic one's second batch due."""
    assert_done(pipeline.run(FORENSIC))
    pipeline.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    return {platform: state_of(pipeline, platform) for platform in PLATFORMS}


def _assert_both_refuse(pipeline: Pipeline, before: dict[str, State], refusal: Refusal) -> None:
    for platform in PLATFORMS:
        assert_refused(pipeline, platform, pipeline.run(platform), refusal)
        assert_untouched(pipeline, platform, before[platform], tried=before[platform].batch + 1)


def _assert_both_continue(pipeline: Pipeline, before: dict[str, State]) -> None:
    for platform in PLATFORMS:
        healed = pipeline.run(platform)
        assert_done(healed)
        assert healed.batch == before[platform].batch + 1
        assert is_copied(pipeline, platform, "people")


def test_wrong_password(new_pipeline: NewPipeline, administrator: Execute) -> None:
    pipeline = new_pipeline([PEOPLE, PETS], *CREATE, *fill(people=500))
    reader = pipeline.access.reader
    before = _with_work_to_do(pipeline)
    administrator("ALTER ROLE {} PASSWORD {literal}", reader.name, literal="another")

    refusal = Refusal(
        "SourceUnavailable", None, "password authentication failed", "user and password of credential 'reader'"
    )
    _assert_both_refuse(pipeline, before, refusal)

    administrator("ALTER ROLE {} PASSWORD {literal}", reader.name, literal=reader.password)
    _assert_both_continue(pipeline, before)


def test_missing_database(people_and_pets: Pipeline, administrator: Execute) -> None:
    name = people_and_pets.source.name
    before = _with_work_to_do(people_and_pets)
    administrator("ALTER DATABASE {} RENAME TO {}", name, f"{name}_moved")

    refusal = Refusal("SourceUnavailable", None, f'database "{name}" does not exist', "check that the database exists")
    _assert_both_refuse(people_and_pets, before, refusal)

    administrator("ALTER DATABASE {} RENAME TO {}", f"{name}_moved", name)
    _assert_both_continue(people_and_pets, before)


def test_no_right_to_connect(people_and_pets: Pipeline, administrator: Execute) -> None:
    name = people_and_pets.source.name
    before = _with_work_to_do(people_and_pets)
    administrator("REVOKE CONNECT ON DATABASE {} FROM PUBLIC", name)

    refusal = Refusal("SourceUnavailable", None, f'permission denied for database "{name}"', "may connect")
    _assert_both_refuse(people_and_pets, before, refusal)

    administrator("GRANT CONNECT ON DATABASE {} TO PUBLIC", name)
    _assert_both_continue(people_and_pets, before)


def test_the_producers_server_is_down(
    pg_server: PostgresServer,
    postgres_binaries: Binaries,
    make_database: Callable[[str], Database],
    make_role: Callable[[str], Role],
) -> None:
    with temporary_folder("datasurface-producer-") as folder:
        producer = PostgresServer(folder / "data", fixed_port=free_port(), binaries=postgres_binaries)
        with producer:
            theirs = Databases(producer)  # their server and all that is on it goes with its folder
            pipeline = make_pipeline(
                pg_server,
                lambda hint, _template=None: (theirs.create if hint == "customer_db" else make_database)(hint),
                lambda hint: (theirs.role if hint == "reader" else make_role)(hint),
                [PEOPLE, PETS],
                *CREATE,
                *fill(people=500, pets=100),
            )
            before = _with_work_to_do(pipeline)
            producer.stop()
            refusal = Refusal("SourceUnavailable", None, "Connection refused", "check that the server runs")
            _assert_both_refuse(pipeline, before, refusal)

            producer.start()
            _assert_both_continue(pipeline, before)


@pytest.fixture
def crowd(copied_pipeline: NewPipeline) -> Pipeline:
    """20,000 people, so that much has been sent when a read of them stops at number 15,000."""
    return copied_pipeline([PEOPLE, PETS], *CREATE, *fill(people=20_000, pets=100), *with_pause("people", at=15_000))


LOST = Refusal("SourceUnavailable", "people", "terminating connection due to administrator command", "reads again")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_source_goes_away_in_the_middle_of_a_first_load(
    crowd: Pipeline, platform: str, watch: Watch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = state_of(crowd, platform)
    with pausing(crowd.source), at_work(crowd, platform) as job:
        until(watch.waits_for_lock(crowd.source), job)
        watch.end(crowd.source)
        assert_refused(crowd, platform, job.result(), LOST)
    assert_untouched(crowd, platform, before, tried=1)
    assert capfd.readouterr().err == ""

    assert_done(crowd.run(platform))
    assert is_copied(crowd, platform, "people")


@pytest.mark.short
@pytest.mark.parametrize("reading", ["sums", "rows"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_source_goes_away_in_the_middle_of_a_later_batch(
    crowd: Pipeline, platform: str, reading: str, watch: Watch
) -> None:
    assert_done(crowd.run(platform))
    crowd.producer("UPDATE people SET city = 'new' WHERE id % 2 = 0", "DELETE FROM pets WHERE id = 7")
    before = state_of(crowd, platform)
    with pausing(crowd.source) as pause, at_work(crowd, platform) as job:
        until(watch.waits_for_lock(crowd.source), job)
        for _ in ("fingerprint", "buckets") if reading == "rows" else ():
            pause.let_one_pass()
            until(watch.waits_for_lock(crowd.source), job)
        watch.end(crowd.source)
        # Of a query that is no COPY the driver may only know that the connection is gone.
        lost = LOST if reading == "rows" else evolve(LOST, says="reading the source failed")
        assert_refused(crowd, platform, job.result(), lost)
    assert_untouched(crowd, platform, before, tried=2)

    healed = crowd.run(platform)
    assert_done(healed)
    assert (healed.datasets["people"].updated, healed.datasets["pets"].deleted) == (10_000, 1)
    assert is_copied(crowd, platform, "people")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_source_that_stands_still_is_given_up_after_the_read_limit(crowd: Pipeline, platform: str) -> None:
    before = state_of(crowd, platform)
    crowd.change_platforms(lambda platform: evolve(platform, read_limit=timedelta(milliseconds=300)))
    refusal = Refusal("SourceUnavailable", "people", "canceling statement due to statement timeout", "read_limit")
    with pausing(crowd.source):
        assert_refused(crowd, platform, crowd.run(platform), refusal)
    assert_untouched(crowd, platform, before, tried=1)

    crowd.change_platforms(lambda platform: evolve(platform, read_limit=timedelta(minutes=1)))
    assert_done(crowd.run(platform))


def test_a_table_that_stays_locked_is_given_up_after_the_lock_wait(people_and_pets: Pipeline) -> None:
    before = _with_work_to_do(people_and_pets)
    people_and_pets.change_platforms(lambda platform: evolve(platform, lock_wait=timedelta(milliseconds=200)))
    refusal = Refusal("SourceUnavailable", "pets", "lock timeout", "another session of the producer holds the table")
    with holding(people_and_pets.source, "LOCK TABLE pets"):
        _assert_both_refuse(people_and_pets, before, refusal)

    _assert_both_continue(people_and_pets, before)
