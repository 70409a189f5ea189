"""What a job does with a stream, decided from the newest batch alone."""

import pytest
from attrs import evolve

from datasurface.errors import BatchStuck
from datasurface.results import BatchStatus
from datasurface_yellow.batch.state import Decision, LastBatch, Move, after_mismatch, decide, schema_difference

COLUMNS = {"people": {"id": "bigint", "name": "varchar"}}


def _last(status: BatchStatus, number: int = 7, schema_hash: str = "same") -> LastBatch:
    return LastBatch(number, status, schema_hash, COLUMNS)


@pytest.mark.parametrize("counter", [0, 3])
def test_a_stream_without_a_batch_starts_after_the_counter(counter: int) -> None:
    assert decide(None, counter, "same", COLUMNS) == Decision(Move.START, counter + 1)


@pytest.mark.parametrize("status", [BatchStatus.COMMITTED, BatchStatus.ROLLED_BACK])
def test_after_an_ended_batch_the_next_starts_under_a_number_that_was_never_used(status: BatchStatus) -> None:
    assert decide(_last(status), 9, "same", COLUMNS) == Decision(Move.START, 10)


@pytest.mark.parametrize("schema_hash", ["same", "other"])
def test_a_batch_that_began_is_read_again_under_its_number_whatever_the_schema(schema_hash: str) -> None:
    assert decide(_last(BatchStatus.STARTED), 7, schema_hash, COLUMNS) == Decision(Move.READ_AGAIN, 7)


@pytest.mark.parametrize("status", [BatchStatus.STARTED, BatchStatus.FAILED])
def test_a_batch_that_is_to_repair_trusts_nothing(status: BatchStatus) -> None:
    last = evolve(_last(status), repair=True)

    assert decide(last, 7, "other", COLUMNS) == Decision(Move.READ_AGAIN, 7, compare_all=True, repair=True)


def test_a_batch_whose_receipt_did_not_hold_trusts_no_sum() -> None:
    last = evolve(_last(BatchStatus.STARTED), receipt_failures=1)

    assert decide(last, 7, "same", COLUMNS) == Decision(Move.READ_AGAIN, 7, compare_all=True)


def test_a_staged_batch_is_merged() -> None:
    assert decide(_last(BatchStatus.INGESTED), 7, "same", COLUMNS) == Decision(Move.MERGE, 7)


def test_a_batch_that_was_staged_under_another_schema_is_stuck() -> None:
    now = {"people": {"id": "integer", "name": "varchar"}, "pets": {"id": "bigint"}}

    with pytest.raises(BatchStuck) as stuck:
        decide(_last(BatchStatus.INGESTED), 7, "other", now)

    assert stuck.value.message == (
        "batch 7 was read under another schema: without people.id bigint, with people.id integer, with pets.id bigint"
    )
    assert "batch reset" in (stuck.value.hint or "")


def test_a_failed_batch_waits_for_a_person() -> None:
    with pytest.raises(BatchStuck, match="batch 7 is FAILED"):
        decide(_last(BatchStatus.FAILED), 7, "same", COLUMNS)


def test_a_failed_batch_is_read_again_under_a_new_schema() -> None:
    assert decide(_last(BatchStatus.FAILED), 7, "other", COLUMNS) == Decision(Move.READ_AGAIN, 7)


def test_every_status_has_a_decision() -> None:
    for status in BatchStatus:
        try:
            decide(_last(status), 7, "same", COLUMNS)
        except BatchStuck:
            assert status is BatchStatus.FAILED


def test_a_receipt_may_fail_once() -> None:
    assert [after_mismatch(failures) for failures in (0, 1, 2)] == [
        BatchStatus.STARTED,
        BatchStatus.FAILED,
        BatchStatus.FAILED,
    ]


def test_schemas_that_differ_in_no_column_differ_in_keys_or_nullability() -> None:
    assert schema_difference(COLUMNS, COLUMNS) == "other keys or nullability"
