"""A group moves from one platform to another: the new one fills unseen, both are read, the old one stops and goes."""

import pytest
from attrs import evolve, frozen

from datasurface.errors import ChangeRefused, NotApplied
from datasurface.graph import deployments
from datasurface.model import Assignment, AssignmentStatus, GroupAssignments
from datasurface.operations.apply import apply
from datasurface.operations.control import control_container
from datasurface.operations.jobs import InForce, ingest, verify
from datasurface.operations.model import CheckedModel
from datasurface.plugins.manager import Plugins, installed_plugins
from datasurface.results import ResultCode
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import fetch

PROVISIONING, PROVISIONED = AssignmentStatus.PROVISIONING, AssignmentStatus.PROVISIONED
DECOMMISSIONING, DECOMMISSIONED = AssignmentStatus.DECOMMISSIONING, AssignmentStatus.DECOMMISSIONED

OLD, NEW = LIVE, FORENSIC
"""A platform that keeps the past can serve a group that only asks for the rows of now."""

VIEWS = "SELECT viewname FROM pg_views WHERE schemaname = 'consumer1' ORDER BY 1"


@frozen
class Move:
    """The group LiveDSG, with a status on each platform."""

    pipeline: Pipeline
    plugins: Plugins

    def apply(self, **statuses: AssignmentStatus) -> None:
        """Put a mapping file in force that assigns the group so."""
        assignments = [Assignment(name, status=status) for name, status in statuses.items()]
        entry = GroupAssignments("Consumer1", "LiveDSG", assignments=assignments)
        model = evolve(self.pipeline.model, assignments=[entry])
        checked = CheckedModel(model, model, deployments(model), (), None)
        apply(checked, self.plugins, self.pipeline.access.credentials)

    def in_force(self) -> InForce:
        credentials = self.pipeline.access.credentials
        control = self.plugins.control_store(control_container(self.pipeline.model), credentials)
        generation = control.current()
        assert generation is not None
        return InForce(control, generation, self.plugins, credentials)

    def run(self, platform: str) -> None:
        """One batch."""
        result = ingest(self.in_force(), platform, "Store1")
        assert result.code is ResultCode.DONE, result.error

    def scheduled(self) -> list[str]:
        """The platforms whose schedulers have a row for the store."""
        return [name for name in (OLD, NEW) if self.pipeline.query(f"TABLE {name.lower()}_airflow_dsg")]

    def views(self) -> list[str]:
        """The platforms that consumers can read the group from."""
        names = [name for (name,) in self.pipeline.query(VIEWS)]
        return [platform for platform in (OLD, NEW) if self.view(platform) in names]

    def view(self, platform: str) -> str:
        return f"{platform.lower()}_consumer1_livedsg_people_view"

    def read(self, platform: str) -> list[tuple[object, ...]]:
        """What consumers see."""
        return sorted(self.pipeline.query(f"TABLE consumer1.{self.view(platform)}"), key=str)

    def source(self) -> list[tuple[object, ...]]:
        """What the producer has."""
        return sorted(fetch(self.pipeline.source, "SELECT id, name, city FROM people"), key=str)


@pytest.fixture
def move(new_pipeline: NewPipeline) -> Move:
    return Move(new_pipeline([PEOPLE], *CREATE, *fill(people=50)), installed_plugins())


def test_a_group_moves_without_a_moment_in_which_it_cannot_be_read(move: Move) -> None:
    move.apply(**{OLD: PROVISIONED})
    move.run(OLD)
    first = move.source()
    assert (move.views(), move.read(OLD)) == ([OLD], first)

    move.apply(**{OLD: PROVISIONED, NEW: PROVISIONING})
    move.run(NEW)
    assert move.scheduled() == [OLD, NEW]
    assert (move.views(), move.read(OLD)) == ([OLD], first)
    assert move.pipeline.query("SELECT count(*) FROM yellowforensic_store1_people_merge") == [(50,)]

    move.apply(**{OLD: DECOMMISSIONING, NEW: PROVISIONED})
    assert move.scheduled() == move.views() == [OLD, NEW]
    assert move.read(NEW) == move.read(OLD) == first
    move.pipeline.producer("UPDATE people SET city = 'Rome' WHERE id < 5", "DELETE FROM people WHERE id = 9")
    for platform in (OLD, NEW):
        move.run(platform)
    second = move.source()
    assert move.read(NEW) == move.read(OLD) == second

    move.apply(**{OLD: DECOMMISSIONED, NEW: PROVISIONED})
    move.pipeline.producer("INSERT INTO people VALUES (99, 'Ada', 'London')")
    with pytest.raises(NotApplied, match="runs no stream"):
        move.run(OLD)
    move.run(NEW)
    assert (move.scheduled(), move.views()) == ([NEW], [OLD, NEW])
    assert (move.read(OLD), move.read(NEW)) == (second, move.source())

    move.apply(**{NEW: PROVISIONED})
    assert (move.scheduled(), move.views(), move.read(NEW)) == ([NEW], [NEW], move.source())
    assert move.pipeline.query("SELECT count(*) FROM yellowlive_store1_people_merge") == [(49,)]
    assert all(check.holds for checks in verify(move.in_force()).values() for check in checks)


def test_a_platform_that_disappoints_gives_the_group_back(move: Move) -> None:
    move.apply(**{OLD: DECOMMISSIONING, NEW: PROVISIONED})
    move.apply(**{OLD: PROVISIONED, NEW: DECOMMISSIONING})
    move.run(OLD)
    assert move.read(OLD) == move.source()


def test_a_status_that_jumps_changes_nothing(move: Move) -> None:
    move.apply(**{OLD: PROVISIONED, NEW: PROVISIONING})
    with pytest.raises(ChangeRefused) as refused:
        move.apply(**{OLD: DECOMMISSIONED, NEW: PROVISIONED})
    assert [hint for _, hint in refused.value.refusals] == ["allowed next: DECOMMISSIONING"]
    with pytest.raises(ChangeRefused):
        move.apply(**{NEW: PROVISIONED})
    assert move.in_force().generation.number == 1
    assert (move.scheduled(), move.views()) == ([OLD, NEW], [OLD])
