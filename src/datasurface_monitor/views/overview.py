"""All streams as they are now: one value that every page takes its part of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum

from attrs import asdict, frozen

from datasurface.deployment import Deployment
from datasurface.observing import Objective, ObservedStream, Run, Runs
from datasurface.results import JobFailure, ResultCode
from datasurface_monitor.views.graph import Health


class State(Enum):
    """What is to be said of a stream; several can be true at once."""

    LATE = "late"
    """Somebody waits for data that are older than accepted."""
    FAILING = "failing"
    """Its last job failed."""
    WAITING = "no data yet"
    """No batch was committed."""
    RUNNING = "running"
    FRESH = "fresh"
    """Nobody waits too long, and nothing failed."""


@frozen
class PlatformNow:
    """What was seen of a platform at one moment.

    Attributes:
        others: the newest results of what is no stream, by name.
        failure: why it could not be looked at; then there is nothing else.
    """

    deployment: Deployment
    now: datetime | None = None
    streams: tuple[ObservedStream, ...] = ()
    objectives: tuple[Objective, ...] = ()
    others: Mapping[str, Run] | None = None
    failure: JobFailure | None = None


@frozen
class StreamRow:
    """A stream in the list.

    Attributes:
        datasets: their names.
        waiting: who is promised a freshness, the one with the least time left first.
        age: of its data; None where nobody waits for them and there are none.
        mostly: the part of the last job that took longest, of a job that took any time.
    """

    platform: str
    stream: str
    datasets: tuple[str, ...]
    states: tuple[State, ...]
    waiting: tuple[Objective, ...]
    age: timedelta | None
    observed: ObservedStream
    took: float
    mostly: str

    @property
    def rows(self) -> int:
        """Live rows of all its datasets."""
        return sum(self.observed.rows.values())

    @property
    def left(self) -> timedelta:
        """How long until somebody waits too long; negative where somebody does."""
        return min((it.allowed - it.age for it in self.waiting), default=timedelta.max)


@frozen
class Overview:
    """All streams in force, and what could not be looked at.

    Attributes:
        health: of the parts of the graph, by the ids of its boxes.
    """

    platforms: tuple[PlatformNow, ...]
    rows: tuple[StreamRow, ...]
    health: Mapping[str, Health]

    @property
    def failures(self) -> Iterator[tuple[str, JobFailure]]:
        """Platforms that could not be looked at, and why."""
        for platform in self.platforms:
            if platform.failure is not None:
                yield platform.deployment.platform.name, platform.failure


def overview(platforms: Sequence[PlatformNow]) -> Overview:
    """Everything that is to be said of what was seen."""
    rows = tuple(row for platform in platforms for row in rows_of(platform))
    return Overview(tuple(platforms), rows, _health(platforms, rows))


def rows_of(platform: PlatformNow) -> Iterator[StreamRow]:
    """The streams of a platform; none where it could not be looked at."""
    if platform.now is None:
        return
    waiting: dict[str, list[Objective]] = {}
    for it in platform.objectives:
        waiting.setdefault(it.stream, []).append(it)
    seen = {it.stream: it for it in platform.streams}
    for config in platform.deployment.streams:
        observed = seen.get(config.key) or _not_seen(config.key)
        objectives = tuple(sorted(waiting.get(config.key, ()), key=lambda it: it.allowed - it.age))
        age = platform.now - observed.commit.read_at if observed.commit is not None else None
        parts = asdict(observed.newest.seconds) if observed.newest is not None else {}
        yield StreamRow(
            platform=platform.deployment.platform.name,
            stream=config.key,
            datasets=tuple(dataset.name for dataset in config.datasets),
            states=tuple(states(observed, objectives)),
            waiting=objectives,
            age=age,
            observed=observed,
            took=sum(parts.values()),
            mostly=max(parts, key=parts.__getitem__) if any(parts.values()) else "",
        )


def _not_seen(stream: str) -> ObservedStream:
    """A stream that has no batch yet."""
    none = Runs(0, 0)
    return ObservedStream(
        stream=stream,
        commit=None,
        status=None,
        newest=None,
        is_running=False,
        hour=none,
        day=none,
        failures_in_a_row=0,
        receipt_failures=0,
        rows={},
        counts={},
    )


def states(observed: ObservedStream, objectives: Iterable[Objective]) -> Iterator[State]:
    """What is to be said of a stream, the worst first."""
    is_late = any(it.is_late for it in objectives)
    is_failing = observed.newest is not None and observed.newest.code is ResultCode.ERROR
    if is_late:
        yield State.LATE
    if is_failing:
        yield State.FAILING
    if observed.commit is None:
        yield State.WAITING
    elif not is_late and not is_failing:
        yield State.FRESH
    if observed.is_running:
        yield State.RUNNING


def is_bad(row: StreamRow) -> bool:
    """Whether somebody should look at a stream."""
    return State.LATE in row.states or State.FAILING in row.states


def _health(platforms: Iterable[PlatformNow], rows: Iterable[StreamRow]) -> Mapping[str, Health]:
    stores = {
        (platform.deployment.platform.name, stream.key): stream.store
        for platform in platforms
        for stream in platform.deployment.streams
    }
    of: dict[str, list[StreamRow]] = {}
    for row in rows:
        of.setdefault(f"store/{stores[row.platform, row.stream]}", []).append(row)
        of.setdefault(f"platform/{row.platform}", []).append(row)
        for workspace in dict.fromkeys(it.workspace for it in row.waiting):
            of.setdefault(f"workspace/{workspace}", []).append(row)
    found = {key: _of_rows(rows) for key, rows in of.items()}
    for platform in platforms:
        if platform.failure is not None:
            found[f"platform/{platform.deployment.platform.name}"] = Health("not reached", is_bad=True)
    return found


def _of_rows(rows: Sequence[StreamRow]) -> Health:
    """The state that most should be known of."""
    for state in (State.LATE, State.FAILING):
        count = sum(state in row.states for row in rows)
        if count:
            return Health(state.value if len(rows) == 1 else f"{count} of {len(rows)} {state.value}", is_bad=True)
    waiting = sum(State.WAITING in row.states for row in rows)
    if waiting:
        few = "" if waiting == len(rows) else f"{waiting} of {len(rows)} "
        return Health(few + State.WAITING.value, is_bad=False)
    return Health(State.FRESH.value, is_bad=False)
