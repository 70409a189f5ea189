"""Back to an earlier batch: what comes back, what is refused, and what proves it."""

import pytest

from datasurface.errors import Fenced, OperationRefused, ReceiptMismatch, StreamBusy
from datasurface.milestoning.strategy import Batch
from datasurface.results import (
    BatchStatus,
    Consumer,
    DatasetPreview,
    ResultCode,
)
from datasurface_yellow.batch.records import Records
from datasurface_yellow.store.catalog import platform_names
from datasurface_yellow.store.connection import closing, connect, place
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import (
    assert_done,
    assert_laws_hold,
    batch_log,
    counter,
    is_copied,
    merge_tables,
    staged_rows,
    tables,
)
from tests.support.sessions import Watch, at_work, holding, until

CHANGES = (
    ("UPDATE people SET city = 'two' WHERE id <= 5", "DELETE FROM pets WHERE id = 1"),
    (
        "UPDATE people SET city = 'three' WHERE id <= 3",
        "INSERT INTO pets (id, name, owner) SELECT 900, name, owner FROM pets WHERE id = 2",
    ),
    ("DELETE FROM people WHERE id <= 2", "UPDATE pets SET name = 'four' WHERE id = 900"),
)
"""What batches 2, 3 and 4 find."""


def _batches(pipeline: Pipeline, *changes: tuple[str, ...]) -> list[dict[str, list[str]]]:
    """Batch 1 and one for each change; the merge tables after each."""
    assert_done(pipeline.run(FORENSIC))
    left = [merge_tables(pipeline, FORENSIC)]
    for statements in changes:
        pipeline.producer(*statements)
        assert_done(pipeline.run(FORENSIC))
        left.append(merge_tables(pipeline, FORENSIC))
    return left


def _statuses(pipeline: Pipeline) -> list[object]:
    return [row[1] for row in batch_log(pipeline, FORENSIC)]


@pytest.mark.short
@pytest.mark.parametrize("to", [1, 2, 3])
def test_a_rollback_brings_back_the_tables_as_the_batch_left_them(people_and_pets: Pipeline, to: int) -> None:
    left = _batches(people_and_pets, *CHANGES)

    undone = people_and_pets.runtime(FORENSIC).rollback("Store1", to)

    assert merge_tables(people_and_pets, FORENSIC) == left[to - 1]
    assert [state.batch for state in undone] == list(range(4, to, -1))
    assert {(state.status, state.reason) for state in undone} == {
        (BatchStatus.ROLLED_BACK, f"rolled back to batch {to}")
    }
    assert_laws_hold(people_and_pets, FORENSIC)
    done = people_and_pets.run(FORENSIC)
    assert_done(done)
    assert done.batch == 5
    for dataset in ("people", "pets"):
        assert is_copied(people_and_pets, FORENSIC, dataset)
    assert_laws_hold(people_and_pets, FORENSIC)


def test_a_rollback_to_before_the_first_batch_leaves_nothing(people_and_pets: Pipeline) -> None:
    _batches(people_and_pets, *CHANGES[:1])
    people_and_pets.runtime(FORENSIC).rollback("Store1", 0)
    assert set(map(tuple, merge_tables(people_and_pets, FORENSIC).values())) == {()}
    assert_laws_hold(people_and_pets, FORENSIC)
    assert people_and_pets.run(FORENSIC).batch == 3
    assert is_copied(people_and_pets, FORENSIC, "people")
    assert_laws_hold(people_and_pets, FORENSIC)


def test_what_was_taken_back_can_be_taken_back_further(people_and_pets: Pipeline) -> None:
    left = _batches(people_and_pets, *CHANGES)
    runtime = people_and_pets.runtime(FORENSIC)
    runtime.rollback("Store1", 3)
    assert_done(people_and_pets.run(FORENSIC))
    runtime.rollback("Store1", 2)
    assert merge_tables(people_and_pets, FORENSIC) == left[1]
    assert _statuses(people_and_pets) == ["COMMITTED"] * 2 + ["ROLLED_BACK"] * 3
    assert_laws_hold(people_and_pets, FORENSIC)


