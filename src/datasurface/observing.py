"""What a platform says of its own work: how old its data are and who waits for them, its batches, the past of a key.

Values, the protocol that reads them, and the one definition of late. Nothing here changes anything.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from attrs import frozen

from datasurface.deployment import Deployment
from datasurface.model import DataPlatform
from datasurface.orchestration import Task, copies_key, task_key, transform_key
from datasurface.results import BatchState, BatchStatus, DatasetCounts, JobFailure, JobSeconds, ResultCode
from datasurface.schedule import Schedule

_NEVER = timedelta(days=3660)


@frozen
class Commit:
    """The newest committed batch of a stream.

    Attributes:
        read_at: when the batch began, just before it read the source: the moment that its data are of.
        committed_at: when consumers saw them.
    """

    batch: int
    read_at: datetime
    committed_at: datetime


@frozen
class Run:
    """The result record of one job. ``seconds`` are zeros of what is no batch."""

    run_id: str
    batch: int | None
    code: ResultCode
    at: datetime
    seconds: JobSeconds
    error: JobFailure | None


@frozen
class Runs:
    """How many jobs ended in a span of time, and how many of them with ERROR."""

    ended: int
    failed: int


@frozen
class ObservedStream:
    """A stream as it is now.

    Attributes:
        status: of its newest batch; None before the first.
        newest: the job that ended last, whatever came of it.
        is_running: a job or an operation has the stream at this moment.
        hour, day: jobs that ended in the last hour and the last 24 hours.
        failures_in_a_row: jobs that failed since one that did not.
        receipt_failures: how often what the newest batch merged was not what the source had sent.
        rows: live rows by dataset, as the newest committed batch left them.
        counts: by dataset, what that batch did.
    """

    stream: str
    commit: Commit | None
    status: BatchStatus | None
    newest: Run | None
    is_running: bool
    hour: Runs
    day: Runs
    failures_in_a_row: int
    receipt_failures: int
    rows: Mapping[str, int]
    counts: Mapping[str, DatasetCounts]


@frozen
class ObservedBatch:
    """One batch. ``rows``: live rows by dataset after it, of one that is committed or staged."""

    state: BatchState
    run_id: str
    seconds: JobSeconds
    receipt_failures: int
    rows: Mapping[str, int]


@frozen
class RowsAt:
    """Live rows by dataset from a moment on."""

    at: datetime
    rows: Mapping[str, int]


@frozen
class SecondsAt:
    """Where the time of some batches went.

    Attributes:
        at: when the last of them was committed.
        mean: of a batch.
        longest: of the one that took longest, all in all; seconds.
    """

    at: datetime
    batches: int
    mean: JobSeconds
    longest: float


@frozen
class KeyVersion:
    """What the row of a key was from one batch to another.

    Attributes:
        batch_in, batch_out: the batches that it was live in, both inclusive; ``batch_out`` None while it is live.
        valid_from, valid_to: when it became so and ceased to be so; None where the log does not know it any more.
        values: as PostgreSQL prints them, by column; None for NULL, a mask for what is not open to all.
        changed: the columns that are other than in the version before; none of the first, and of one that came after a
            time without a row. Of masked columns, too.
    """

    batch_in: int
    batch_out: int | None
    valid_from: datetime | None
    valid_to: datetime | None
    values: Mapping[str, str | None]
    changed: tuple[str, ...]


@frozen
class KeyHistory:
    """The past of one key.

    Attributes:
        masked: columns whose values are not shown, because they are not classified as open to all.
        is_forensic: whether closed versions are kept; if not, there is the live row at most.
        versions: newest first.
        is_whole: whether older versions than these are left out.
    """

    stream: str
    dataset: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    masked: tuple[str, ...]
    is_forensic: bool
    versions: tuple[KeyVersion, ...]
    is_whole: bool


class Observatory(Protocol):
    """A platform as it is at one moment. What is asked for many streams is one query, whose cost is that of the
    streams and not of their logs. Streams of the deployment that have no batch yet are missing, or empty."""

    @property
    def now(self) -> datetime:
        """The moment, by the clock that stamps the batches."""
        ...

    def commits(self) -> Mapping[str, Commit]:
        """The newest committed batch of every stream in force."""
        ...

    def streams(self, keys: Collection[str] | None = None) -> Sequence[ObservedStream]:
        """Streams in force, in the order of the deployment.

        ``keys``: these only; by default all.
        """
        ...

    def others(self) -> Mapping[str, Run]:
        """The newest result of what is no stream: upkeep, copies, transformers; by the name that its records have."""
        ...

    def batches(self, stream: str, *, before: int | None = None, last: int = 100) -> Sequence[ObservedBatch]:
        """The newest batches of a stream, newest first. ``before``: of those with smaller numbers."""
        ...

    def rows_over_time(self, stream: str, since: datetime, *, points: int = 200) -> Sequence[RowsAt]:
        """Live rows as committed batches left them, oldest first; so many points at most, from a bounded number of the
        newest batches."""
        ...

    def seconds_over_time(self, stream: str, since: datetime, *, points: int = 200) -> Sequence[SecondsAt]:
        """Where the time of committed batches went, oldest first; each point stands for as many batches. Bounded as
        ``rows_over_time``."""
        ...

    def key_history(self, stream: str, dataset: str, key: Sequence[str], *, last: int = 200) -> KeyHistory:
        """Every version of the row of a key, the newest so many.

        Values are shown of columns that are classified as open to all, and of no other: whoever looks here may have
        been granted nothing else. OperationRefused where the key is none of the dataset's, or has a column that is not
        open: nobody may find out here whether a person is known.
        """
        ...


@frozen
class Objective:
    """What one group is promised of one stream, and how it stands.

    Attributes:
        latency: that the group asked for.
        allowed: how old data may become before it is missed: one batch may be on its way.
        age: of the data; where there are none yet, of the promise.
    """

    workspace: str
    group: str
    stream: str
    latency: timedelta
    allowed: timedelta
    age: timedelta

    @property
    def is_late(self) -> bool:
        """Whether the promise is broken."""
        return self.age > self.allowed


def allowance(platform: DataPlatform) -> timedelta:
    """What data may be older than the latency that consumers accept between two batches, before they count as late: the
    platform's grace, and one gap of its schedule, as a batch may be on its way. Late is what missed one."""
    return platform.grace + min(Schedule(platform.schedule, platform.timezone).longest_gap(), _NEVER)


