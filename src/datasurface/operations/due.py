"""When each job starts next, of streams, transformers and copies: the scheduler's decisions, as functions over
values."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import astuple, evolve, frozen

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


@frozen(order=True)
class CopyName:
    """The copies of one group on one platform, which are refreshed together."""

    platform: str
    workspace: str
    group: str


@frozen(order=True)
class TransformerName:
    """A transformer of a workspace that one platform serves."""

    platform: str
    transformer: str


JobName = StreamName | CopyName | TransformerName


@frozen
class Timetable:
    """Where one stream stands, or a transformer, or the copies of a group.

    Attributes:
        schedule: None of what starts after other jobs alone: a transformer after each batch of what it reads, the
            streams of what it writes after it, copies that ask for no schedule after each batch of their streams.
        next_start: when it is due; None when it has no further start.
        started_at: when the job that is at work began; None between jobs.
        in_a_row: how many jobs in a row ended with KEEP_WORKING.
        once: there is one thing to do and no schedule to follow: a batch, and what follows others once all of them are
            over.
        follows: the jobs that it starts after.
    """

    schedule: Schedule | None
    next_start: datetime | None
    started_at: datetime | None = None
    in_a_row: int = 0
    once: bool = False
    follows: "frozenset[JobName]" = frozenset()

    @property
    def is_over(self) -> bool:
        """Whether nothing runs and nothing will."""
        return self.next_start is None and self.started_at is None


Timetables = Mapping[JobName, Timetable]


def planned(
    known: Timetables, generation: Generation, now: datetime, *, once: bool = False
) -> dict[JobName, Timetable]:
    """The timetables of a generation's streams, transformers and copies, given those of the one before.

    A stream that is new starts now, unless it follows a transformer, and copies at their first time. What a platform
    makes that is not among them is read on the schedule of who reads it. What stays keeps
    its next start, unless its schedule changed. What is gone has no further start, and is forgotten when its job has
    ended.
    """
    new = {
        **_of_streams(generation, now, once=once),
        **_of_transformers(generation, once=once),
        **_of_copies(generation, now, once=once),
    }
    plan = {
        name: evolve(known[name], next_start=None)
        for name in known
        if name not in new and known[name].started_at is not None
    }
    for name, timetable in new.items():
        plan[name] = _rescheduled(known[name], timetable, now) if name in known else timetable
    return plan


def _of_streams(generation: Generation, now: datetime, *, once: bool) -> dict[JobName, Timetable]:
    plan: dict[JobName, Timetable] = {}
    planned_here = {deployment.platform.name for deployment in generation.deployments}
    for deployment in generation.deployments:
        platform = deployment.platform
        schedule = Schedule(platform.schedule, platform.timezone)
        for stream in deployment.streams:
            name, maker = StreamName(platform.name, stream.key), stream.maker
            if maker is None or maker.platform not in planned_here:
                plan[name] = Timetable(schedule, now, once=once)
            else:
                after = TransformerName(maker.platform, maker.transformer)
                plan[name] = Timetable(None, None, once=once, follows=frozenset([after]))
    return plan


def _of_transformers(generation: Generation, *, once: bool) -> dict[JobName, Timetable]:
    plan: dict[JobName, Timetable] = {}
    for deployment in generation.deployments:
        for config in deployment.transformers:
            reads = (StreamName(deployment.platform.name, view.stream) for view in deployment.inputs_of(config))
            name = TransformerName(deployment.platform.name, config.name)
            plan[name] = Timetable(None, None, once=once, follows=frozenset(reads))
    return plan


def _of_copies(generation: Generation, now: datetime, *, once: bool) -> dict[JobName, Timetable]:
    plan: dict[JobName, Timetable] = {}
    for deployment in generation.deployments:
        platform = deployment.platform
        for each in deployment.copied_groups:
            schedule = None if each.schedule is None else Schedule(each.schedule, platform.timezone)
            plan[CopyName(platform.name, each.workspace, each.group)] = Timetable(
                schedule,
                None if once else _after(schedule, now),
                once=once,
                follows=frozenset(StreamName(platform.name, stream) for stream in each.streams),
            )
    return plan


def _after(schedule: Schedule | None, now: datetime) -> datetime | None:
    return None if schedule is None else schedule.next_after(now)


def _rescheduled(timetable: Timetable, new: Timetable, now: datetime) -> Timetable:
    known = evolve(timetable, follows=new.follows)
    if timetable.schedule == new.schedule and (timetable.next_start is not None or new.schedule is None):
        return known
    return evolve(known, schedule=new.schedule, next_start=_after(new.schedule, now))


def to_start(timetables: Timetables, now: datetime, capacity: int) -> list[JobName]:
    """The jobs that start now, the longest due first; no more than ``capacity`` run at once."""
    free = capacity - running(timetables)
    due = [(start, name) for name, start in _waiting(timetables) if start <= now]
    due.sort(key=lambda found: (found[0], astuple(found[1])))
    return [name for _, name in due[: max(free, 0)]]


def next_start(timetables: Timetables, capacity: int) -> datetime | None:
    """When ``to_start`` has something to say, if no job ends before; None when only a job's end can change that."""
    if running(timetables) >= capacity:
        return None
    return min((start for _, start in _waiting(timetables)), default=None)


def running(timetables: Timetables) -> int:
    """How many jobs are at work."""
    return sum(timetable.started_at is not None for timetable in timetables.values())


def _waiting(timetables: Timetables) -> Iterable[tuple[JobName, datetime]]:
    for name, timetable in timetables.items():
        if timetable.started_at is not None or timetable.next_start is None:
            continue
        if not timetable.once or all(_is_settled(timetables, each) for each in timetable.follows):
            yield name, timetable.next_start


def _is_settled(timetables: Timetables, name: JobName) -> bool:
    """Whether a job is over, and nothing that it follows can start it again."""
    timetable = timetables.get(name)
    return timetable is None or (timetable.is_over and all(_is_settled(timetables, each) for each in timetable.follows))


def started(timetable: Timetable, now: datetime) -> Timetable:
    """The timetable with its job at work. Its next start counts from now."""
    following = None if timetable.once else _after(timetable.schedule, now)
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
    return evolve(idle, next_start=_after(timetable.schedule, now))


def followed(timetables: Timetables, ended: JobName, code: ResultCode, now: datetime) -> dict[JobName, Timetable]:
    """The timetables after a job: what follows it is due once it is done."""
    return {
        name: evolve(timetable, next_start=now)
        if code is ResultCode.DONE and ended in timetable.follows and (timetable.once or timetable.schedule is None)
        else timetable
        for name, timetable in timetables.items()
    }
