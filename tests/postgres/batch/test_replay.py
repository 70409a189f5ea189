"""Batches that were taken back are merged again from their staging."""

import pytest

from datasurface.errors import Fenced, OperationRefused, ReceiptMismatch
from datasurface.results import BatchStatus, DatasetPreview, ResultCode
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import (
    assert_done,
    assert_laws_hold,
    batch_log,
    is_copied,
    merge_tables,
    staged_rows,
    tables,
)
from tests.support.sessions import beside, holding, until

CHANGES = (
    ("UPDATE people SET city = 'two' WHERE id <= 5", "DELETE FROM pets WHERE id = 1"),
    (),
    ("DELETE FROM people WHERE id <= 2", "INSERT INTO pets (id, name, owner) VALUES (900, 'new', 1)"),
)
"""What batches 2, 3 and 4 find; 3 finds nothing."""


@pytest.fixture
def taken_back(people_and_pets: Pipeline) -> Pipeline:
    """Four batches, of which the first is left."""
    _four(people_and_pets)
    people_and_pets.runtime(FORENSIC).rollback("Store1", 1)
    return people_and_pets


def _four(pipeline: Pipeline) -> None:
    assert_done(pipeline.run(FORENSIC))
    for statements in CHANGES:
        pipeline.producer(*statements)
        assert_done(pipeline.run(FORENSIC))


def _replayed(pipeline: Pipeline) -> list[tuple[object, object]]:
    query = "SELECT batch, reason FROM yellowforensic_batch_metrics WHERE status = 'COMMITTED' ORDER BY 1"
    return [(batch, reason) for batch, reason in fetch(pipeline.target, query)]


@pytest.mark.short
def test_a_replay_brings_the_rows_back_as_new_batches(people_and_pets: Pipeline) -> None:
    _four(people_and_pets)
    live = {name: rows for name, rows in merge_tables(people_and_pets, FORENSIC).items() if name.endswith("_live")}
    runtime = people_and_pets.runtime(FORENSIC)
    runtime.rollback("Store1", 1)
    people_and_pets.producer("DROP TABLE people", "DROP TABLE pets")

    done = runtime.replay("Store1")

    assert [(state.batch, state.status, state.reason) for state in done] == [
        (7, BatchStatus.COMMITTED, "replay of batch 4"),
        (6, BatchStatus.COMMITTED, "replay of batch 3"),
        (5, BatchStatus.COMMITTED, "replay of batch 2"),
    ]
    again = merge_tables(people_and_pets, FORENSIC)
    assert {name: _without_batches(again[name]) for name in live} == {
        name: _without_batches(rows) for name, rows in live.items()
    }
    assert_laws_hold(people_and_pets, FORENSIC)
    assert people_and_pets.runtime(FORENSIC).status("Store1")[0].datasets["people"].deleted == 2


def _without_batches(rows: list[str]) -> list[str]:
    """Rows without the columns of batches, the last two."""
    return sorted(row.rsplit(",", 2)[0] for row in rows)


def test_a_preview_of_a_replay_changes_nothing(taken_back: Pipeline) -> None:
    before = tables(taken_back)
    preview = taken_back.runtime(FORENSIC).preview_replay("Store1")
    assert tables(taken_back) == before
    assert (preview.action, preview.batches) == ("replay", (2, 3, 4))
    assert preview.datasets == {
        "people": DatasetPreview(500, 498, staged=7),
        "pets": DatasetPreview(100, 100, staged=2),
    }


def test_a_replay_can_stop_and_go_on(taken_back: Pipeline) -> None:
    runtime = taken_back.runtime(FORENSIC)
    assert [state.batch for state in runtime.replay("Store1", up_to=2)] == [5]
    assert [state.batch for state in runtime.replay("Store1")] == [7, 6]
    with pytest.raises(OperationRefused, match="no batch of stream Store1 was rolled back and is still to be replayed"):
        runtime.replay("Store1")
    assert is_copied(taken_back, FORENSIC, "people")
    assert_laws_hold(taken_back, FORENSIC)


def test_what_was_replayed_can_be_rolled_back_and_replayed_again(taken_back: Pipeline) -> None:
    runtime = taken_back.runtime(FORENSIC)
    runtime.replay("Store1", up_to=2)
    runtime.rollback("Store1", 1)

    runtime.replay("Store1")

    assert _replayed(taken_back) == [
        (1, None),
        (6, "replay of batch 5"),
        (7, "replay of batch 3"),
        (8, "replay of batch 4"),
    ]
    assert is_copied(taken_back, FORENSIC, "people")
    assert is_copied(taken_back, FORENSIC, "pets")
    assert_laws_hold(taken_back, FORENSIC)


def test_the_batch_after_a_replay_reads_on_from_it(taken_back: Pipeline) -> None:
    taken_back.runtime(FORENSIC).replay("Store1")
    taken_back.producer("UPDATE people SET city = 'later' WHERE id = 9")
    done = taken_back.run(FORENSIC)
    assert_done(done)
    assert (done.batch, done.datasets["people"].updated) == (8, 1)
    assert_laws_hold(taken_back, FORENSIC)


