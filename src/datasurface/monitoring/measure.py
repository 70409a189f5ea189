"""From what platforms say of themselves to samples of metrics. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import asdict, frozen

from datasurface.deployment import Deployment
from datasurface.monitoring import definitions as metric
from datasurface.monitoring.definitions import Metric
from datasurface.observing import Objective, ObservedStream, Run, objectives
from datasurface.results import JobFailure, ResultCode


@frozen
class Moment:
    """What one platform said of itself.

    Attributes:
        at: the moment, by its own clock.
        others: as ``Observatory.others``.
    """

    at: datetime
    streams: Sequence[ObservedStream]
    others: Mapping[str, Run]


@frozen
class Seen:
    """A platform in force, and what it said; None of one that could not be read, and then why.

    Attributes:
        since: when the generation came into force.
    """

    deployment: Deployment
    generation: int
    since: datetime
    moment: Moment | None
    trouble: JobFailure | None = None

    def objectives(self) -> Sequence[Objective]:
        """How its consumers stand; none where it could not be read."""
        if self.moment is None:
            return ()
        commits = {stream.stream: stream.commit for stream in self.moment.streams if stream.commit is not None}
        return objectives(self.deployment, commits, self.since, self.moment.at)


@frozen
class Sample:
    """One value. ``labels`` are those of its metric, in order."""

    metric: Metric
    labels: tuple[str, ...]
    value: float

    def document(self) -> dict[str, object]:
        """As plain JSON values."""
        labels = dict(zip(self.metric.labels, self.labels, strict=True))
        return {"name": self.metric.name, "labels": labels, "value": self.value}


def measure(platforms: Iterable[Seen]) -> Iterator[Sample]:
    """All samples of some platforms."""
    for seen in platforms:
        name = seen.deployment.platform.name
        yield Sample(metric.UP, (name,), float(seen.moment is not None))
        yield Sample(metric.GENERATION, (name,), float(seen.generation))
        if seen.moment is not None:
            yield Sample(metric.OBSERVED_AT, (name,), seen.moment.at.timestamp())
            for stream in seen.moment.streams:
                yield from _of_stream((name, stream.stream), stream)
            yield from _of_consumers(seen, seen.moment)
            for key, run in seen.moment.others.items():
                labels = (name, key.removeprefix("@"))
                yield Sample(metric.TASK_AT, labels, run.at.timestamp())
                yield Sample(metric.TASK_FAILED, labels, float(run.code is ResultCode.ERROR))


def _of_stream(labels: tuple[str, str], stream: ObservedStream) -> Iterator[Sample]:
    if stream.commit is not None:
        yield Sample(metric.READ_AT, labels, stream.commit.read_at.timestamp())
        yield Sample(metric.COMMITTED_AT, labels, stream.commit.committed_at.timestamp())
        yield Sample(metric.BATCH, labels, float(stream.commit.batch))
        yield Sample(metric.LIVE_ROWS, labels, float(sum(stream.rows.values())))
        for change in ("read", "inserted", "updated", "deleted"):
            rows = sum(getattr(counts, change) for counts in stream.counts.values())
            yield Sample(metric.CHANGED_ROWS, (*labels, change), float(rows))
    if stream.newest is not None:
        yield Sample(metric.JOB_AT, labels, stream.newest.at.timestamp())
        for step, seconds in asdict(stream.newest.seconds).items():
            yield Sample(metric.JOB_SECONDS, (*labels, step), seconds)
    for span, runs in (("1h", stream.hour), ("1d", stream.day)):
        yield Sample(metric.JOBS, (*labels, span), float(runs.ended))
        yield Sample(metric.FAILED_JOBS, (*labels, span), float(runs.failed))
    yield Sample(metric.RUNNING, labels, float(stream.is_running))
    yield Sample(metric.FAILURES, labels, float(stream.failures_in_a_row))
    yield Sample(metric.MISMATCHES, labels, float(stream.receipt_failures))


def _of_consumers(seen: Seen, moment: Moment) -> Iterator[Sample]:
    for each in seen.objectives():
        labels = (seen.deployment.platform.name, each.workspace, each.group, each.stream)
        yield Sample(metric.CONSUMER_READ_AT, labels, (moment.at - each.age).timestamp())
        yield Sample(metric.CONSUMER_LATENCY, labels, each.latency.total_seconds())
        yield Sample(metric.CONSUMER_ALLOWED, labels, each.allowed.total_seconds())
