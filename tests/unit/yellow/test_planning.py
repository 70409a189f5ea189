"""Which batches a rollback takes back, which a replay merges again, and what a repair needs: decided from the log."""

from collections.abc import Mapping

import pytest
from attrs import evolve

from datasurface.errors import OperationRefused
from datasurface.milestoning.strategy import Fingerprint
from datasurface.results import BatchStatus, DatasetCounts
from datasurface_yellow.batch.planning import (
    LoggedBatch,
    LoggedDataset,
    check_recipes,
    check_staged,
    plan_repair,
    plan_replay,
    plan_rollback,
)

CHANGED = DatasetCounts(read=10, inserted=1, updated=2, deleted=1, unchanged=7)
SAME = DatasetCounts(read=10, unchanged=10)
COMMITTED, ROLLED_BACK = BatchStatus.COMMITTED, BatchStatus.ROLLED_BACK


def _left(batch: int) -> Fingerprint:
    """What a batch left of a dataset."""
    return Fingerprint(10, batch, "r")


def _dataset(batch: int, counts: DatasetCounts = CHANGED) -> LoggedDataset:
    return LoggedDataset(counts, "keys", _left(batch - 1), _left(batch))


def _batch(number: int, status: BatchStatus = COMMITTED, **datasets: LoggedDataset) -> LoggedBatch:
    return LoggedBatch(number, status, "schema", None, datasets or {"people": _dataset(number)})


def _log(*statuses: BatchStatus) -> list[LoggedBatch]:
    """Batches from 5 on."""
    return [_batch(number, status) for number, status in enumerate(statuses, start=5)]


def test_a_rollback_takes_back_the_committed_batches_after_it_newest_first() -> None:
    log = _log(COMMITTED, COMMITTED, ROLLED_BACK, COMMITTED, BatchStatus.STARTED)

    assert plan_rollback("Store1", log, 5, ["people"]) == (8, 6)


def test_a_rollback_to_before_the_first_batch_takes_all_back_wherever_the_log_begins() -> None:
    assert plan_rollback("Store1", _log(COMMITTED, COMMITTED), 0, ["people"]) == (6, 5)


@pytest.mark.parametrize(
    ("log", "to", "words"),
    [
        (_log(COMMITTED, BatchStatus.INGESTED), 5, "batch 6 of stream Store1 is INGESTED, so nothing is rolled back"),
        (_log(COMMITTED, BatchStatus.FAILED), 5, "batch 6 of stream Store1 is FAILED, so nothing is rolled back"),
        ([], 9, "not rolled back to batch 9: there is no such batch"),
        (_log(COMMITTED), 4, "not rolled back to batch 4: it is not in the log any more"),
        (_log(ROLLED_BACK, COMMITTED), 5, "not rolled back to batch 5: it is ROLLED_BACK"),
        (_log(COMMITTED), 5, "no batch of stream Store1 after 5 is committed"),
        (_log(COMMITTED, ROLLED_BACK), 5, "no batch of stream Store1 after 5 is committed"),
        ([], 0, "no batch of stream Store1 after 0 is committed"),
    ],
)
def test_a_rollback_that_cannot_be_is_refused(log: list[LoggedBatch], to: int, words: str) -> None:
    with pytest.raises(OperationRefused, match=words) as refused:
        plan_rollback("Store1", log, to, ["people"])
    assert refused.value.hint


@pytest.mark.parametrize(("counts", "is_refused"), [(CHANGED, True), (SAME, False)])
def test_changes_of_a_dataset_that_left_the_stream_are_not_taken_back(counts: DatasetCounts, is_refused: bool) -> None:
    log = [*_log(COMMITTED), _batch(6, people=_dataset(6), pets=_dataset(6, counts))]

    if not is_refused:
        assert plan_rollback("Store1", log, 5, ["people"]) == (6,)
        return
    with pytest.raises(OperationRefused, match="batch 6 changed pets, which stream Store1 has no longer"):
        plan_rollback("Store1", log, 5, ["people"])


def test_hashes_of_another_recipe_prove_no_rollback() -> None:
    check_recipes("Store1", 5, {"people": _left(5)}, {"people": "r", "pets": "new"})
    with pytest.raises(OperationRefused, match="since then people got hashes of another recipe"):
        check_recipes("Store1", 5, {"people": _left(5)}, {"people": "new"})


