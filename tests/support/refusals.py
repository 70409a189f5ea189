"""What a job that could not do its batch must say, and what it must leave as it was."""

from attrs import frozen

from datasurface.results import JobResult, ResultCode
from tests.support.people import SECRET
from tests.support.pipeline import Pipeline
from tests.support.records import Tables, batch_log, counter, merge_tables, said, staged_rows, stored_result


@frozen
class Refusal:
    """The error that is expected: its type and dataset, and words that its message and its hint must have."""

    type: str
    dataset: str | None
    says: str
    hint: str


@frozen
class State:
    """What a refused batch must not change: the merge tables, and the number of the last committed batch."""

    merge: Tables
    batch: int


def state_of(pipeline: Pipeline, platform: str) -> State:
    """The state now, when every batch is committed."""
    return State(merge_tables(pipeline, platform), counter(pipeline, platform))


def assert_refused(pipeline: Pipeline, platform: str, result: JobResult, refusal: Refusal) -> None:
    """The result says the one thing, where it is and what to do; it is stored; no protected value shows anywhere."""
    error = result.error
    assert error is not None
    assert (error.type, error.dataset) == (refusal.type, refusal.dataset), error
    place = f"{platform}, stream Store1" + (f", dataset {refusal.dataset}" if refusal.dataset else "")
    assert error.message.startswith(f"{place}: "), error.message
    assert refusal.says in error.message, error.message
    assert refusal.hint in (error.hint or ""), error.hint
    assert result.code is ResultCode.ERROR
    assert result.datasets == {}
    assert result.document() == stored_result(pipeline, platform, result.run_id)
    assert SECRET not in said(pipeline, platform, result)


def assert_untouched(pipeline: Pipeline, platform: str, before: State, *, tried: int) -> None:
    """Batch ``tried`` was begun and left nothing but its error in the log."""
    assert merge_tables(pipeline, platform) == before.merge
    assert staged_rows(pipeline, platform, tried) == 0
    assert counter(pipeline, platform) == tried
    number, status, datasets, error = batch_log(pipeline, platform)[-1]
    assert (number, status, datasets) == (tried, "STARTED", {})
    assert error
