"""The local scheduler: every stream in force on its own schedule, side by side."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from attrs import define, evolve, field, frozen

from datasurface.errors import DataSurfaceError
from datasurface.operations import due
from datasurface.operations.due import StreamName, Timetable
from datasurface.operations.jobs import InForce, ingest
from datasurface.operations.workers import Finished, Workers
from datasurface.results import JobResult, ResultCode

LONGEST_WAIT = timedelta(seconds=30)
"""After so long without an event the scheduler looks for a new generation, and at a clock that may have been set."""


@frozen
class StreamRun:
    """What a run did on one stream. ``jobs`` counts all, ``failed`` those that ended with ERROR."""

    jobs: int
    failed: int
    last: JobResult


@frozen
class RunReport:
    """What a run did, by stream in the order of their first ends."""

    streams: Mapping[StreamName, StreamRun]

    @property
    def is_well(self) -> bool:
        """Whether no stream's last job failed."""
        return all(run.last.code is not ResultCode.ERROR for run in self.streams.values())


def run(
    in_force: InForce,
    workers: Workers,
    *,
    once: bool = False,
    duration: timedelta | None = None,
    capacity: int = 8,
    on_result: Callable[[JobResult], None] = lambda _result: None,
    on_generation: Callable[[int], None] = lambda _number: None,
) -> RunReport:
    """Run batches until somebody asks ``workers`` to stop or ``duration`` is over; jobs at work are waited for.

    Every stream begins with a batch at once and then follows its platform's schedule. A generation that comes into
    force is taken up by the next jobs that start.

    Args:
        once: one batch of every stream, with all jobs that it takes (KEEP_WORKING), and no schedule.
        capacity: so many jobs at once at most.
        on_result: hears of every job that ended, in the caller's thread.
        on_generation: hears the number of each generation that is taken up.
    """
    now = workers.now()
    scheduler = _Scheduler(
        in_force,
        workers,
        once=once,
        capacity=capacity,
        until=None if duration is None else now + duration,
        on_result=on_result,
        on_generation=on_generation,
        timetables=due.planned({}, in_force.generation, now, once=once),
        looked_at=now,
    )
    return scheduler.run()


@define
class _Scheduler:
    """The loop and what it remembers; what it does next is decided by the functions of ``due``."""

    in_force: InForce
    workers: Workers
    once: bool = field(kw_only=True)
    capacity: int = field(kw_only=True)
    until: datetime | None = field(kw_only=True)
    on_result: Callable[[JobResult], None] = field(kw_only=True)
    on_generation: Callable[[int], None] = field(kw_only=True)
    timetables: dict[StreamName, Timetable] = field(kw_only=True)
    looked_at: datetime = field(kw_only=True)
    runs: dict[StreamName, StreamRun] = field(init=False, factory=dict)
    unexpected: BaseException | None = field(init=False, default=None)

    def run(self) -> RunReport:
        while not self._is_over():
            self._start_due()
            self._take(self.workers.wait(self._seconds_to_wait()))
        while due.running(self.timetables):
            self._take(self.workers.wait(None))
        if self.unexpected is not None:
            raise self.unexpected
        return RunReport(self.runs)

    def _is_over(self) -> bool:
        if self.unexpected is not None or self.workers.is_stopping:
            return True
        if self.until is not None and self.workers.now() >= self.until:
            return True
        return self.once and all(timetable.is_over for timetable in self.timetables.values())

    def _start_due(self) -> None:
        if not self.once:
            self._look_for_generation()
        now = self.workers.now()
        for name in due.to_start(self.timetables, now, self.capacity):
            self.timetables[name] = due.started(self.timetables[name], now)
            self.workers.start(name, partial(ingest, self.in_force, name.platform, name.stream))

    def _look_for_generation(self) -> None:
        """Take up what is in force, where something is about to start or nothing happened for long."""
        now = self.workers.now()
        if not due.to_start(self.timetables, now, self.capacity) and now - self.looked_at < LONGEST_WAIT:
            return
        self.looked_at = now
        try:
            generation = self.in_force.control.current()
        except DataSurfaceError:
            # The control database is away: the generation in hand stays good, and the jobs say what they miss.
            return
        if generation is not None and generation.number != self.in_force.generation.number:
            self.in_force = evolve(self.in_force, generation=generation)
            self.timetables = due.planned(self.timetables, generation, now)
            self.on_generation(generation.number)

    def _seconds_to_wait(self) -> float:
        now = self.workers.now()
        moments = [due.next_start(self.timetables, self.capacity), self.until, now + LONGEST_WAIT]
        return max(0.0, (min(moment for moment in moments if moment is not None) - now).total_seconds())

    def _take(self, finished: Finished | None) -> None:
        if finished is None:
            return
        outcome = finished.outcome
        code = outcome.code if isinstance(outcome, JobResult) else ResultCode.ERROR
        self.timetables[finished.name] = due.finished(self.timetables[finished.name], code, self.workers.now())
        if isinstance(outcome, JobResult):
            self.runs[finished.name] = _counted(self.runs.get(finished.name), outcome)
            self.on_result(outcome)
        else:
            self.unexpected = self.unexpected or outcome


def _counted(before: StreamRun | None, result: JobResult) -> StreamRun:
    jobs, failed = (before.jobs, before.failed) if before else (0, 0)
    return StreamRun(jobs + 1, failed + (result.code is ResultCode.ERROR), result)
