"""``datasurface maintain``: one task, one record, and an exit code that says whether it was done."""

from datetime import timedelta

import pytest
from attrs import evolve

from datasurface.operations.maintain import Late, lateness
from datasurface.results import BatchState, BatchStatus, ResultCode
from tests.unit.cli.conftest import Command, Model
from tests.unit.cli.memory_platform import MemoryPlugin
from tests.unit.operations.generations import MIDNIGHT, deployment

STORE = ("--store", "postgresql://db/merge?credential=writer")


@pytest.fixture
def applied(command: Command, model: Model) -> Model:
    assert command("apply", model).code == 0
    return model


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize("task", ["views", "verify", "retention", "freshness"])
def test_a_task_that_is_done_leaves_its_record(command: Command, world: MemoryPlugin, task: str) -> None:
    ended = command("maintain", *STORE, "--platform", "Live", "--task", task, "--run-id", "r1", "--json")
    assert ended.code == 0, ended.err
    document = ended.document()
    assert (document["stream"], document["run_id"], document["code"]) == (f"@{task}", "r1", 0)
    assert world.results["Live", f"@{task}", "r1"].document() == document


@pytest.mark.usefixtures("applied")
def test_a_task_that_fails_says_why_in_its_record(command: Command, world: MemoryPlugin) -> None:
    world.held["old_view"] = "somebody reads it"
    world.views["Live"].add("old_view")
    ended = command("maintain", *STORE, "--platform", "Live", "--task", "views", "--run-id", "r1")
    assert ended.code == 1
    assert "Live, views: views could not be made: old_view: somebody reads it" in ended.err
    assert world.results["Live", "@views", "r1"].code is ResultCode.ERROR


def test_before_the_first_apply_there_is_nothing_to_follow(command: Command, world: MemoryPlugin) -> None:
    ended = command("maintain", *STORE, "--platform", "Live", "--task", "apply")
    assert ended.code == 64
    assert "nothing is in force whose repository could be followed" in ended.err
    assert not world.results


def _batch(minutes: float, status: BatchStatus = BatchStatus.COMMITTED) -> BatchState:
    at = MIDNIGHT + timedelta(minutes=minutes)
    return BatchState("A", 1, status, at, at if status is BatchStatus.COMMITTED else None, {}, None, 1, None)


@pytest.mark.parametrize(
    ("batches", "age"),
    [
        ([_batch(10)], None),
        ([_batch(6)], None),  # of 2 that are accepted and 2 more
        ([_batch(5)], 5),
        ([_batch(9, BatchStatus.FAILED), _batch(5)], 5),
        ([_batch(9, BatchStatus.ROLLED_BACK), _batch(7)], None),
        ([], 10),
    ],
)
def test_a_stream_is_late_once_it_has_missed_a_batch(batches: list[BatchState], age: int | None) -> None:
    [plain] = deployment("Live", "* * * * *", "A").streams
    stream, now = evolve(plain, latency=timedelta(minutes=2)), MIDNIGHT + timedelta(minutes=10)
    found = lateness(stream, timedelta(minutes=2), batches, MIDNIGHT, now)
    assert found == (None if age is None else Late("A", timedelta(minutes=age), timedelta(minutes=4)))
    assert lateness(plain, timedelta(), batches, MIDNIGHT, now) is None, "nobody says"