def test_a_batch_that_read_the_source_stands_in_place_of_what_was_taken_back(taken_back: Pipeline) -> None:
    assert_done(taken_back.run(FORENSIC))
    before = tables(taken_back)
    with pytest.raises(OperationRefused, match="still to be replayed"):
        taken_back.runtime(FORENSIC).replay("Store1")
    assert tables(taken_back) == before


def test_a_first_load_is_not_replayed(people_and_pets: Pipeline) -> None:
    _four(people_and_pets)
    runtime = people_and_pets.runtime(FORENSIC)
    runtime.rollback("Store1", 0)
    with pytest.raises(OperationRefused, match="batch 1 of stream Store1 is not replayed: it was a first load"):
        runtime.replay("Store1")


def test_staging_that_is_not_kept_is_not_replayed(taken_back: Pipeline) -> None:
    execute(taken_back.target, "DELETE FROM yellowforensic_store1_people_staging WHERE ds_surf_batch = 4")
    before = tables(taken_back)
    runtime = taken_back.runtime(FORENSIC)
    with pytest.raises(OperationRefused, match=r"batch 4 .* its staging is not kept \(dataset people\)") as refused:
        runtime.replay("Store1")
    assert "--to" in str(refused.value.hint)
    assert tables(taken_back) == before
    assert [state.batch for state in runtime.replay("Store1", up_to=3)] == [6, 5]


def test_staging_of_another_schema_is_not_replayed(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE, *fill(people=20, pets=10))
    assert_done(pipeline.run(FORENSIC))
    pipeline.producer("DELETE FROM people WHERE id = 1")
    assert_done(pipeline.run(FORENSIC))
    pipeline.runtime(FORENSIC).rollback("Store1", 1)
    pipeline.datasets = [PEOPLE, PETS]
    pipeline.apply()
    with pytest.raises(
        OperationRefused, match="batch 2 of stream Store1 is not replayed: it was read under another schema"
    ):
        pipeline.runtime(FORENSIC).replay("Store1")


def test_what_stands_on_other_rows_is_not_replayed(taken_back: Pipeline) -> None:
    execute(taken_back.target, "DELETE FROM yellowforensic_batch_metrics WHERE batch = 2")
    with pytest.raises(OperationRefused, match="it was staged on other rows than are live now"):
        taken_back.runtime(FORENSIC).replay("Store1")


def test_rows_that_were_damaged_stop_a_replay(taken_back: Pipeline) -> None:
    execute(taken_back.target, "UPDATE yellowforensic_store1_people_merge_live SET ds_surf_all_hash = 7 WHERE id = 4")
    before = merge_tables(taken_back, FORENSIC), batch_log(taken_back, FORENSIC)
    with pytest.raises(ReceiptMismatch, match="the receipt of people does not hold"):
        taken_back.runtime(FORENSIC).replay("Store1")
    assert (merge_tables(taken_back, FORENSIC), batch_log(taken_back, FORENSIC)) == before


def test_an_uncommitted_batch_is_finished_before_a_replay(taken_back: Pipeline) -> None:
    assert taken_back.run(FORENSIC, budget=0).code is ResultCode.KEEP_WORKING
    runtime = taken_back.runtime(FORENSIC)
    with pytest.raises(OperationRefused, match="batch 5 of stream Store1 is INGESTED, so nothing is replayed"):
        runtime.replay("Store1")

    runtime.reset("Store1")
    assert [state.batch for state in runtime.replay("Store1")] == [7, 6, 5]

    assert staged_rows(taken_back, FORENSIC, 5) == 6
    assert is_copied(taken_back, FORENSIC, "people")
    assert_laws_hold(taken_back, FORENSIC)


def test_a_replay_that_was_overtaken_between_two_batches_goes_no_further(taken_back: Pipeline) -> None:
    with (
        holding(taken_back.target, "LOCK TABLE yellowforensic_store1_people_staging IN SHARE MODE") as gate,
        beside(lambda: taken_back.runtime(FORENSIC).replay("Store1")) as zombie,
    ):
        until(lambda: _waiting(taken_back) == 1)
        line = "LOCK TABLE yellowforensic_batch_counter IN EXCLUSIVE MODE"
        take = "UPDATE yellowforensic_batch_counter SET token = token + 1"
        with beside(lambda: execute(taken_back.target, line, take)):
            until(lambda: _waiting(taken_back) == 2)
            gate.rollback()
        with pytest.raises(Fenced, match="a later job took stream Store1 over"):
            zombie.result()
    assert _replayed(taken_back) == [(1, None), (5, "replay of batch 2")]
    taken_back.runtime(FORENSIC).replay("Store1")
    assert is_copied(taken_back, FORENSIC, "people")
    assert_laws_hold(taken_back, FORENSIC)


def _waiting(pipeline: Pipeline) -> int:
    return len(fetch(pipeline.target, "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'relation'"))
