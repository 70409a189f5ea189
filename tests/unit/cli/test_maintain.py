"""``datasurface maintain``: one task, one record, and an exit code that says whether it was done."""

import pytest

from datasurface.results import ResultCode
from tests.unit.cli.conftest import Command, Model
from tests.unit.cli.memory_platform import MemoryPlugin

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