def age_of(commit: Commit | None, since: datetime, now: datetime) -> timedelta:
    """How old the data of a stream are. ``since``: when it came into force, for one that has none yet."""
    return now - (since if commit is None else commit.read_at)


def objectives(
    deployment: Deployment, commits: Mapping[str, Commit], since: datetime, now: datetime
) -> Sequence[Objective]:
    """How each group stands that is promised a freshness, by the streams that it reads, in the order of the views.

    ``since`` as in ``age_of``.
    """
    more = allowance(deployment.platform)
    promised = {
        (view.workspace, view.group, view.stream): view.latency for view in deployment.views if view.latency is not None
    }
    return [
        Objective(*names, latency, latency + more, age_of(commits.get(names[-1]), since, now))
        for names, latency in promised.items()
    ]


@frozen
class Late:
    """A stream whose data are older than is accepted."""

    stream: str
    age: timedelta
    allowed: timedelta


def late(deployment: Deployment, commits: Mapping[str, Commit], since: datetime, now: datetime) -> Iterator[Late]:
    """The streams that are late for those who need them soonest. ``since`` as in ``age_of``."""
    more = allowance(deployment.platform)
    for stream in deployment.streams:
        if stream.latency is not None:
            age, allowed = age_of(commits.get(stream.key), since, now), stream.latency + more
            if age > allowed:
                yield Late(stream.key, age, allowed)


def other_keys(deployment: Deployment) -> Iterator[str]:
    """The names under which result records stand that are none of a stream's."""
    yield from map(task_key, Task)
    yield from (copies_key(copied) for copied in deployment.copied_groups)
    yield from (transform_key(transformer.name) for transformer in deployment.transformers)
