"""Batches that another job finishes, and batches that only an operator can help."""

import pytest
from attrs import evolve

from datasurface.errors import BatchStuck, StreamBusy
from datasurface.model import Column
from datasurface.results import BatchStatus, DatasetCounts, ResultCode
from datasurface.types import Text
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import (
    assert_done,
    assert_laws_hold,
    batch_log,
    is_copied,
    merge_tables,
    staged_rows,
    stored_result,
    tables,
)
from tests.support.refusals import Refusal, assert_refused
from tests.support.sessions import Watch, at_work, holding, until

PLATFORMS = [LIVE, FORENSIC]


def _ingest_only(pipeline: Pipeline, platform: str) -> None:
    """Batch 2: staged and not merged."""
    assert_done(pipeline.run(platform))
    pipeline.producer("UPDATE people SET city = 'new' WHERE id <= 5", "DELETE FROM pets WHERE id = 1")
    assert pipeline.run(platform, budget=0).code is ResultCode.KEEP_WORKING


@pytest.mark.short
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_batch_whose_budget_is_spent_is_merged_by_the_next_job_without_the_source(
    people_and_pets: Pipeline, platform: str
) -> None:
    assert_done(people_and_pets.run(platform))
    merged = merge_tables(people_and_pets, platform)
    people_and_pets.producer("UPDATE people SET city = 'new' WHERE id <= 5", "DELETE FROM pets WHERE id = 1")
    counts = {
        "people": DatasetCounts(read=500, updated=5, unchanged=495),
        "pets": DatasetCounts(read=99, deleted=1, unchanged=99),
    }

    first = people_and_pets.run(platform, budget=0)

    assert (first.code, first.batch, first.datasets) == (ResultCode.KEEP_WORKING, 2, counts)
    assert merge_tables(people_and_pets, platform) == merged
    people_and_pets.producer("ALTER TABLE people RENAME TO elsewhere")

    second = people_and_pets.run(platform)

    assert (second.code, second.batch, second.datasets) == (ResultCode.DONE, 2, counts)
    people_and_pets.producer("ALTER TABLE elsewhere RENAME TO people")
    assert is_copied(people_and_pets, platform, "people")
    assert is_copied(people_and_pets, platform, "pets")
    assert stored_result(people_and_pets, platform, first.run_id) == first.document()
    assert stored_result(people_and_pets, platform, second.run_id) == second.document()
    assert [first.document()["code"], second.document()["code"]] == [1, 0]
    assert_laws_hold(people_and_pets, platform)


def test_a_budget_that_is_not_spent_changes_nothing(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(LIVE, budget=1000))
    people_and_pets.producer("DELETE FROM pets WHERE id = 1")
    assert_done(people_and_pets.run(LIVE, budget=1000))