TAKEN_BACK = [_batch(number, ROLLED_BACK) for number in (6, 7, 8)]
LIVE: Mapping[str, Fingerprint] = {"people": _left(5)}


def _replayed(
    candidates: list[LoggedBatch] = TAKEN_BACK,
    live: Mapping[str, Fingerprint] = LIVE,
    schema: str = "schema",
    up_to: int | None = None,
    top: LoggedBatch | None = None,
) -> list[int]:
    plan = plan_replay("Store1", top or candidates[-1], candidates, live, schema, up_to)
    return [batch.number for batch in plan]


def test_a_replay_merges_batches_each_on_what_the_one_before_left() -> None:
    assert _replayed() == [6, 7, 8]
    assert _replayed(up_to=7) == [6, 7]
    assert _replayed(live={"people": _left(6)}) == [7, 8]
    assert _replayed(top=_batch(9, BatchStatus.STARTED)) == [6, 7, 8]


def test_a_replay_ends_where_a_batch_does_not_stand_on_the_one_before() -> None:
    assert _replayed([TAKEN_BACK[0], TAKEN_BACK[2]]) == [6]


def test_a_dataset_that_nothing_was_left_of_is_empty() -> None:
    first = evolve(_dataset(6), before=Fingerprint(0, 0, "r"))
    batch = _batch(6, ROLLED_BACK, people=_dataset(6), pets=first)

    assert _replayed([batch]) == [6]
    assert _replayed([batch], live={**LIVE, "pets": Fingerprint(0, 0, "r")}) == [6]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"top": _batch(9, BatchStatus.INGESTED)}, "batch 9 of stream Store1 is INGESTED, so nothing is replayed"),
        ({"top": _batch(9, BatchStatus.FAILED)}, "batch 9 of stream Store1 is FAILED, so nothing is replayed"),
        ({"up_to": 5}, "no batch of stream Store1 was rolled back and is still to be replayed"),
        ({"live": {"people": _left(1)}}, "batch 6 of stream Store1 is not replayed: it was staged on other rows"),
        ({"live": {}}, "batch 6 of stream Store1 is not replayed: it was staged on other rows"),
        ({"schema": "other"}, "batch 6 of stream Store1 is not replayed: it was read under another schema"),
        (
            {"candidates": [_batch(6, ROLLED_BACK, people=evolve(_dataset(6), before=None))]},
            "batch 6 of stream Store1 is not replayed: it was staged on other rows",
        ),
    ],
)
def test_a_replay_that_cannot_be_is_refused(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(OperationRefused, match=words) as refused:
        _replayed(**arguments)  # type: ignore[arg-type]
    assert refused.value.hint


def test_what_was_staged_must_be_there_to_be_replayed() -> None:
    check_staged("Store1", _batch(6), {"people": (3, 1)})


@pytest.mark.parametrize(
    ("level", "staged", "why"),
    [
        ("keys", (2, 1), "its staging is not kept"),
        ("keys", (3, 0), "its staging is not kept"),
        ("load", (0, 0), "it was a first load, which stages nothing"),
    ],
)
def test_what_is_not_staged_any_more_is_not_replayed(level: str, staged: tuple[int, int], why: str) -> None:
    batch = _batch(6, people=evolve(_dataset(6), level=level))
    with pytest.raises(OperationRefused, match=rf"batch 6 of stream Store1 is not replayed: {why} \(dataset people\)"):
        check_staged("Store1", batch, {"people": staged})


def test_a_repair_needs_merged_rows_no_past_and_a_whole_source() -> None:
    plan_repair("Store1", was_merged=True, keeps_past=False, shows_all=True)
    for was_merged, keeps_past, shows_all, words in (
        (False, False, True, "no batch of stream Store1 is committed"),
        (True, True, True, "stream Store1 keeps its past"),
        (True, False, False, "stream Store1 is read by a watermark"),
    ):
        with pytest.raises(OperationRefused, match=words) as refused:
            plan_repair("Store1", was_merged, keeps_past, shows_all)
        assert refused.value.hint
