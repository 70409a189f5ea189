"""Producers that replace or change their tables in a transaction while a job waits to read: the job reads what they
have committed, or says one clear error; it never takes a table for empty or shorter than it is.
"""

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import TypeVar

import pytest

from datasurface.model import Dataset
from datasurface.results import JobResult
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done, assert_laws_hold, is_copied
from tests.support.refusals import Refusal, assert_refused, assert_untouched, state_of
from tests.support.sessions import Watch, at_work, holding, until

PLATFORMS = [LIVE, FORENSIC]
T = TypeVar("T")
DATASETS: list[Dataset] = [PEOPLE, PETS]
RELOAD = (
    "INSERT INTO people SELECT i, 'new-' || i, NULL FROM generate_series(1, 450) i",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC",
)

REPLACEMENTS = {
    "truncated and loaded again": ("TRUNCATE people", *RELOAD),
    "emptied and loaded again": ("LOCK TABLE people", "DELETE FROM people", *RELOAD),
    "dropped and made again": ("DROP TABLE people", CREATE[0], *RELOAD),
    "swapped by renaming": (
        "ALTER TABLE people RENAME TO old_people",
        "CREATE TABLE new_people (id bigint, name varchar(50), city varchar(50))",
        "ALTER TABLE new_people RENAME TO people",
        *RELOAD,
    ),
    "replaced by a view": (
        "ALTER TABLE people RENAME TO stored",
        "CREATE VIEW people AS SELECT * FROM stored WHERE id <= 450",
        RELOAD[1],
    ),
    "a column of another type that fits": (
        "ALTER TABLE people ALTER id TYPE int, ALTER city TYPE varchar(20)",
        "DELETE FROM people WHERE id > 450",
    ),
    "a column dropped and made again": (
        "ALTER TABLE people RENAME city TO old_city",
        "ALTER TABLE people ADD city varchar(50) DEFAULT 'somewhere'",
        "DELETE FROM people WHERE id > 450",
    ),
    "columns in another order": (
        "CREATE TABLE other AS SELECT city, name, id FROM people WHERE id <= 450",
        "DROP TABLE people",
        "ALTER TABLE other RENAME TO people",
        RELOAD[1],
    ),
}


def _in_turns(cases: Iterable[T]) -> list[tuple[str, T]]:
    """Each case with one of the platforms in turns: what is read, and when, is the same for both."""
    return list(zip(cycle(PLATFORMS), cases, strict=False))


def _run_while_waiting(pipeline: Pipeline, platform: str, watch: Watch, *statements: str) -> JobResult:
    """A job that begins while the producer's transaction is open, and goes on when it is committed."""
    with holding(pipeline.source, *statements) as producer, at_work(pipeline, platform) as job:
        until(watch.waits_for_lock(pipeline.source), job)
        producer.commit()
        return job.result()


@pytest.mark.parametrize(("platform", "statements"), _in_turns(REPLACEMENTS.values()), ids=REPLACEMENTS.keys())
def test_a_job_that_waits_for_a_replacement_reads_the_new_table(
    people_and_pets: Pipeline, platform: str, statements: Sequence[str], watch: Watch
) -> None:
    assert_done(people_and_pets.run(platform))

    result = _run_while_waiting(people_and_pets, platform, watch, *statements)

    assert_done(result)
    counts = result.datasets["people"]
    assert (counts.read, counts.inserted, counts.deleted) == (450, 0, 50)
    assert is_copied(people_and_pets, platform, "people")
    assert_laws_hold(people_and_pets, platform)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_first_load_that_waits_for_a_reload_reads_all_rows(
    people_and_pets: Pipeline, platform: str, watch: Watch
) -> None:
    result = _run_while_waiting(people_and_pets, platform, watch, "TRUNCATE people", *RELOAD)

    assert_done(result)
    assert result.datasets["people"].inserted == 450
    assert is_copied(people_and_pets, platform, "people")


STORED_APART = {
    "a view": (
        "ALTER TABLE people RENAME TO part",
        "CREATE VIEW people AS SELECT * FROM part",
    ),
    "a partitioned table": (
        "ALTER TABLE people RENAME TO part",
        "CREATE TABLE people (LIKE part) PARTITION BY RANGE (id)",
        "ALTER TABLE people ATTACH PARTITION part FOR VALUES FROM (0) TO (10000)",
    ),
    "a parent": (
        "CREATE TABLE part () INHERITS (people)",
        "WITH moved AS (DELETE FROM ONLY people RETURNING *) INSERT INTO part SELECT * FROM moved",
    ),
}


@pytest.mark.parametrize(("platform", "statements"), _in_turns(STORED_APART.values()), ids=STORED_APART.keys())
def test_a_reload_of_the_table_below_is_waited_for_too(
    new_pipeline: NewPipeline, platform: str, statements: Sequence[str], watch: Watch
) -> None:
    pipeline = new_pipeline(DATASETS, *CREATE, *fill(people=500, pets=1), *statements)
    assert_done(pipeline.run(platform))

    result = _run_while_waiting(
        pipeline,
        platform,
        watch,
        "CREATE TABLE kept AS TABLE part",
        "TRUNCATE part",
        "INSERT INTO part SELECT * FROM kept WHERE id <= 450",
    )

    assert_done(result)
    assert (result.datasets["people"].read, result.datasets["people"].deleted) == (450, 50)


