"""The local scheduler on a simulated clock: streams side by side, generations, ends."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest
from attrs import define, field, frozen

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment
from datasurface.errors import MissingCredential, NotApplied, StoreUnavailable
from datasurface.operations.due import MOST_IN_A_ROW, StreamName
from datasurface.operations.jobs import InForce
from datasurface.operations.schedule import run
from datasurface.plugins.discovery import HookManager
from datasurface.plugins.hookspecs import hookimpl
from datasurface.plugins.manager import Plugins
from datasurface.results import JobResult, JobSeconds, ResultCode
from datasurface.runtime import ControlStore, Generation
from tests.unit.cli.memory_platform import MemoryPlugin, MemoryRuntime
from tests.unit.operations.generations import deployment, generation
from tests.unit.operations.simulated_workers import SimulatedWorkers

DONE, KEEP_WORKING, ERROR = ResultCode.DONE, ResultCode.KEEP_WORKING, ResultCode.ERROR


@frozen
class ScriptedRuntime(MemoryRuntime):
    """Jobs that end as they are told; the scheduler asks nothing else of a platform."""

    script: dict[tuple[str, str], list[ResultCode | Exception]]

    def run_batch(
        self, stream: str, run_id: str, *, budget: float | None = None, allow_deletes: bool = False
    ) -> JobResult:
        assert (budget, allow_deletes) == (None, False)
        assert self.generation is not None
        script = self.script[self.name, stream]
        code = script.pop(0) if script else DONE
        if isinstance(code, Exception):
            raise code
        number = self.generation.number
        return JobResult(self.name, stream, run_id, 1, code, number, None, {}, JobSeconds())


@define
class World:
    """A plugin, and the part of a control store that the scheduler looks at: each look finds the next generation."""

    generations: Iterator[Generation | Exception | None] = field(factory=lambda: iter(()))
    script: dict[tuple[str, str], list[ResultCode | Exception]] = field(factory=lambda: defaultdict(list))
    secret_is_missing: bool = False
    newest: Generation | None = None

    @hookimpl
    def open_runtime(self, deployment: Deployment, generation: Generation) -> ScriptedRuntime:
        if self.secret_is_missing:
            raise MissingCredential("no secret for credential 'writer'", hint="searched: nowhere")
        return ScriptedRuntime(deployment, generation, MemoryPlugin(), self.script)

    def current(self) -> Generation | None:
        following = next(self.generations, self.newest)
        if isinstance(following, Exception):
            raise following
        self.newest = following
        return following

    def in_force(self, first: Generation) -> InForce:
        manager = HookManager()
        manager.register(self)
        return InForce(cast("ControlStore", self), first, Plugins(manager), Credentials([]))


TWO_PLATFORMS = generation(
    deployment("Live", "every 5 seconds", "Store1"), deployment("Forensic", "* * * * *", "Store1")
)
LIVE, FORENSIC = StreamName("Live", "Store1"), StreamName("Forensic", "Store1")


def test_live_and_forensic_run_side_by_side_each_on_its_own_schedule() -> None:
    workers = SimulatedWorkers()
    report = run(World().in_force(TWO_PLATFORMS), workers, duration=timedelta(seconds=125))
    assert [start for start, name in workers.started if name == LIVE] == list(range(0, 125, 5))
    assert [start for start, name in workers.started if name == FORENSIC] == [0, 60, 120]
    assert workers.most_at_once == 2
    assert {name: run.jobs for name, run in report.streams.items()} == {LIVE: 25, FORENSIC: 3}
    assert report.is_well


def test_a_slow_stream_holds_no_other_up() -> None:
    workers = SimulatedWorkers(seconds={"Slow": 40, "Fast": 1})
    in_force = World().in_force(generation(deployment("P", "every 5 seconds", "Slow", "Fast")))
    run(in_force, workers, duration=timedelta(seconds=41))
    assert [start for start, name in workers.started if name == StreamName("P", "Fast")] == list(range(0, 41, 5))
    assert [start for start, name in workers.started if name == StreamName("P", "Slow")] == [0, 40]


def test_no_more_jobs_at_once_than_the_capacity_and_each_gets_its_turn() -> None:
    workers = SimulatedWorkers()
    in_force = World().in_force(generation(deployment("P", "every 5 seconds", "A", "B", "C", "D", "E")))
    report = run(in_force, workers, once=True, capacity=2)
    assert workers.most_at_once == 2
    assert [run.jobs for run in report.streams.values()] == [1] * 5


def test_once_takes_all_jobs_of_one_batch_of_every_stream() -> None:
    world, workers = World(), SimulatedWorkers()
    world.script["Live", "Store1"] = [KEEP_WORKING, KEEP_WORKING, DONE]
    heard: list[ResultCode] = []
    report = run(world.in_force(TWO_PLATFORMS), workers, once=True, on_result=lambda result: heard.append(result.code))
    assert {name: run.jobs for name, run in report.streams.items()} == {LIVE: 3, FORENSIC: 1}
    assert sorted(heard) == [DONE, DONE, KEEP_WORKING, KEEP_WORKING]
    assert workers.passed == 3


def test_a_stream_that_keeps_working_for_ever_comes_to_an_end_of_once() -> None:
    world = World()
    world.script["P", "S"] = [KEEP_WORKING] * 1000
    report = run(world.in_force(generation(deployment("P", "* * * * *", "S"))), SimulatedWorkers(), once=True)
    assert report.streams[StreamName("P", "S")].jobs == MOST_IN_A_ROW + 1


def test_a_failed_batch_is_reported_and_a_later_good_one_heals_the_report() -> None:
    world = World()
    world.script["Live", "Store1"] = [ERROR]
    once = run(world.in_force(TWO_PLATFORMS), SimulatedWorkers(), once=True)
    assert not once.is_well
    assert once.streams[LIVE].failed == 1
    world.script["Live", "Store1"] = [ERROR]
    longer = run(world.in_force(TWO_PLATFORMS), SimulatedWorkers(), duration=timedelta(seconds=20))
    assert longer.is_well
    assert longer.streams[LIVE].failed == 1


def test_a_platform_that_cannot_be_opened_is_a_failed_job_and_not_the_end() -> None:
    world = World(secret_is_missing=True)
    report = run(world.in_force(TWO_PLATFORMS), SimulatedWorkers(), duration=timedelta(seconds=11))
    last = report.streams[LIVE].last
    assert last.code is ERROR
    assert last.batch is None
    assert last.error is not None
    assert last.error.type == "MissingCredential"
    assert report.streams[LIVE].jobs == 3


def test_the_end_that_is_asked_for_waits_for_the_jobs_at_work() -> None:
    workers = SimulatedWorkers(seconds={"Store1": 4}, stop_at=6)
    report = run(World().in_force(TWO_PLATFORMS), workers)
    assert [start for start, name in workers.started if name == LIVE] == [0, 5]
    assert workers.passed == 9
    assert report.streams[LIVE].jobs == 2


def test_a_new_generation_is_taken_up_by_the_next_job_and_what_left_it_stops() -> None:
    first = generation(deployment("P", "every 5 seconds", "Old", "Kept"))
    second = generation(deployment("P", "every 5 seconds", "Kept", "New"), number=2)
    world, workers = World(iter([first, first, second])), SimulatedWorkers()
    taken_up: list[int] = []
    report = run(world.in_force(first), workers, duration=timedelta(seconds=14), on_generation=taken_up.append)
    jobs = {name.stream: run for name, run in report.streams.items()}
    assert {stream: run.jobs for stream, run in jobs.items()} == {"Old": 2, "Kept": 3, "New": 1}
    assert {stream: run.last.generation for stream, run in jobs.items()} == {"Old": 1, "Kept": 2, "New": 2}
    assert taken_up == [2]


def test_a_generation_that_comes_while_nothing_is_in_force_to_run_is_found() -> None:
    empty, filled = generation(deployment("P", "* * * * *")), generation(deployment("P", "* * * * *", "S"), number=2)
    world, workers = World(iter([empty, filled])), SimulatedWorkers()
    report = run(world.in_force(empty), workers, duration=timedelta(seconds=70))
    assert [start for start, _ in workers.started] == [60]
    assert report.is_well


def test_a_control_database_that_is_away_leaves_the_generation_in_hand_running() -> None:
    away = StoreUnavailable("no route to host")
    world, workers = World(iter([away] * 3)), SimulatedWorkers()
    world.newest = TWO_PLATFORMS
    report = run(world.in_force(TWO_PLATFORMS), workers, duration=timedelta(seconds=30))
    assert report.streams[LIVE].jobs == 6


def test_a_job_that_raises_what_no_job_may_ends_the_run_after_the_jobs_at_work() -> None:
    world, workers = World(), SimulatedWorkers(seconds={"Store1": 3})
    world.script["Live", "Store1"] = [ZeroDivisionError("a mistake of the platform")]
    heard: list[JobResult] = []
    with pytest.raises(ZeroDivisionError):
        run(world.in_force(TWO_PLATFORMS), workers, on_result=heard.append)
    assert [result.platform for result in heard] == ["Forensic"]
    assert workers.passed == 3


def test_of_one_platform_only_its_streams_run_also_in_generations_that_follow() -> None:
    world = World(iter([generation(deployment("Live", "every 5 seconds", "Store1", "Store2"), number=2)]))
    workers, heard = SimulatedWorkers(), list[datetime]()
    report = run(
        world.in_force(TWO_PLATFORMS),
        workers,
        platform="Live",
        duration=timedelta(seconds=100),
        on_turn=lambda: heard.append(workers.now()),
    )
    assert {name.platform for name in report.streams} == {"Live"}
    assert StreamName("Live", "Store2") in report.streams
    assert max(after - before for before, after in pairwise(heard)) <= timedelta(seconds=30)
    with pytest.raises(NotApplied, match="no platform 'Other'"):
        run(world.in_force(TWO_PLATFORMS), workers, platform="Other", once=True)


def test_a_platform_that_has_left_the_model_runs_nothing_more() -> None:
    world, workers = (
        World(iter([generation(deployment("Forensic", "* * * * *", "Store1"), number=2)])),
        SimulatedWorkers(),
    )
    report = run(world.in_force(TWO_PLATFORMS), workers, platform="Live", duration=timedelta(seconds=100))
    assert not [start for start, _ in workers.started if start > 0]
    assert report.is_well
