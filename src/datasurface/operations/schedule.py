"""The local scheduler: every stream in force on its own schedule, side by side, and what follows them: transformers,
the streams of what these make, and the copies that consumers asked
for."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from attrs import define, evolve, field, frozen

from datasurface.errors import DataSurfaceError
from datasurface.operations import due
from datasurface.operations.due import CopyName, JobName, StreamName, Timetable, TransformerName
from datasurface.operations.jobs import InForce, ingest, refresh, transform
from datasurface.operations.workers import Finished, Job, Result, Workers
from datasurface.results import CopyResult, JobResult, ResultCode, TransformResult
from datasurface.runtime import Generation

LONGEST_WAIT = timedelta(seconds=30)
"""After so long without an event the scheduler looks for a new generation, and at a clock that may have been set."""


@frozen
class StreamRun:
    """What a run did on one stream. ``jobs`` counts all, ``failed`` those that ended with ERROR."""

    jobs: int
    failed: int
    last: JobResult


@frozen
class CopyRun:
    """The same for the copies of one group."""

    jobs: int
    failed: int
    last: CopyResult


@frozen
class TransformerRun:
    """The same for one transformer."""

    jobs: int
    failed: int
    last: TransformResult


@frozen
class RunReport:
    """What a run did, by stream, by copied group and by transformer, each in the order of their first ends."""

    streams: Mapping[StreamName, StreamRun]
    copies: Mapping[CopyName, CopyRun] = field(factory=dict)
    transformers: Mapping[TransformerName, TransformerRun] = field(factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether no last job failed."""
        last = [
            *(run.last.code for run in self.streams.values()),
            *(run.last.code for run in self.copies.values()),
            *(run.last.code for run in self.transformers.values()),
        ]
        return ResultCode.ERROR not in last


def run(
    in_force: InForce,
    workers: Workers,
    *,
    platform: str | None = None,
    once: bool = False,
    duration: timedelta | None = None,
    capacity: int = 8,
    on_result: Callable[[JobResult], None] = lambda _result: None,
    on_copies: Callable[[CopyResult], None] = lambda _result: None,
    on_transform: Callable[[TransformResult], None] = lambda _result: None,
    on_generation: Callable[[int], None] = lambda _number: None,
    on_turn: Callable[[], None] = lambda: None,
) -> RunReport:
    """Run batches until somebody asks ``workers`` to stop or ``duration`` is over; jobs at work are waited for.

    Every stream begins with a batch at once and then follows its platform's schedule. Transformers run after each batch
    of what they read, and then the streams of what they make. Copies are refreshed on their
    own, or after each batch of their streams. A generation that comes into force is taken up by the next jobs that
    start.

    Args:
        platform: the only one whose jobs run; None for all.
        once: one batch of every stream, with all jobs that it takes (KEEP_WORKING), and no schedule; what follows
            others once all of them are over.
        capacity: so many jobs at once at most.
        on_result: hears of every job of a stream that ended, in the caller's thread.
        on_copies, on_transform: of every one of copies, and of transformers.
        on_generation: hears the number of each generation that is taken up.
        on_turn: is called at each look at what is due, so every 30 seconds or sooner: who hears nothing for long knows
            that the scheduler hangs.

    Raises:
        NotApplied: the platform is not in force.
    """
    in_force.platforms(platform)
    now = workers.now()
    scheduler = _Scheduler(
        in_force,
        workers,
        platform=platform,
        once=once,
        capacity=capacity,
        until=None if duration is None else now + duration,
        on_result=on_result,
        on_copies=on_copies,
        on_transform=on_transform,
        on_generation=on_generation,
        on_turn=on_turn,
        timetables=due.planned({}, _of_one(in_force.generation, platform), now, once=once),
        looked_at=now,
    )
    return scheduler.run()


@define
class _Scheduler:
    """The loop and what it remembers; what it does next is decided by the functions of ``due``."""

    in_force: InForce
    workers: Workers
    platform: str | None = field(kw_only=True)
    once: bool = field(kw_only=True)
    capacity: int = field(kw_only=True)
    until: datetime | None = field(kw_only=True)
    on_result: Callable[[JobResult], None] = field(kw_only=True)
    on_copies: Callable[[CopyResult], None] = field(kw_only=True)
    on_transform: Callable[[TransformResult], None] = field(kw_only=True)
    on_generation: Callable[[int], None] = field(kw_only=True)
    on_turn: Callable[[], None] = field(kw_only=True)
    timetables: dict[JobName, Timetable] = field(kw_only=True)
    looked_at: datetime = field(kw_only=True)
    runs: dict[StreamName, StreamRun] = field(init=False, factory=dict)
    copies: dict[CopyName, CopyRun] = field(init=False, factory=dict)
    transformers: dict[TransformerName, TransformerRun] = field(init=False, factory=dict)
    unexpected: BaseException | None = field(init=False, default=None)

    def run(self) -> RunReport:
        while not self._is_over():
            self.on_turn()
            self._start_due()
            self._take(self.workers.wait(self._seconds_to_wait()))
        while due.running(self.timetables):
            self._take(self.workers.wait(None))
        if self.unexpected is not None:
            raise self.unexpected
        return RunReport(self.runs, self.copies, self.transformers)

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
            self.workers.start(name, self._job(name))

    def _job(self, name: JobName) -> Job:
        if isinstance(name, CopyName):
            return partial(refresh, self.in_force, name.platform, name.workspace, name.group)
        if isinstance(name, TransformerName):
            return partial(transform, self.in_force, name.platform, name.transformer)
        return partial(ingest, self.in_force, name.platform, name.stream)

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
            self.timetables = due.planned(self.timetables, _of_one(generation, self.platform), now)
            self.on_generation(generation.number)

    def _seconds_to_wait(self) -> float:
        now = self.workers.now()
        moments = [due.next_start(self.timetables, self.capacity), self.until, now + LONGEST_WAIT]
        return max(0.0, (min(moment for moment in moments if moment is not None) - now).total_seconds())

    def _take(self, finished: Finished | None) -> None:
        if finished is None:
            return
        name, outcome, now = finished.name, finished.outcome, self.workers.now()
        if isinstance(outcome, BaseException):
            self.timetables[name] = due.finished(self.timetables[name], ResultCode.ERROR, now)
            self.unexpected = self.unexpected or outcome
            return
        self.timetables[name] = due.finished(self.timetables[name], outcome.code, now)
        self.timetables = due.followed(self.timetables, name, outcome.code, now)
        if isinstance(name, StreamName) and isinstance(outcome, JobResult):
            self.runs[name] = StreamRun(*_counted(self.runs.get(name), outcome), outcome)
            self.on_result(outcome)
        elif isinstance(name, CopyName) and isinstance(outcome, CopyResult):
            self.copies[name] = CopyRun(*_counted(self.copies.get(name), outcome), outcome)
            self.on_copies(outcome)
        elif isinstance(name, TransformerName) and isinstance(outcome, TransformResult):
            self.transformers[name] = TransformerRun(*_counted(self.transformers.get(name), outcome), outcome)
            self.on_transform(outcome)


def _of_one(generation: Generation, platform: str | None) -> Generation:
    """The generation with the deployment of one platform alone, or of none where it has left the model; with all for
    None."""
    if platform is None:
        return generation
    return evolve(generation, deployments=tuple(it for it in generation.deployments if it.platform.name == platform))


def _counted(before: StreamRun | CopyRun | TransformerRun | None, result: Result) -> tuple[int, int]:
    jobs, failed = (before.jobs, before.failed) if before else (0, 0)
    return jobs + 1, failed + (result.code is ResultCode.ERROR)
