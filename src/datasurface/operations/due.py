"""When each stream starts next: the scheduler's decisions, as functions over values."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import evolve, frozen

from datasurface.results import ResultCode
from datasurface.runtime import Generation
from datasurface.schedule import Schedule

MOST_IN_A_ROW = 100
"""So many KEEP_WORKING in a row start the next job at once; then the stream waits for its schedule."""


@frozen(order=True)
class StreamName:
    """One stream of one platform: what has at most one job at a time."""

    platform: str
    stream: str


@frozen
class Timetable:
    """Where one stream stands.

    Attributes:
        next_start: when it is due; None when it has no further start.
        started_at: when the job that is at work began; None between jobs.
        in_a_row: how many jobs in a row ended with KEEP_WORKING.
        once: the stream has one batch to do and no schedule to follow.
    """

    schedule: Schedule
    next_start: datetime | None
    started_at: datetime | None = None
    in_a_row: int = 0
    once: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing runs and nothing will."""
        return self.next_start is None and self.started_at is None


Timetables = Mapping[StreamName, Timetable]


def planned(
    known: Timetables, generation: Generation, now: datetime, *, once: bool = False
) -> dict[StreamName, Timetable]:
    """The timetables of a generation's streams, given those of the one before.

    A stream that is new starts now. One that stays keeps its next start, unless its schedule changed. One that is gone
    has no further start, and is forgotten when its job has ended.
    """
    schedules = {
        StreamName(deployment.platform.name, stream.key): Schedule(
            deployment.platform.schedule, deployment.platform.timezone
        )
        for deployment in generation.deployments
        for stream in deployment.streams
    }
    plan = {
        name: evolve(known[name], next_start=None)
        for name in known
        if name not in schedules and known[name].started_at is not None
    }
    for name, schedule in schedules.items():
        plan[name] = _rescheduled(known[name], schedule, now) if name in known else Timetable(schedule, now, once=once)
    return plan


def _rescheduled(timetable: Timetable, schedule: Schedule, now: datetime) -> Timetable:
    if timetable.schedule == schedule and timetable.next_start is not None:
        return timetable
    return evolve(timetable, schedule=schedule, next_start=schedule.next_after(now))


def to_start(timetables: Timetables, now: datetime, capacity: int) -> list[StreamName]:
    """The streams whose jobs start now, the longest due first; no more than ``capacity`` jobs run at once."""
    free = capacity - running(timetables)
    due = sorted((start, name) for name, start in _waiting(timetables) if start <= now)
    return [name for _, name in due[: max(free, 0)]]


def next_start(timetables: Timetables, capacity: int) -> datetime | None:
    """When ``to_start`` has something to say, if no job ends before; None when only a job's end can change that."""
    if running(timetables) >= capacity:
        return None
    return min((start for _, start in _waiting(timetables)), default=None)


def running(timetables: Timetables) -> int:
    """How many jobs are at work."""
    return sum(timetable.started_at is not None for timetable in timetables.values())


def _waiting(timetables: Timetables) -> Iterable[tuple[StreamName, datetime]]:
    for name, timetable in timetables.items():
        if timetable.started_at is None and timetable.next_start is not None:
            yield name, timetable.next_start


def started(timetable: Timetable, now: datetime) -> Timetable:
    """The timetable with its job at work. Its next start counts from now."""
    following = None if timetable.once else timetable.schedule.next_after(now)
    return evolve(timetable, next_start=following, started_at=now)


def finished(timetable: Timetable, code: ResultCode, now: datetime) -> Timetable:
    """The timetable after its job.

    KEEP_WORKING starts again at once. After DONE, starts that were missed while the job was at work are one start, now.
    After ERROR the stream waits for a start that is still ahead, so that a failing one does not hammer its source.
    """
    idle = evolve(timetable, started_at=None, in_a_row=0)
    if timetable.next_start is None and not timetable.once:
        return idle
    if code is ResultCode.KEEP_WORKING and timetable.in_a_row < MOST_IN_A_ROW:
        return evolve(idle, next_start=now, in_a_row=timetable.in_a_row + 1)
    if timetable.next_start is None or timetable.next_start > now or code is ResultCode.DONE:
        return idle
    return evolve(idle, next_start=timetable.schedule.next_after(now))