def test_a_run_id_that_comes_again_replaces_its_record(people_and_pets: Pipeline) -> None:
    runtime = people_and_pets.runtime(LIVE)
    with holding(people_and_pets.source, "ALTER TABLE people RENAME TO elsewhere") as producer:
        producer.commit()
    failed = runtime.run_batch("Store1", "my-run")
    people_and_pets.producer("ALTER TABLE elsewhere RENAME TO people")

    done = runtime.run_batch("Store1", "my-run")

    assert (failed.code, done.code) == (ResultCode.ERROR, ResultCode.DONE)
    assert stored_result(people_and_pets, LIVE, "my-run") == done.document()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_batch_that_was_read_under_another_schema_waits_for_a_reset(new_pipeline: NewPipeline, platform: str) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE, *fill(people=500, pets=100))
    assert_done(pipeline.run(platform))
    pipeline.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    assert pipeline.run(platform, budget=0).code is ResultCode.KEEP_WORKING
    merged = merge_tables(pipeline, platform)
    pipeline.datasets = [PEOPLE, PETS]
    pipeline.apply()
    stuck = Refusal(
        "BatchStuck",
        None,
        "batch 2 was read under another schema: with pets.id bigint, with pets.name varchar, with pets.owner bigint",
        "`datasurface batch reset`",
    )

    assert_refused(pipeline, platform, pipeline.run(platform), stuck)
    assert_refused(pipeline, platform, pipeline.run(platform), stuck)

    assert {name: rows for name, rows in merge_tables(pipeline, platform).items() if name in merged} == merged
    state = pipeline.runtime(platform).reset("Store1")
    assert (state.batch, state.status, state.error) == (2, BatchStatus.STARTED, None)
    assert staged_rows(pipeline, platform, 2) == 0
    done = pipeline.run(platform)
    assert_done(done)
    assert done.batch == 2
    assert done.datasets["pets"] == DatasetCounts(read=100, inserted=100)
    assert is_copied(pipeline, platform, "people")
    assert is_copied(pipeline, platform, "pets")
    assert_laws_hold(pipeline, platform)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([*PEOPLE.columns, Column("note", Text())], "with people.note text"),
        (
            [*PEOPLE.columns[:2], evolve(PEOPLE.columns[2], name="town", renamed_from="city")],
            "without people.city varchar, with people.town varchar",
        ),
        ([PEOPLE.columns[0], evolve(PEOPLE.columns[1], nullable=True), PEOPLE.columns[2]], "other keys or nullability"),
    ],
)
def test_what_is_other_in_the_schema_is_named(people_and_pets: Pipeline, columns: list[Column], words: str) -> None:
    _ingest_only(people_and_pets, LIVE)
    in_force = people_and_pets.by_name[LIVE]
    stream = in_force.stream("Store1")
    changed = evolve(stream, datasets=(evolve(PEOPLE, columns=columns), PETS))
    views = tuple(view for view in in_force.views if view.dataset != PEOPLE)
    people_and_pets.by_name = {LIVE: evolve(in_force, streams=(changed,), views=views)}
    people_and_pets.runtime(LIVE).apply()

    stuck = Refusal("BatchStuck", None, f"batch 2 was read under another schema: {words}", "reset")
    assert_refused(people_and_pets, LIVE, people_and_pets.run(LIVE), stuck)
    state = people_and_pets.runtime(LIVE).status("Store1")[0]
    assert state.status is BatchStatus.INGESTED
    assert state.error is not None
    assert words in state.error.message

    people_and_pets.producer("ALTER TABLE people ADD COLUMN note text, ADD COLUMN town varchar(50)")
    people_and_pets.runtime(LIVE).reset("Store1")
    assert_done(people_and_pets.run(LIVE))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_reset_leaves_no_trace(people_and_pets: Pipeline, platform: str) -> None:
    _ingest_only(people_and_pets, platform)
    assert staged_rows(people_and_pets, platform, 2) == 6
    people_and_pets.producer("UPDATE people SET city = 'newer' WHERE id <= 7")

    people_and_pets.runtime(platform).reset("Store1")

    assert staged_rows(people_and_pets, platform, 2) == 0
    assert batch_log(people_and_pets, platform)[-1][:3] == (2, "STARTED", {})
    done = people_and_pets.run(platform)
    assert_done(done)
    assert (done.batch, done.datasets["people"].updated) == (2, 7)
    assert is_copied(people_and_pets, platform, "people")
    assert_laws_hold(people_and_pets, platform)


def test_a_committed_batch_is_not_reset_and_neither_is_none(people_and_pets: Pipeline) -> None:
    runtime = people_and_pets.runtime(LIVE)
    for _ in range(2):
        before = tables(people_and_pets)
        with pytest.raises(BatchStuck, match="no uncommitted batch"):
            runtime.reset("Store1")
        assert tables(people_and_pets) == before
        assert_done(people_and_pets.run(LIVE))


def test_a_stream_at_work_is_not_reset(people_and_pets: Pipeline, watch: Watch) -> None:
    with (
        holding(people_and_pets.source, "LOCK TABLE people") as producer,
        at_work(people_and_pets, LIVE) as job,
    ):
        until(watch.waits_for_lock(people_and_pets.source), job)
        with pytest.raises(StreamBusy, match="Store1"):
            people_and_pets.runtime(LIVE).reset("Store1")
        producer.rollback()
        assert_done(job.result())


def test_the_source_may_not_be_needed_but_is_read_again_after_a_crash_before_ingest(
    people_and_pets: Pipeline, watch: Watch
) -> None:
    assert_done(people_and_pets.run(FORENSIC))
    people_and_pets.producer("UPDATE people SET city = 'one' WHERE id = 1")
    with (
        holding(people_and_pets.target, "LOCK TABLE yellowforensic_store1_pets_staging IN SHARE MODE"),
        at_work(people_and_pets, FORENSIC) as job,
    ):
        until(watch.waits_for_lock(people_and_pets.target), job)
        watch.end(people_and_pets.target)
        lost = job.result().error
    assert lost is not None
    assert lost.type == "StoreUnavailable"
    people_and_pets.producer("UPDATE people SET city = 'two' WHERE id <= 2")

    done = people_and_pets.run(FORENSIC)

    assert_done(done)
    assert (done.batch, done.datasets["people"].updated) == (2, 2)
    assert is_copied(people_and_pets, FORENSIC, "people")
