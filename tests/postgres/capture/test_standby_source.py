"""A hot standby as the source: read as its primary is, and given up with one clear error where the primary takes away
what is read. As the merge database it is refused.
"""

from collections.abc import Iterator, Sequence
from typing import cast

import pytest
from attrs import evolve

from datasurface.errors import StoreUnavailable
from datasurface.results import DatasetCounts
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.support.databases import Database, Databases
from tests.support.people import CREATE, PEOPLE, PETS, fill, with_pause
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline
from tests.support.queries import execute_each
from tests.support.records import assert_done, assert_laws_hold, is_copied, tables
from tests.support.refusals import Refusal, assert_refused, assert_untouched, state_of
from tests.support.sessions import Watch, at_work, holding, pausing, until
from tests.support.standbys import Standby, standby_of

PLATFORMS = [LIVE, FORENSIC]
CARELESS = {"fsync": "off", "full_page_writes": "off"}


@pytest.fixture(scope="module")
def standby(postgres_binaries: Binaries) -> Iterator[Standby]:
    """A primary, and a standby that lets no read delay what it follows."""
    with (
        temporary_folder("datasurface-standby-") as folder,
        PostgresServer(folder / "primary" / "data", settings=CARELESS, binaries=postgres_binaries) as primary,
        standby_of(
            primary, folder / "standby", postgres_binaries, fsync="off", max_standby_streaming_delay="0"
        ) as following,
    ):
        yield following


@pytest.fixture
def databases(standby: Standby) -> Iterator[Databases]:
    made = Databases(standby.primary)
    yield made
    made.close()


@pytest.fixture
def pipeline(standby: Standby, databases: Databases) -> Pipeline:
    """People in partitions below a view that can be stopped, and pets. Written on the primary, read on the standby."""
    made = make_pipeline(
        standby.primary,
        databases.create,
        databases.role,
        [PEOPLE, PETS],
        *CREATE,
        *fill(people=500, pets=100),
        "ALTER TABLE people RENAME TO part",
        "CREATE TABLE people (LIKE part) PARTITION BY RANGE (id)",
        "ALTER TABLE people ATTACH PARTITION part FOR VALUES FROM (0) TO (100000)",
        *with_pause("people", at=300),
    )
    made.read_at(standby.server.port)
    standby.catch_up()
    return made


@pytest.fixture
def copy(standby: Standby, pipeline: Pipeline) -> Database:
    """The producer's database on the standby."""
    return evolve(pipeline.source, url=standby.server.url(pipeline.source.name))


@pytest.fixture
def watch(standby: Standby) -> Iterator[Watch]:
    with Watch.over(standby.server) as watching:
        yield watching


def test_a_standby_is_read_as_its_primary_is(standby: Standby, pipeline: Pipeline) -> None:
    for platform in PLATFORMS:
        assert_done(pipeline.run(platform))
    pipeline.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    standby.catch_up()
    for platform in PLATFORMS:
        result = pipeline.run(platform)
        assert_done(result)
        assert result.datasets["people"] == DatasetCounts(500, 0, 5, 0, 495)
        assert is_copied(pipeline, platform, "people")
        assert is_copied(pipeline, platform, "pets")
        assert_laws_hold(pipeline, platform)
    # The standby numbers transactions as its primary does, so the log says what was seen in the primary's terms.
    seen = "SELECT pg_snapshot_xmax(source_snapshot::pg_snapshot)::text::bigint FROM yellowlive_batch_metrics"
    [(before,), (after,)] = pipeline.query(f"{seen} ORDER BY batch")
    [(now,)] = pipeline.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    assert cast(int, before) < cast(int, after) < cast(int, now)


