"""What the commands say and do of copies in consumers' own databases, on a platform in memory."""

from typing import Any, cast

import pytest

from tests.unit.cli.conftest import Command, Model
from tests.unit.cli.memory_platform import MemoryPlugin

STORE = ("--store", "postgresql://db/merge?credential=writer")


Groups = list[dict[str, Any]]


@pytest.fixture
def copied(command: Command, model: Model) -> Model:
    """The live group is copied."""
    model.edit("    DatasetGroup,\n", "    Copied,\n    DatasetGroup,\n")
    model.edit("requires=live)", "requires=live, copied=Copied())")
    model.edit(
        '    "Consumer1",\n',
        '    "Consumer1",\n'
        '    container=PostgresDatabase("Own", host="c", database="c", credential=Credential("own")),\n'
        '    reader=Credential("reads-views"),\n',
    )
    assert command("apply", model).code == 0
    return model


@pytest.mark.usefixtures("copied")
def test_refresh_says_what_it_did_and_which_database_is_away(command: Command, world: MemoryPlugin) -> None:
    ended = command("views", "refresh", *STORE)
    assert ended.code == 0
    assert "Live, Consumer1/LiveDSG: DONE\n  LiveDSG: batch 1, changes, +0 -0\n" in ended.out
    document = command("views", "refresh", *STORE, "--whole", "--json").document()
    assert document["well"] is True
    assert [(group["group"], group["copies"][0]["way"]) for group in cast("Groups", document["groups"])] == [
        ("LiveDSG", "whole")
    ]

    world.away.add("Consumer1")
    ended = command("views", "refresh", *STORE)
    assert ended.code == 1
    assert "Live, copies of Consumer1/LiveDSG: the database of Consumer1 is away\n  hint: start it\n" in ended.out
    unknown = command("views", "refresh", *STORE, "--group", "Nobody")
    assert unknown.code == 1
    assert "no group */Nobody is copied" in unknown.err
    assert "groups that are copied: Consumer1/LiveDSG" in unknown.err


@pytest.mark.usefixtures("copied")
def test_who_names_a_run_gets_a_record_of_it(command: Command, world: MemoryPlugin) -> None:
    assert command("views", "refresh", *STORE).code == 0
    assert not world.results, "a refresh that nobody named leaves none"
    words = ("views", "refresh", *STORE, "--platform", "Live", "--workspace", "Consumer1", "--group", "LiveDSG")
    assert command(*words, "--run-id", "r1").code == 0
    world.away.add("Consumer1")
    assert command(*words, "--run-id", "r2").code == 1
    name = "@copies Consumer1.LiveDSG"
    assert {key: result.code.name for key, result in world.results.items()} == {
        ("Live", name, "r1"): "DONE",
        ("Live", name, "r2"): "ERROR",
    }
    error = world.results["Live", name, "r2"].error
    assert error is not None
    assert error.message == "Live, copies of Consumer1/LiveDSG: the database of Consumer1 is away"


@pytest.mark.usefixtures("copied")
def test_run_refreshes_after_the_batches(command: Command, world: MemoryPlugin) -> None:
    ended = command("run", *STORE, "--once")
    assert ended.code == 0
    lines = [line.split("  ", 1)[1] for line in ended.out.splitlines()[:-1]]
    assert lines[-1] == "Live  copies of Consumer1/LiveDSG  DONE  +3 -0"
    assert ended.out.splitlines()[-1] == "2 streams, 3 jobs, 0 failed"
    world.away.add("Consumer1")
    ended = command("run", *STORE, "--once", "--json")
    assert ended.code == 1
    [copies] = cast("Groups", ended.document()["copies"])
    assert (copies["jobs"], copies["failed"], copies["last"]["result"]) == (1, 1, "ERROR")


@pytest.mark.usefixtures("copied")
def test_forget_names_the_copies_and_is_not_done_while_one_is_away(command: Command, world: MemoryPlugin) -> None:
    assert command("run", *STORE, "--once").code == 0
    world.source["customers"] = [("2", "Grace")]
    forget = ("forget", *STORE, "--dataset", "Store1.customers", "--key", "1")
    assert "  copied for Consumer1/LiveDSG: LiveDSG_customers\n" in command(*forget, "--dry-run").err
    world.away.add("Consumer1")
    ended = command(*forget, "--yes", "--json")
    assert ended.code == 1
    assert "Live: the copies of Consumer1/LiveDSG may hold it still: it is away" in ended.err
    assert '"left": "it is away"' in ended.out
    world.away.clear()
    assert command(*forget, "--yes").code == 0