PARTITIONED = (
    "ALTER TABLE people RENAME TO old",
    "CREATE TABLE people (LIKE old) PARTITION BY RANGE (id)",
    "CREATE TABLE low PARTITION OF people FOR VALUES FROM (0) TO (200)",
    "CREATE TABLE high PARTITION OF people FOR VALUES FROM (200) TO (1000) PARTITION BY LIST ((id % 2))",
    "CREATE TABLE even PARTITION OF high FOR VALUES IN (0)",
    "CREATE TABLE odd PARTITION OF high FOR VALUES IN (1)",
    "INSERT INTO people TABLE old",
)
OF_PARTITIONS = {
    "one attached": (
        [
            "LOCK TABLE odd",
            "CREATE TABLE more (LIKE people)",
            "INSERT INTO more SELECT 1000 + i, 'new' FROM generate_series(1, 30) i",
            "ALTER TABLE people ATTACH PARTITION more FOR VALUES FROM (1000) TO (2000)",
        ],
        530,
    ),
    "one detached": (["ALTER TABLE people DETACH PARTITION low"], 301),
    "one dropped": (["DROP TABLE odd"], 350),
    "one swapped": (
        [
            "ALTER TABLE high DETACH PARTITION even",
            "CREATE TABLE other AS SELECT * FROM even WHERE id > 250",
            "ALTER TABLE high ATTACH PARTITION other FOR VALUES IN (0)",
        ],
        474,
    ),
    "one loaded again": (
        ["CREATE TABLE kept AS TABLE odd", "TRUNCATE odd", "INSERT INTO odd SELECT * FROM kept WHERE id > 250"],
        475,
    ),
}


@pytest.mark.parametrize(("platform", "change"), _in_turns(OF_PARTITIONS.values()), ids=OF_PARTITIONS.keys())
def test_a_change_of_partitions_is_waited_for(
    copied_pipeline: NewPipeline, platform: str, change: tuple[Sequence[str], int], watch: Watch
) -> None:
    pipeline = copied_pipeline(DATASETS, *CREATE, *fill(people=500, pets=1), *PARTITIONED)
    reader = pipeline.access.reader.name
    pipeline.producer(f'REVOKE ALL ON low, high, even, odd FROM "{reader}"')
    assert_done(pipeline.run(platform))
    statements, read = change

    result = _run_while_waiting(pipeline, platform, watch, *statements)

    assert_done(result)
    assert result.datasets["people"].read == read
    assert is_copied(pipeline, platform, "people")
    assert_laws_hold(pipeline, platform)


DRIFTS = {
    "a column of another family": (
        "ALTER TABLE people ALTER id TYPE text",
        "ALTER TABLE people ALTER id TYPE bigint USING id::bigint",
        Refusal("SourceDrift", "people", "column id is text", "or the table back"),
    ),
    "longer text": (
        "ALTER TABLE people ALTER city TYPE text",
        "ALTER TABLE people ALTER city TYPE varchar(50)",
        Refusal("SourceDrift", "people", "column city is text", "or the table back"),
    ),
    "a column renamed": (
        "ALTER TABLE people RENAME city TO town",
        "ALTER TABLE people RENAME town TO city",
        Refusal("SourceDrift", "people", "column city is missing", "or the table back"),
    ),
    "a table renamed": (
        "ALTER TABLE people RENAME TO persons",
        "ALTER TABLE persons RENAME TO people",
        Refusal("SourceUnavailable", "people", 'relation "public.people" does not exist', "create the table"),
    ),
}


@pytest.mark.parametrize(("platform", "drift"), _in_turns(DRIFTS.values()), ids=DRIFTS.keys())
def test_a_change_that_does_not_fit_is_one_error_and_changes_nothing(
    people_and_pets: Pipeline, platform: str, drift: tuple[str, str, Refusal], watch: Watch
) -> None:
    breaks, heals, refusal = drift
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("DELETE FROM pets WHERE id = 1")
    before = state_of(people_and_pets, platform)

    result = _run_while_waiting(people_and_pets, platform, watch, breaks)

    assert_refused(people_and_pets, platform, result, refusal)
    assert_untouched(people_and_pets, platform, before, tried=2)
    people_and_pets.producer(heals)
    assert_done(people_and_pets.run(platform))
    assert is_copied(people_and_pets, platform, "people")
    assert is_copied(people_and_pets, platform, "pets")


def test_a_reload_that_is_rolled_back_never_was(people_and_pets: Pipeline, watch: Watch) -> None:
    assert_done(people_and_pets.run(LIVE))
    with holding(people_and_pets.source, "TRUNCATE people") as producer, at_work(people_and_pets, LIVE) as job:
        until(watch.waits_for_lock(people_and_pets.source), job)
        producer.rollback()
        result = job.result()

    assert_done(result)
    assert result.datasets["people"].unchanged == 500


def test_a_producer_that_wants_to_truncate_waits_until_its_table_is_read(
    people_and_pets: Pipeline, watch: Watch
) -> None:
    assert_done(people_and_pets.run(FORENSIC))
    with (
        holding(people_and_pets.target, "LOCK TABLE yellowforensic_store1_pets_staging IN SHARE MODE") as gate,
        at_work(people_and_pets, FORENSIC) as job,
    ):
        until(watch.waits_for_lock(people_and_pets.target), job)
        with holding(people_and_pets.source, "SET lock_timeout = '50ms'") as producer, producer.cursor() as cursor:
            with pytest.raises(Exception, match="lock timeout"):
                cursor.execute("TRUNCATE people")
            producer.rollback()
            cursor.execute("INSERT INTO people VALUES (501, 'new', NULL)")  # who only writes does not wait
            producer.commit()
        gate.rollback()
        assert_done(job.result())