def test_a_reload_on_the_primary_is_waited_for(
    standby: Standby, pipeline: Pipeline, copy: Database, watch: Watch
) -> None:
    assert_done(pipeline.run(LIVE))
    with holding(pipeline.source, "CREATE TABLE kept AS TABLE part", "TRUNCATE part") as producer:
        standby.catch_up()
        with at_work(pipeline, LIVE) as job:
            until(watch.waits_for_lock(copy), job)
            with producer.cursor() as cursor:
                cursor.execute("INSERT INTO part SELECT * FROM kept WHERE id <= 450")
            producer.commit()
            result = job.result()

    assert_done(result)
    assert (result.datasets["people"].read, result.datasets["people"].deleted) == (450, 50)


CONFLICT = Refusal(
    "SourceUnavailable",
    "people",
    "the standby cancelled the read: canceling statement due to conflict with recovery",
    "hot_standby_feedback",
)
TAKEN_AWAY = {
    "old rows": ("DELETE FROM part WHERE id > 400", "VACUUM part"),
    "a table": ("TRUNCATE part", "INSERT INTO part SELECT i, 'new', NULL FROM generate_series(1, 400) i"),
}


@pytest.mark.parametrize("taken", TAKEN_AWAY.values(), ids=TAKEN_AWAY.keys())
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_read_that_the_primary_takes_something_from_changes_nothing(
    standby: Standby, pipeline: Pipeline, copy: Database, watch: Watch, platform: str, taken: Sequence[str]
) -> None:
    assert_done(pipeline.run(platform))
    before = state_of(pipeline, platform)
    with pausing(copy), at_work(pipeline, platform) as job:
        until(watch.waits_for_lock(copy), job)
        execute_each(pipeline.source, *taken)
        assert_refused(pipeline, platform, job.result(), CONFLICT)
    assert_untouched(pipeline, platform, before, tried=2)

    standby.catch_up()
    healed = pipeline.run(platform)
    assert_done(healed)
    assert (healed.batch, healed.datasets["people"].deleted) == (2, 100)
    assert is_copied(pipeline, platform, "people")


def test_a_snapshot_that_is_ended_between_two_reads_changes_nothing(
    standby: Standby, pipeline: Pipeline, copy: Database, watch: Watch
) -> None:
    """The target keeps the job waiting meanwhile, and the standby ends the whole session."""
    assert_done(pipeline.run(FORENSIC))
    before = state_of(pipeline, FORENSIC)
    pipeline.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    standby.catch_up()
    gate = "LOCK TABLE yellowforensic_store1_people_staging IN SHARE MODE"
    with (
        holding(pipeline.target, gate) as holder,
        Watch.over(standby.primary) as watch_primary,
        at_work(pipeline, FORENSIC) as job,
    ):
        until(watch_primary.waits_for_lock(pipeline.target), job)
        execute_each(pipeline.source, *TAKEN_AWAY["old rows"])
        until(watch.is_deserted(copy), job)
        holder.rollback()
        ended = evolve(CONFLICT, says="the standby ended the session")  # the driver has lost its last words
        assert_refused(pipeline, FORENSIC, job.result(), ended)
    assert_untouched(pipeline, FORENSIC, before, tried=2)

    standby.catch_up()
    assert_done(pipeline.run(FORENSIC))
    assert is_copied(pipeline, FORENSIC, "people")


def test_a_standby_is_no_merge_database(standby: Standby, pipeline: Pipeline) -> None:
    assert_done(pipeline.run(FORENSIC))
    before = tables(pipeline)
    standby.catch_up()
    pipeline.write_at(standby.server.port)
    runtime = pipeline.runtime(FORENSIC)

    error = pipeline.run(FORENSIC).error
    with pytest.raises(StoreUnavailable) as refused:
        runtime.rollback("Store1", 0)

    assert error is not None
    assert error.type == "StoreUnavailable"
    assert "read-only transaction" in error.message
    for hint in (error.hint, refused.value.hint):
        assert hint is not None
        assert hint.startswith("it is a standby")
    assert tables(pipeline) == before
    assert all(check.holds for check in runtime.verify("Store1"))  # who only looks may look there
