"""What is pruned after a batch, what never is, and what works on a log without its beginning."""

from datetime import timedelta

import pytest
from attrs import evolve
from psycopg2.sql import SQL, Identifier, Literal

from datasurface.errors import OperationRefused
from datasurface_yellow.batch import housekeeping
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import assert_done, assert_laws_hold, batch_log, is_copied

CHANGES = (
    "UPDATE people SET city = 'two' WHERE id <= 5",
    "DELETE FROM pets WHERE id = 1",
    "DELETE FROM people WHERE id = 3",
)
"""What batches 2, 3 and 4 find."""
TABLES = ("batch_metrics", "job_result")


def _four(pipeline: Pipeline, platform: str) -> None:
    assert_done(pipeline.run(platform))
    for statement in CHANGES:
        pipeline.producer(statement)
        assert_done(pipeline.run(platform))


def _age(pipeline: Pipeline, platform: str, days: int) -> None:
    """Let all that was recorded be so many days older."""
    metrics, results = (Identifier(f"{platform.lower()}_{table}") for table in TABLES)
    span = Literal(timedelta(days=days))
    older = "started_at = started_at - {0}, ingested_at = ingested_at - {0}, committed_at = committed_at - {0}"
    execute(
        pipeline.target,
        SQL("UPDATE {} SET ").format(metrics) + SQL(older).format(span),
        SQL("UPDATE {} SET at = at - {}").format(results, span),
    )


def _logged(pipeline: Pipeline, platform: str) -> list[object]:
    return [number for number, *_ in batch_log(pipeline, platform)]


def _results(pipeline: Pipeline, platform: str) -> list[object]:
    query = SQL("SELECT batch FROM {} ORDER BY 1").format(Identifier(f"{platform.lower()}_job_result"))
    return [number for (number,) in fetch(pipeline.target, query)]


@pytest.mark.short
def test_a_log_that_keeps_no_past_is_pruned_and_all_goes_on(people_and_pets: Pipeline) -> None:
    _four(people_and_pets, LIVE)
    _age(people_and_pets, LIVE, 91)
    people_and_pets.producer("UPDATE people SET city = 'five' WHERE id = 9")

    assert_done(people_and_pets.run(LIVE))

    assert _logged(people_and_pets, LIVE) == [5]
    assert_laws_hold(people_and_pets, LIVE)
    runtime = people_and_pets.runtime(LIVE)
    assert [state.batch for state in runtime.status("Store1")] == [5]
    with pytest.raises(OperationRefused, match="keeps no past"):
        runtime.rollback("Store1", 2)
    people_and_pets.producer("UPDATE pets SET name = 'six' WHERE id = 9")
    done = people_and_pets.run(LIVE)
    assert_done(done)
    assert (done.batch, done.datasets["pets"].updated, done.datasets["people"].updated) == (6, 1, 0)
    assert _logged(people_and_pets, LIVE) == [5, 6]
    assert is_copied(people_and_pets, LIVE, "people")
    assert_laws_hold(people_and_pets, LIVE)


@pytest.mark.parametrize(("days", "left"), [(89, [1, 2, 3, 4, 5]), (91, [5])])
def test_batches_are_kept_as_long_as_the_platform_says(people_and_pets: Pipeline, days: int, left: list[int]) -> None:
    _four(people_and_pets, LIVE)
    _age(people_and_pets, LIVE, days)
    assert_done(people_and_pets.run(LIVE))
    assert _logged(people_and_pets, LIVE) == left


@pytest.mark.parametrize(("days", "left"), [(29, [1, 2, 3, 4, 5]), (31, [5])])
def test_results_are_kept_as_long_as_the_platform_says(people_and_pets: Pipeline, days: int, left: list[int]) -> None:
    _four(people_and_pets, FORENSIC)
    _age(people_and_pets, FORENSIC, days)
    assert_done(people_and_pets.run(FORENSIC))
    assert _results(people_and_pets, FORENSIC) == left


def test_a_log_whose_times_are_those_of_versions_is_never_pruned(people_and_pets: Pipeline) -> None:
    _four(people_and_pets, FORENSIC)
    _age(people_and_pets, FORENSIC, 4000)
    assert_done(people_and_pets.run(FORENSIC))
    assert _logged(people_and_pets, FORENSIC) == [1, 2, 3, 4, 5]
    assert_laws_hold(people_and_pets, FORENSIC)
    query = "SELECT FROM consumer1.yellowforensic_consumer1_forensicdsg_people_history WHERE ds_surf_valid_from IS NULL"
    assert fetch(people_and_pets.target, query) == []
    people_and_pets.runtime(FORENSIC).rollback("Store1", 2)
    assert_laws_hold(people_and_pets, FORENSIC)