def test_a_dataset_that_joined_later_is_empty_after_a_rollback(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE, *fill(people=20, pets=10))
    assert_done(pipeline.run(FORENSIC))
    pipeline.datasets = [PEOPLE, PETS]
    pipeline.apply()
    assert_done(pipeline.run(FORENSIC))

    pipeline.runtime(FORENSIC).rollback("Store1", 1)

    assert merge_tables(pipeline, FORENSIC)["yellowforensic_store1_pets_merge"] == []
    assert_done(pipeline.run(FORENSIC))
    assert is_copied(pipeline, FORENSIC, "pets")
    assert_laws_hold(pipeline, FORENSIC)


def test_a_preview_says_what_a_rollback_does_and_changes_nothing(people_and_pets: Pipeline) -> None:
    _batches(people_and_pets, *CHANGES)
    before = tables(people_and_pets)

    preview = people_and_pets.runtime(FORENSIC).preview_rollback("Store1", 1)

    assert tables(people_and_pets) == before
    assert (preview.action, preview.batches, preview.to) == ("rollback", (4, 3, 2), 1)
    assert preview.datasets == {
        "people": DatasetPreview(498, 500, reopened=5, removed=8),
        "pets": DatasetPreview(100, 100, reopened=1, removed=2),
    }
    assert preview.consumers == (Consumer("Consumer1", "ForensicDSG", ("people", "pets")),)
    people_and_pets.runtime(FORENSIC).rollback("Store1", 1, seen=preview)


def test_who_saw_the_stream_before_another_job_does_not_act_on_it(people_and_pets: Pipeline) -> None:
    _batches(people_and_pets, *CHANGES[:1])
    runtime = people_and_pets.runtime(FORENSIC)
    preview = runtime.preview_rollback("Store1", 1)
    assert_done(people_and_pets.run(FORENSIC))
    before = tables(people_and_pets)
    with pytest.raises(Fenced, match="since it was said what the rollback would do"):
        runtime.rollback("Store1", 1, seen=preview)
    assert tables(people_and_pets) == before


def test_a_stream_without_a_past_is_not_rolled_back(people_and_pets: Pipeline) -> None:
    for _ in range(2):
        assert_done(people_and_pets.run(LIVE))
    with pytest.raises(OperationRefused, match="keeps no past"):
        people_and_pets.runtime(LIVE).rollback("Store1", 1)


@pytest.mark.parametrize(
    ("to", "words"), [(2, "no batch of stream Store1 after 2"), (7, "no such batch"), (3, "no such batch")]
)
def test_a_rollback_to_nowhere_is_refused(people_and_pets: Pipeline, to: int, words: str) -> None:
    _batches(people_and_pets, *CHANGES[:1])
    before = tables(people_and_pets)
    for operation in (people_and_pets.runtime(FORENSIC).preview_rollback, people_and_pets.runtime(FORENSIC).rollback):
        with pytest.raises(OperationRefused, match=words):
            operation("Store1", to)
    assert tables(people_and_pets) == before


def test_a_batch_that_was_taken_back_is_no_place_to_go(people_and_pets: Pipeline) -> None:
    _batches(people_and_pets, *CHANGES)
    runtime = people_and_pets.runtime(FORENSIC)
    runtime.rollback("Store1", 2)
    with pytest.raises(OperationRefused, match="it is ROLLED_BACK"):
        runtime.rollback("Store1", 3)


