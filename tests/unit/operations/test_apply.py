"""The order of apply: every platform first, then the generation, then what must go, all of it under the lock."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

import pytest
from attrs import define, evolve, field, frozen

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment, HandOver, StreamConfig
from datasurface.errors import ApplyRefused, StoreUnavailable
from datasurface.model import (
    Container,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    Milestoning,
    Priority,
    SqlSnapshot,
    Team,
)
from datasurface.operations.apply import ApplyReport, apply, plan
from datasurface.operations.model import CheckedModel
from datasurface.plugins.discovery import HookManager
from datasurface.plugins.hookspecs import hookimpl
from datasurface.plugins.manager import Plugins
from datasurface.results import Step, ViewSummary
from datasurface.runtime import Generation, GenerationChange, PastGeneration
from datasurface.unused import UnusedDataset
from tests.unit.cli.memory_platform import MemoryPlugin, MemoryRuntime
from tests.unit.operations.generations import MIDNIGHT, StoredPlatform


@frozen
class Platform(MemoryRuntime):
    """Does one step, or refuses; then has views to remove."""

    watcher: "World"

    def apply(self, *, dry_run: bool = False, handed_over: Sequence[HandOver] = ()) -> Sequence[Step]:
        assert self.generation is None, "the generation that is being prepared is not in force"
        self.watcher.events.append(f"{'ask' if dry_run else 'apply'} {self.name}")
        self.watcher.handed_over += handed_over
        if self.name == self.watcher.refuses:
            raise ApplyRefused(f"{self.name} refuses")
        if self.watcher.is_at_work:
            self.watcher.is_at_work = False
            raise StoreUnavailable("a view does not exist")
        return [Step("created", self.name)] if self.name not in self.watcher.stands else []

    def unused(self, *, count: bool = False) -> Sequence[UnusedDataset]:
        assert not count, "who prunes nothing does not wait for a count"
        return ()

    def remove_views(self) -> ViewSummary:
        self.watcher.events.append(f"views {self.name}")
        return self.watcher.left.get(self.name, ViewSummary())


@define
class World:
    """A plugin and a control store that write down what is asked of them."""

    events: list[str] = field(factory=list)
    stands: set[str] = field(factory=set)
    left: dict[str, ViewSummary] = field(factory=dict)
    refuses: str | None = None
    is_at_work: bool = False
    """Whether another apply takes away what the next look has just seen."""
    changed_rows: list[tuple[str, str]] = field(factory=list)
    handed_over: list[HandOver] = field(factory=list)
    generations: list[Generation] = field(factory=list)
    models: list[Ecosystem | None] = field(factory=list)
    changes: list[GenerationChange | None] = field(factory=list)

    @hookimpl
    def open_runtime(self, deployment: Deployment, generation: Generation | None) -> Platform:
        return Platform(deployment, generation, MemoryPlugin(), self)

    @hookimpl
    def open_control_store(self, container: Container) -> "World":
        assert container == STORE
        return self

    @contextmanager
    def lock(self) -> Iterator[None]:
        self.events.append("lock")
        yield
        self.events.append("unlock")

    def current(self) -> Generation | None:
        return self.generations[-1] if self.generations else None

    def generation(self, number: int) -> Generation:
        return self.generations[number - 1]

    def change_of(self, generation: int) -> GenerationChange | None:
        return self.changes[generation - 1]

    def history(self, last: int) -> Sequence[PastGeneration]:
        raise AssertionError(f"an apply needs none of the last {last}")

    def model_of(self, generation: int) -> Ecosystem | None:
        return self.models[generation - 1]

    def restore(self, generation: Generation, *, dry_run: bool = False) -> Mapping[str, Sequence[Step]]:
        assert generation == self.current()
        assert not dry_run, "only an apply is tried here"
        return {platform: [Step("restored", row)] for platform, row in self.changed_rows}

    def publish(
        self,
        model: Ecosystem,
        deployments: Sequence[Deployment],
        commit: str | None,
        change: GenerationChange | None = None,
    ) -> Generation:
        self.events.append("publish")
        self.models.append(model)
        self.changes.append(change)
        self.generations.append(Generation(len(self.generations) + 1, tuple(deployments), commit, MIDNIGHT, "tester"))
        return self.generations[-1]


STORE = Container("Store")
LIVE, FORENSIC = (
    StoredPlatform(name, milestoning=milestoning, schedule="* * * * *", store=STORE)
    for name, milestoning in (("Live", Milestoning.LIVE_ONLY), ("Forensic", Milestoning.FORENSIC))
)


STREAM = StreamConfig("Store1", "Store1", SqlSnapshot(Container("Producer")), (), "datastores/Store1")


def model(
    *platforms: StoredPlatform, commit: str | None = "abc", name: str = "Acme", streams: Sequence[StreamConfig] = ()
) -> CheckedModel:
    ecosystem = Ecosystem(name, repository=GitRepository("acme/model"), platforms=platforms, zones=[])
    deployments = tuple(Deployment(name, platform, tuple(streams), ()) for platform in platforms)
    return CheckedModel(ecosystem, ecosystem, deployments, (), commit)


def plugins_of(world: World) -> Plugins:
    manager = HookManager()
    manager.register(world)
    return Plugins(manager)


NO_CREDENTIALS = Credentials([])


def applied(world: World, checked: CheckedModel) -> ApplyReport:
    return apply(checked, plugins_of(world), NO_CREDENTIALS)


def test_platforms_are_applied_in_the_order_of_the_model_and_then_published() -> None:
    world = World()
    report = applied(world, model(LIVE, FORENSIC))
    asked, done = ["ask Live", "ask Forensic"], ["apply Live", "apply Forensic", "publish"]
    assert world.events == ["lock", *asked, *done, "views Live", "views Forensic", "unlock"]
    assert report == ApplyReport(
        1, "abc", True, {"Live": (Step("created", "Live"),), "Forensic": (Step("created", "Forensic"),)}
    )
    assert report.changes


def test_the_same_model_again_publishes_nothing_whatever_its_commit() -> None:
    world = World(stands={"Live"})
    applied(world, model(LIVE))
    report = applied(world, model(LIVE, commit="def"))
    assert report == ApplyReport(1, "abc", False, {"Live": ()})
    assert not report.changes
    assert world.events.count("publish") == 1


def test_rows_that_somebody_changed_are_restored_without_a_new_generation() -> None:
    world = World(stands={"Live"})
    applied(world, model(LIVE))
    world.changed_rows = [("Live", "Store1")]
    report = applied(world, model(LIVE))
    assert (report.publishes, report.steps) == (False, {"Live": (Step("restored", "Store1"),)})


def test_what_was_lost_is_made_again_without_a_new_generation() -> None:
    world = World()
    applied(world, model(LIVE))
    report = applied(world, model(LIVE))
    assert (report.publishes, report.changes) == (False, True)


@pytest.mark.parametrize(
    "changed", [model(FORENSIC), model(LIVE, FORENSIC), model(evolve(LIVE, schedule="*/5 * * * *"))]
)
def test_any_change_of_a_deployment_is_a_new_generation(changed: CheckedModel) -> None:
    world = World()
    applied(world, model(LIVE))
    assert applied(world, changed).generation == 2


def _changed(before: StreamConfig, after: StreamConfig) -> str:
    world = World()
    applied(world, model(LIVE, streams=[before]))
    report = applied(world, model(LIVE, streams=[after]))
    change = world.changes[-1]
    assert report.generation == 2, "jobs need what is kept now"
    assert change is not None
    return change.summary


def test_a_generation_of_an_earlier_version_is_kept_anew_and_history_says_no_more() -> None:
    grown = evolve(STREAM, latency=timedelta(minutes=5), priority=Priority.HIGH, description="People", owner="acme/a@b")
    moved = evolve(STREAM, capture=SqlSnapshot(Container("Elsewhere")))
    assert _changed(STREAM, grown) == "kept as this version does"
    assert _changed(STREAM, moved) == "bound to other places or code"
    assert _changed(STREAM, evolve(moved, latency=timedelta(minutes=5))) == "bound to other places or code"
    assert _changed(grown, evolve(grown, latency=timedelta(minutes=6))) == "bound to other places or code"


def test_a_change_of_the_model_that_no_platform_sees_is_a_new_generation() -> None:
    world = World()
    applied(world, model(LIVE))
    changed = model(LIVE)
    changed = evolve(changed, written=evolve(changed.written, description="Ours"))
    assert applied(world, changed).generation == 2
    assert world.models[-1] == changed.written
    assert applied(world, changed).generation == 2


def test_a_generation_that_kept_no_model_is_followed_by_one_that_does() -> None:
    world = World()
    applied(world, model(LIVE))
    world.models[-1] = None
    assert applied(world, model(LIVE)).generation == 2
    assert applied(world, model(LIVE)).generation == 2


def test_nothing_is_done_where_any_platform_refuses() -> None:
    world = World()
    applied(world, model(LIVE))
    world.refuses = "Forensic"
    with pytest.raises(ApplyRefused):
        applied(world, model(LIVE, FORENSIC))
    assert world.events[-3:] == ["lock", "ask Live", "ask Forensic"]
    current = cast(Generation, world.current())
    assert [deployment.platform.name for deployment in current.deployments] == ["Live"]


def test_a_plan_waits_for_an_apply_that_takes_away_what_it_saw_and_looks_again() -> None:
    world = World(is_at_work=True)
    planned = plan(model(LIVE), plugins_of(world), NO_CREDENTIALS)
    assert planned.steps == {"Live": (Step("created", "Live"),)}
    assert world.events == ["ask Live", "lock", "ask Live", "unlock"]


def test_views_go_when_the_generation_without_them_is_in_force_and_one_that_cannot_says_why() -> None:
    left = ViewSummary(removed=("old",), failed=("used",), reasons={"used": "view theirs depends on it"})
    report = applied(World(stands={"Live"}, left={"Live": left}), model(LIVE))
    could_not = Step("could not remove view", "used", note="view theirs depends on it")
    assert report.steps == {"Live": (Step("removed view", "old"), could_not)}


def test_model_of_another_ecosystem_does_not_stop_the_one_that_runs() -> None:
    world = World()
    applied(world, model(LIVE, streams=[STREAM]))
    events = list(world.events)
    with pytest.raises(ApplyRefused, match="runs ecosystem Acme, and the model is of Other") as refused:
        applied(world, model(FORENSIC, name="Other", streams=[STREAM]))
    assert "control database of its own" in str(refused.value.hint)
    assert world.events == [*events, "lock"]


def test_ecosystem_that_runs_nothing_any_more_can_be_renamed() -> None:
    world = World()
    applied(world, model(LIVE, streams=[STREAM]))
    applied(world, model(LIVE))
    assert applied(world, model(LIVE, name="New", streams=[STREAM])).publishes


def test_platforms_hear_what_changes_hands_from_the_model_in_force() -> None:
    def with_store(repository: str) -> CheckedModel:
        store = Datastore("Store1", capture=STREAM.capture, datasets=[])
        team = Team("team1", repository=GitRepository(repository), datastores=[store])
        zone = GovernanceZone("zone1", repository=GitRepository("acme/zone"), teams=[team])
        checked = model(LIVE)
        ours = evolve(checked.written, zones=[zone])
        return evolve(checked, ecosystem=ours, written=ours)

    world = World()
    for repository in ("acme/a", "acme/a", "acme/b"):
        assert world.handed_over == []
        applied(world, with_store(repository))
    asked_and_done = [HandOver("Store1", "github.com/acme/a@main", "github.com/acme/b@main")] * 2
    assert world.handed_over == asked_and_done