def test_a_dataset_that_left_and_comes_back_finds_what_its_last_batch_left(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE, PETS], *CREATE, *fill(people=20, pets=10))
    _four(pipeline, LIVE)
    pipeline.datasets = [PEOPLE]
    pipeline.apply()
    assert_done(pipeline.run(LIVE))
    _age(pipeline, LIVE, 100)
    assert_done(pipeline.run(LIVE))
    assert _logged(pipeline, LIVE) == [4, 6]

    pipeline.datasets = [PEOPLE, PETS]
    pipeline.apply()
    pipeline.producer("DELETE FROM pets WHERE id = 2")
    done = pipeline.run(LIVE)

    assert_done(done)
    assert (done.datasets["pets"].deleted, done.datasets["pets"].inserted) == (1, 0)
    assert is_copied(pipeline, LIVE, "pets")
    assert_laws_hold(pipeline, LIVE)


def test_nothing_is_looked_for_twice_in_an_hour(people_and_pets: Pipeline) -> None:
    _four(people_and_pets, LIVE)
    _age(people_and_pets, LIVE, 100)
    # No batch has a time before the last one's, so that the next has the same.
    last = "UPDATE yellowlive_batch_metrics SET committed_at = clock_timestamp() + interval '2 hours' WHERE batch = 4"
    execute(people_and_pets.target, last)

    assert_done(people_and_pets.run(LIVE))

    assert _results(people_and_pets, LIVE) == [1, 2, 3, 4, 5]


def test_a_step_takes_no_more_rows_than_it_may(people_and_pets: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "MOST", 2)
    _four(people_and_pets, LIVE)
    for batches, results in (([3, 4, 5], 3), ([5, 6], 2), ([7], 1)):
        _age(people_and_pets, LIVE, 100)
        assert_done(people_and_pets.run(LIVE))
        assert _logged(people_and_pets, LIVE) == batches
        assert len(_results(people_and_pets, LIVE)) == results


def test_other_streams_keep_what_is_theirs(people_and_pets: Pipeline) -> None:
    _four(people_and_pets, LIVE)
    for table in TABLES:
        theirs = {"their": Identifier(f"yellowlive_{table}")}
        copy = ("CREATE TABLE other AS TABLE {their}", "UPDATE other SET stream = 'Other'")
        statements = (*copy, "INSERT INTO {their} TABLE other", "DROP TABLE other")
        execute(people_and_pets.target, *(SQL(statement).format(**theirs) for statement in statements))
    _age(people_and_pets, LIVE, 100)
    assert_done(people_and_pets.run(LIVE))
    for table in TABLES:
        query = SQL("SELECT count(*) FROM {} WHERE stream = 'Other'").format(Identifier(f"yellowlive_{table}"))
        assert fetch(people_and_pets.target, query) == [(4,)]


def test_housekeeping_that_fails_is_no_error_of_the_batch(people_and_pets: Pipeline) -> None:
    _four(people_and_pets, LIVE)
    _age(people_and_pets, LIVE, 100)
    execute(
        people_and_pets.target,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$",
        "CREATE TRIGGER refuse BEFORE DELETE ON yellowlive_job_result EXECUTE FUNCTION refuse()",
    )
    assert_done(people_and_pets.run(LIVE))
    assert _logged(people_and_pets, LIVE) == [1, 2, 3, 4, 5]
    execute(people_and_pets.target, "DROP TRIGGER refuse ON yellowlive_job_result")
    _age(people_and_pets, LIVE, 100)
    assert_done(people_and_pets.run(LIVE))
    assert _logged(people_and_pets, LIVE) == [6]


def test_who_wants_to_keep_all_for_ever_may(people_and_pets: Pipeline) -> None:
    people_and_pets.change_platforms(lambda it: evolve(it, keep_metrics=timedelta.max, keep_results=timedelta.max))
    _four(people_and_pets, LIVE)
    _age(people_and_pets, LIVE, 4000)
    assert_done(people_and_pets.run(LIVE))
    assert _logged(people_and_pets, LIVE) == [1, 2, 3, 4, 5]
    people_and_pets.change_platforms(lambda it: evolve(it, keep_metrics=timedelta(0)))
    _age(people_and_pets, LIVE, 1)
    assert_done(people_and_pets.run(LIVE))
    assert _logged(people_and_pets, LIVE) == [6]
    assert _results(people_and_pets, LIVE) == [1, 2, 3, 4, 5, 6]