def test_an_uncommitted_batch_is_finished_or_given_up_first(people_and_pets: Pipeline) -> None:
    left = _batches(people_and_pets, *CHANGES[:1])
    people_and_pets.producer(*CHANGES[1])
    assert people_and_pets.run(FORENSIC, budget=0).code is ResultCode.KEEP_WORKING
    runtime = people_and_pets.runtime(FORENSIC)
    with pytest.raises(OperationRefused, match="batch 3 of stream Store1 is INGESTED"):
        runtime.rollback("Store1", 1)

    runtime.reset("Store1")
    runtime.rollback("Store1", 1)

    assert merge_tables(people_and_pets, FORENSIC) == left[0]
    assert people_and_pets.run(FORENSIC).batch == 3
    assert _statuses(people_and_pets) == ["COMMITTED", "ROLLED_BACK", "COMMITTED"]
    assert is_copied(people_and_pets, FORENSIC, "people")
    assert_laws_hold(people_and_pets, FORENSIC)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE yellowforensic_store1_people_merge_history SET city = 'else' WHERE id = 4",
        "DELETE FROM yellowforensic_store1_people_merge_history WHERE id = 4",
        "UPDATE yellowforensic_store1_people_merge_live SET ds_surf_batch_in = 1 WHERE id = 4",
    ],
)
def test_a_rollback_that_would_not_bring_back_what_was_there_does_nothing(
    people_and_pets: Pipeline, damage: str
) -> None:
    _batches(people_and_pets, *CHANGES[:1])
    execute(people_and_pets.target, damage)
    before = tables(people_and_pets)
    with pytest.raises(ReceiptMismatch, match="receipt of people does not hold"):
        people_and_pets.runtime(FORENSIC).rollback("Store1", 1)
    assert tables(people_and_pets) == before


def test_a_rollback_heals_rows_that_were_damaged_after_the_batch(people_and_pets: Pipeline) -> None:
    left = _batches(people_and_pets, *CHANGES[:1])
    execute(
        people_and_pets.target, "UPDATE yellowforensic_store1_people_merge_live SET ds_surf_all_hash = 7 WHERE id = 4"
    )
    people_and_pets.runtime(FORENSIC).rollback("Store1", 1)
    assert merge_tables(people_and_pets, FORENSIC) == left[0]
    assert_done(people_and_pets.run(FORENSIC))
    assert_laws_hold(people_and_pets, FORENSIC)


def test_a_stream_at_work_is_not_rolled_back(people_and_pets: Pipeline, watch: Watch) -> None:
    _batches(people_and_pets, *CHANGES[:1])
    with holding(people_and_pets.source, "LOCK TABLE people") as producer, at_work(people_and_pets, FORENSIC) as job:
        until(watch.waits_for_lock(people_and_pets.source), job)
        with pytest.raises(StreamBusy, match="Store1"):
            people_and_pets.runtime(FORENSIC).rollback("Store1", 1)
        with pytest.raises(StreamBusy, match="Store1"):
            people_and_pets.runtime(FORENSIC).replay("Store1")
        producer.rollback()
        assert_done(job.result())


def test_a_job_that_was_at_work_before_a_rollback_writes_nothing_after_it(people_and_pets: Pipeline) -> None:
    _batches(people_and_pets, *CHANGES[:1])
    zombie = Batch(2, 2)
    people_and_pets.runtime(FORENSIC).rollback("Store1", 1)
    where = place(people_and_pets.container(people_and_pets.target, "writer"), people_and_pets.access.credentials)
    with closing(connect(where, "zombie")) as session, pytest.raises(Fenced):
        Records(session, platform_names(FORENSIC, "public"), "Store1").fence(zombie)
    assert counter(people_and_pets, FORENSIC) == 2


def test_a_rollback_looks_for_what_it_touches_by_index(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE, *fill(people=50_000, pets=1))
    _batches(pipeline, ("UPDATE people SET city = 'all'",), CHANGES[0][:1])
    execute(pipeline.target, "ANALYZE yellowforensic_store1_people_merge")
    for part, condition in (("live", "ds_surf_batch_in > 2"), ("history", "ds_surf_batch_out >= 2")):
        query = f"EXPLAIN SELECT FROM yellowforensic_store1_people_merge_{part} WHERE {condition}"
        plan = str(fetch(pipeline.target, query))
        assert "Bitmap Index Scan" in plan, plan


def test_staging_of_what_was_taken_back_is_kept_for_a_replay(people_and_pets: Pipeline) -> None:
    _batches(people_and_pets, *CHANGES)
    people_and_pets.runtime(FORENSIC).rollback("Store1", 1)
    assert [staged_rows(people_and_pets, FORENSIC, batch) for batch in (2, 3, 4)] == [6, 4, 3]
