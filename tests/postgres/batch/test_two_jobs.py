"""Two jobs of one stream: who comes second touches nothing, and who was overtaken writes nothing."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Identifier

from datasurface.errors import Fenced
from datasurface.milestoning.strategy import Batch
from datasurface.results import JobResult, ResultCode
from datasurface_yellow.batch.records import Records
from datasurface_yellow.store.catalog import platform_names
from datasurface_yellow.store.connection import closing, connect, place
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import (
    Tables,
    assert_done,
    assert_laws_hold,
    batch_log,
    counter,
    is_copied,
    stored_result,
    tables,
)
from tests.support.sessions import Watch, at_work, beside, holding, until

PLATFORMS = [LIVE, FORENSIC]


def _all_but_results(pipeline: Pipeline) -> Tables:
    return {name: rows for name, rows in tables(pipeline).items() if not name.endswith("_job_result")}


@pytest.mark.short
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("batches_before", [0, 1])
def test_the_second_of_two_jobs_touches_nothing(
    people_and_pets: Pipeline, platform: str, batches_before: int, watch: Watch
) -> None:
    for _ in range(batches_before):
        assert_done(people_and_pets.run(platform))
    people_and_pets.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    with (
        holding(people_and_pets.source, "LOCK TABLE people") as producer,
        at_work(people_and_pets, platform) as first,
    ):
        until(watch.waits_for_lock(people_and_pets.source), first)
        before = _all_but_results(people_and_pets)

        second = people_and_pets.run(platform)

        assert _all_but_results(people_and_pets) == before
        _assert_kept_out(people_and_pets, platform, second)
        producer.rollback()
        assert_done(first.result())
    assert first.result().batch == batches_before + 1
    assert is_copied(people_and_pets, platform, "people")


def _assert_kept_out(pipeline: Pipeline, platform: str, result: JobResult) -> None:
    assert (result.code, result.batch, result.datasets) == (ResultCode.ERROR, None, {})
    error = result.error
    assert error is not None
    assert error.type == "StreamBusy"
    assert f"another job works on stream Store1 of {platform} (datasurface {platform} Store1 run-" in error.message
    assert "touched nothing" in error.message
    assert error.hint is not None
    assert "wait for it to end" in error.hint
    assert stored_result(pipeline, platform, result.run_id) == result.document()


def test_jobs_of_two_platforms_on_one_store_do_not_wait_for_each_other(people_and_pets: Pipeline, watch: Watch) -> None:
    with (
        holding(people_and_pets.target, "LOCK TABLE yellowlive_store1_people_merge IN SHARE MODE"),
        at_work(people_and_pets, LIVE) as live,
    ):
        until(watch.waits_for_lock(people_and_pets.target), live)
        assert_done(people_and_pets.run(FORENSIC))
        watch.end(people_and_pets.target)


def test_who_holds_the_stream_is_named_even_where_its_session_belongs_to_another_role(
    people_and_pets: Pipeline, watch: Watch
) -> None:
    with (
        holding(people_and_pets.source, "LOCK TABLE people") as producer,
        at_work(people_and_pets, LIVE) as job,
    ):
        until(watch.waits_for_lock(people_and_pets.source), job)
        [(key,)] = fetch(
            people_and_pets.target,
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        producer.rollback()
        assert_done(job.result())
    with holding(people_and_pets.target, "SET application_name = 'an operator''s psql'") as operator:
        with operator.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (key,))

        error = people_and_pets.run(LIVE).error

    assert error is not None
    assert error.type == "StreamBusy"
    assert "an operator's psql" in error.message


@pytest.fixture
def sessions(people_and_pets: Pipeline) -> Iterator[list[Connection]]:
    """Two sessions of the merge writer."""
    where = place(people_and_pets.container(people_and_pets.target, "writer"), people_and_pets.access.credentials)
    with closing(connect(where, "first")) as first, closing(connect(where, "second")) as second:
        yield [first, second]


def test_an_overtaken_session_is_fenced_even_when_it_asked_first(
    sessions: list[Connection], people_and_pets: Pipeline, watch: Watch
) -> None:
    old, new = (Records(session, platform_names(LIVE, "public"), "Store1") for session in sessions)
    assert old.lock_counter() == (0, 0)
    old.advance(Batch(1, 1))
    sessions[0].commit()
    old.fence(Batch(1, 1))  # nobody has overtaken it yet
    sessions[0].commit()
    new.lock_counter()
    new.advance(Batch(1, 2))

    with beside(lambda: old.fence(Batch(1, 1))) as fencing:
        until(lambda: bool(fetch(people_and_pets.target, "SELECT FROM pg_locks WHERE NOT granted")))
        sessions[1].commit()

        with pytest.raises(Fenced, match="a later job took stream Store1 over while batch 1 was at work"):
            fencing.result()
    sessions[0].rollback()
    new.fence(Batch(1, 2))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_job_that_was_overtaken_while_it_waited_for_the_source_writes_nothing(
    people_and_pets: Pipeline, platform: str, watch: Watch
) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("DELETE FROM people WHERE id <= 5")
    with (
        holding(people_and_pets.source, "LOCK TABLE people") as producer,
        at_work(people_and_pets, platform) as zombie,
    ):
        until(watch.waits_for_lock(people_and_pets.source), zombie)
        _overtake(people_and_pets, platform)
        before = _all_but_results(people_and_pets)
        producer.rollback()
        _assert_fenced(zombie.result())
    assert _all_but_results(people_and_pets) == before

    assert_done(people_and_pets.run(platform))
    assert counter(people_and_pets, platform) == 2


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_job_that_was_overtaken_after_it_staged_does_not_merge(
    people_and_pets: Pipeline, platform: str, watch: Watch
) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("DELETE FROM people WHERE id <= 5")
    staging, counters = f"{platform.lower()}_store1_pets_staging", f"{platform.lower()}_batch_counter"
    with (
        holding(people_and_pets.target, f"LOCK TABLE {staging} IN SHARE MODE") as gate,
        at_work(people_and_pets, platform) as zombie,
    ):
        until(watch.waits_for_lock(people_and_pets.target), zombie)
        # In line for the counter's table: the lock comes between the zombie's two transactions.
        line = f"LOCK TABLE {counters} IN EXCLUSIVE MODE"
        with beside(lambda: _overtake(people_and_pets, platform, line)):
            until(lambda: _waiting(people_and_pets) == 2, zombie)
            gate.rollback()
        _assert_fenced(zombie.result())
    assert [row[1] for row in batch_log(people_and_pets, platform)] == ["COMMITTED", "INGESTED"]
    assert not is_copied(people_and_pets, platform, "people")

    assert_done(people_and_pets.run(platform))
    assert is_copied(people_and_pets, platform, "people")
    assert_laws_hold(people_and_pets, platform)


def _overtake(pipeline: Pipeline, platform: str, *before: str) -> None:
    """Take a new token, as a later job does when it begins."""
    counter_table = Identifier(f"{platform.lower()}_batch_counter")
    execute(pipeline.target, *before, SQL("UPDATE {} SET token = token + 1").format(counter_table))


def _waiting(pipeline: Pipeline) -> int:
    return len(fetch(pipeline.target, "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation'"))


def _assert_fenced(result: JobResult) -> None:
    assert result.error is not None
    assert result.error.type == "Fenced"
    assert "a later job took stream Store1 over" in result.error.message


@pytest.mark.parametrize("ends_badly", [False, True])
def test_locks_are_gone_with_what_was_not_committed_however_late_the_server_sees_the_session_end(
    people_and_pets: Pipeline, ends_badly: bool
) -> None:
    first = psycopg2.connect(people_and_pets.target.url, connection_factory=_SeenLate)
    with suppress(_Refused), closing(first):
        Records(first, platform_names(FORENSIC, "public"), "Store1").take_until_commit()
        if ends_badly:
            raise _Refused

    assert_done(people_and_pets.run(FORENSIC))


class _Refused(Exception):
    pass


class _SeenLate(Connection):
    def close(self) -> None:
        """The server does not hear of it before the object is gone."""
