"""Going back to an earlier generation, and the history of them, on a platform in memory."""

import io
from typing import Any

import pytest

from datasurface.errors import ApplyRefused
from datasurface.interchange.canonical import NotCanonical
from datasurface.operations.apply import apply
from datasurface.operations.jobs import InForce
from datasurface.operations.rollback import preview_rollback, rollback
from tests.unit.cli.conftest import BOTH, Command, Model, assignment
from tests.unit.cli.memory_platform import MemoryPlugin
from tests.unit.operations import test_apply as simulated

pytestmark = pytest.mark.slow

STORE = ("--store", "postgresql://db/merge?credential=writer")


@pytest.fixture
def twice(command: Command, model: Model) -> Model:
    """A model that was applied, and again with another status."""
    assert command("apply", model).code == 0
    model.assign([BOTH[0], assignment("ForensicDSG", "Forensic", "DECOMMISSIONING")])
    assert command("apply", model).code == 0
    return model


def test_a_rollback_says_what_it_does_and_asks(
    command: Command, twice: Model, world: MemoryPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ended = command("rollback", twice)
    assert (ended.code, len(world.generations)) == (1, 2)
    assert "from generation 2 back to 1" in ended.err
    assert "1 change (1 changed)" in ended.err
    assert "status AssignmentStatus.DECOMMISSIONING to AssignmentStatus.PROVISIONED" in ended.err
    assert "Live: nothing to do" in ended.err
    assert "nothing was rolled back" in ended.err


def test_the_older_model_comes_into_force_as_a_new_generation(
    command: Command, twice: Model, world: MemoryPlugin
) -> None:
    tables = set(world.tables)
    ended = command("rollback", twice, "--yes")
    assert (ended.code, ended.out) == (0, "generation 3 is in force, with the model of generation 1\n")
    assert world.models[2] == world.models[0] != world.models[1]
    assert world.generations[2].deployments == world.generations[0].deployments
    assert set(world.tables) == tables


def test_a_rollback_takes_steps_that_a_commit_may_not(command: Command, twice: Model, world: MemoryPlugin) -> None:
    twice.assign([BOTH[0], assignment("ForensicDSG", "Forensic", "DECOMMISSIONED")])
    assert command("apply", twice).code == 0
    document = command("rollback", *STORE, "--to", "1", "--yes", "--json").document()
    assert (document["generation"], document["rollback_to"], document["published"]) == (4, 1, True)
    assert world.models[3] == world.models[0]
    twice.assign(BOTH)
    assert command("apply", twice).out.startswith("generation 4 was in force already")


def test_history_shows_every_generation_with_what_it_changed(command: Command, twice: Model) -> None:
    assert command("rollback", twice, "--yes").code == 0
    document: Any = command("history", *STORE, "--json").document()
    newest, second, first = document["generations"]
    assert (newest["generation"], newest["rollback_to"]) == (3, 1)
    assert newest["summary"] == "rollback to generation 1: 1 change (1 changed); 1 workspace affected"
    assert (second["summary"], second["streams"], second["applied_by"]) == (
        "1 change (1 changed); 1 notice; 1 workspace affected; 1 approval needed",
        2,
        "tester",
    )
    assert first["summary"].startswith("first check-in: ")
    shown = command("history", twice, "--last", "1").out
    assert "rollback to" in shown
    assert "first check-in" not in shown


@pytest.mark.parametrize(
    ("to", "words"),
    [("2", "generation 2 is in force"), ("7", "no generation 7")],
)
def test_there_is_nothing_to_go_back_to(command: Command, twice: Model, to: str, words: str) -> None:
    ended = command("rollback", twice, "--to", to, "--yes")
    assert (ended.code, words in ended.err) == (1, True)


def test_the_first_generation_has_none_before_it(command: Command, model: Model) -> None:
    assert command("apply", model).code == 0
    assert "there is no generation before 1" in command("rollback", model, "--yes").err


def test_a_model_that_was_not_kept_or_cannot_be_read_is_a_clear_error(
    command: Command, twice: Model, world: MemoryPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_world: MemoryPlugin, _generation: int) -> None:
        raise NotCanonical("'Lake' is none of the known classes", hint="install it")

    monkeypatch.setattr(MemoryPlugin, "model_of", gone)
    ended = command("rollback", "--to", "1", *STORE, "--yes")
    assert "model of generation 1 cannot be read by this version: 'Lake' is none" in ended.err
    monkeypatch.setattr(MemoryPlugin, "model_of", lambda _world, _generation: None)
    ended = command("rollback", "--to", "1", *STORE, "--yes")
    assert "did not keep its model" in ended.err
    assert (ended.code, len(world.generations)) == (1, 2)


def test_what_came_into_force_since_it_was_said_is_not_taken_back() -> None:
    world = simulated.World()
    first, second = simulated.model(simulated.LIVE), simulated.model(simulated.FORENSIC)
    for model in (first, second):
        simulated.applied(world, model)
    in_force = InForce(world, world.generations[-1], simulated.plugins_of(world), simulated.NO_CREDENTIALS)
    seen = preview_rollback(in_force)
    apply(first, in_force.plugins, in_force.credentials)
    with pytest.raises(ApplyRefused, match="another generation came into force since: 3 instead of 2"):
        rollback(in_force, seen)
    assert len(world.generations) == 3
