"""Merge databases that stand still, go away or crash under a job: nothing is half done, and the next run continues."""

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from attrs import evolve, frozen

from datasurface_yellow.local.liveness import free_port
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.support.databases import Database, Databases, Role
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline
from tests.support.records import assert_done, assert_laws_hold, batch_log, counter, is_copied, merge_tables
from tests.support.refusals import Refusal, assert_refused, assert_untouched, state_of
from tests.support.sessions import Watch, at_work, holding, until

PLATFORMS = [LIVE, FORENSIC]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("batches_before", [0, 1])
def test_a_merge_table_that_stays_locked_is_given_up_after_the_lock_wait(
    people_and_pets: Pipeline, platform: str, batches_before: int
) -> None:
    for _ in range(batches_before):
        assert_done(people_and_pets.run(platform))
    people_and_pets.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    before = state_of(people_and_pets, platform)
    people_and_pets.change_platforms(lambda found: evolve(found, lock_wait=timedelta(milliseconds=200)))
    refusal = Refusal("StoreUnavailable", None, "lock timeout", "another session of the merge database holds")

    with holding(people_and_pets.target, f"LOCK TABLE {platform.lower()}_store1_people_merge"):
        result = people_and_pets.run(platform)

    assert_refused(people_and_pets, platform, result, refusal)
    assert_untouched(people_and_pets, platform, before, tried=batches_before + 1)
    assert_done(people_and_pets.run(platform))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_session_that_is_ended_in_the_middle_of_a_merge_leaves_nothing(
    people_and_pets: Pipeline, platform: str, watch: Watch
) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("UPDATE people SET city = 'new' WHERE id <= 5", "DELETE FROM pets WHERE id = 1")
    before = merge_tables(people_and_pets, platform)
    locked = f"LOCK TABLE {platform.lower()}_store1_pets_merge IN SHARE MODE"
    with holding(people_and_pets.target, locked), at_work(people_and_pets, platform) as job:
        until(watch.waits_for_lock(people_and_pets.target), job)
        watch.end(people_and_pets.target)
        _assert_lost(job.result().error, "server closed the connection unexpectedly")
    assert merge_tables(people_and_pets, platform) == before
    assert batch_log(people_and_pets, platform)[-1][:2] == (2, "INGESTED")

    assert_done(people_and_pets.run(platform))
    assert counter(people_and_pets, platform) == 2
    assert_laws_hold(people_and_pets, platform)


def _assert_lost(error: object, says: str) -> None:
    assert getattr(error, "type", None) == "StoreUnavailable", error
    assert says in getattr(error, "message", ""), error
    assert "tries again" in getattr(error, "hint", ""), error


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_merge_database_that_cannot_be_reached(people_and_pets: Pipeline, platform: str) -> None:
    people_and_pets.change_platforms(
        lambda found: evolve(found, merge_database=evolve(found.merge_database, port=free_port()))
    )

    result = people_and_pets.run(platform)

    assert result.batch is None
    assert result.error is not None
    assert result.error.type == "StoreUnavailable"
    assert f"{platform}, stream Store1: cannot connect to" in result.error.message
    assert "Connection refused" in result.error.message
    assert result.error.hint == "check that the server runs and that host and port are right"


@frozen
class Apart:
    """A pipeline whose merge database stands on a server of its own, which does not lose what it has committed."""

    pipeline: Pipeline
    server: PostgresServer

    def crash(self) -> None:
        """Kill the server and all its processes at once, as the loss of power would."""
        [postmaster] = (self.server.data / "postmaster.pid").read_text().splitlines()[:1]
        os.kill(int(postmaster), signal.SIGKILL)


@pytest.fixture
def apart(
    pg_server: PostgresServer,
    postgres_binaries: Binaries,
    make_database: Callable[[str], Database],
    make_role: Callable[[str], Role],
) -> Iterator[Apart]:
    with (
        temporary_folder("datasurface-store-") as folder,
        PostgresServer(folder / "data", fixed_port=free_port(), binaries=postgres_binaries) as server,
    ):
        theirs = Databases(server)
        pipeline = make_pipeline(
            pg_server,
            lambda hint, _template=None: (make_database if hint == "customer_db" else theirs.create)(hint),
            lambda hint: (make_role if hint == "reader" else theirs.role)(hint),
            [PEOPLE, PETS],
            *CREATE,
            *fill(people=500, pets=100),
        )
        yield Apart(pipeline, server)


def test_a_server_that_is_killed_in_the_middle_of_a_batch_keeps_what_was_committed_and_nothing_else(
    apart: Apart,
) -> None:
    pipeline = apart.pipeline
    for platform in PLATFORMS:
        assert_done(pipeline.run(platform))
    before = {platform: merge_tables(pipeline, platform) for platform in PLATFORMS}
    pipeline.producer("UPDATE people SET city = 'new' WHERE id <= 5", "DELETE FROM pets WHERE id = 1")
    held = "LOCK TABLE yellowlive_store1_pets_merge, yellowforensic_store1_pets_merge IN SHARE MODE"
    with (
        Watch.over(apart.server) as watch,
        holding(pipeline.target, held),
        at_work(pipeline, LIVE) as live,
        at_work(pipeline, FORENSIC) as forensic,
    ):
        until(lambda: watch.count_waiting(pipeline.target) == 2)
        apart.crash()
        for job in (live, forensic):
            _assert_lost(job.result().error, "the merge database failed")
    apart.server.stop()
    apart.server.start()

    for platform in PLATFORMS:
        assert merge_tables(pipeline, platform) == before[platform]
        assert batch_log(pipeline, platform)[-1][:2] == (2, "INGESTED")
        assert_done(pipeline.run(platform))
        assert counter(pipeline, platform) == 2
        assert is_copied(pipeline, platform, "people")
        assert is_copied(pipeline, platform, "pets")
        assert_laws_hold(pipeline, platform)
