"""Upkeep of a platform, task by task: what a scheduler runs beside the batches. Each leaves a result record, under a
name that no stream can have."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from attrs import evolve, frozen

from datasurface.deployment import StreamConfig
from datasurface.environment import Environment, credentials
from datasurface.errors import DataLate, DataSurfaceError, LawBroken, ViewsWrong
from datasurface.operations.apply import apply
from datasurface.operations.erasure import Retain
from datasurface.operations.jobs import InForce, failure, reconcile_views, verify
from datasurface.operations.poll import Asked, Unchanged, candidate
from datasurface.plugins.manager import Plugins
from datasurface.results import BatchState, BatchStatus, JobFailure, JobResult, JobSeconds, ResultCode
from datasurface.schedule import Schedule

_LOOKED_AT = 20
"""So many of the newest batches are searched for one that was committed."""
_NAMED = 5
_NEVER = timedelta(days=3660)


class Task(Enum):
    """What can be done for a platform."""

    APPLY = "apply"
    """Look for a new commit of the model, and apply it: to all platforms."""
    VIEWS = "views"
    """Make the consumers' views be those in force."""
    VERIFY = "verify"
    """Check the laws on all tables."""
    RETENTION = "retention"
    """Take away history that nobody needs any longer."""
    FRESHNESS = "freshness"
    """Look whether the data of a stream are older than its consumers accept."""


def record_name(task: Task) -> str:
    """Under which a task's result records stand, among those of the streams."""
    return f"@{task.value}"


def maintain(
    task: Task,
    platform: str,
    run_id: str,
    find: Callable[[], InForce],
    asked: Asked,
    plugins: Plugins,
    environment: Environment,
) -> JobResult:
    """Do one task, and keep its result record in the platform's merge database.

    Args:
        find: what is in force; asked again after an apply.
        asked: where the model is, for ``Task.APPLY``.

    Raises:
        DataSurfaceError: nothing is in force, so that no record can be kept.
    """
    problem: DataSurfaceError | None = None
    if task is Task.APPLY:
        problem = _raised(lambda: _apply(asked, plugins, environment))
    in_force = find() if problem is None else _else_raise(find, problem)
    in_force.generation.deployment(platform)
    if task is not Task.APPLY:
        problem = _raised(lambda: _DONE_BY[task](in_force, platform))
    result = JobResult(
        platform=platform,
        stream=record_name(task),
        run_id=run_id,
        batch=None,
        code=ResultCode.DONE if problem is None else ResultCode.ERROR,
        generation=in_force.generation.number,
        commit=in_force.generation.commit,
        datasets={},
        seconds=JobSeconds(),
        error=None if problem is None else _failure(problem, platform, task),
    )
    in_force.runtime(platform).keep_result(result)
    return result


def _raised(work: Callable[[], None]) -> DataSurfaceError | None:
    try:
        work()
    except DataSurfaceError as error:
        return error
    return None


def _else_raise(find: Callable[[], InForce], problem: DataSurfaceError) -> InForce:
    """What is in force; where that cannot be had either, the first problem is what to tell."""
    try:
        return find()
    except DataSurfaceError:
        raise problem from None


def _failure(problem: DataSurfaceError, platform: str, task: Task) -> JobFailure:
    found = failure(problem)
    return evolve(found, message=f"{platform}, {task.value}: {found.message}")


def _apply(asked: Asked, plugins: Plugins, environment: Environment) -> None:
    found = candidate(asked, plugins, environment)
    if not isinstance(found, Unchanged):
        apply(found.model, plugins, credentials(environment), may_follow=found.may_follow)


def _views(in_force: InForce, platform: str) -> None:
    summary = reconcile_views(in_force, platform)[platform]
    if summary.failed:
        reasons = "; ".join(f"{name}: {summary.reasons.get(name, 'not known')}" for name in summary.failed)
        raise ViewsWrong(f"views could not be made: {reasons}", hint="`datasurface views list` shows how they stand")


def _verify(in_force: InForce, platform: str) -> None:
    broken = [check for check in verify(in_force, platform).get(platform, ()) if not check.holds]
    if broken:
        first = broken[0]
        raise LawBroken(
            f"{len(broken)} laws do not hold; first {first.law} on {first.stream} {first.dataset}: {first.detail}",
            hint="`datasurface verify` lists them; `datasurface batch repair` or `batch rollback` mends them",
        )


def _retention(in_force: InForce, platform: str) -> None:
    retain = Retain(in_force, platform)
    retain.act(retain.preview())


def _freshness(in_force: InForce, platform: str) -> None:
    deployment, runtime = in_force.generation.deployment(platform), in_force.runtime(platform)
    served = deployment.platform
    gap = min(Schedule(served.schedule, served.timezone).longest_gap(), _NEVER)
    more, since, now = served.grace + gap, in_force.generation.applied_at, datetime.now(UTC)
    ages = (
        lateness(stream, more, runtime.status(stream.key, last=_LOOKED_AT), since, now) for stream in deployment.streams
    )
    late = [found for found in ages if found is not None]
    if late:
        named = "; ".join(f"{each.stream} is {_span(each.age)} old of {_span(each.allowed)}" for each in late[:_NAMED])
        rest = f"; and {len(late) - _NAMED} more" if len(late) > _NAMED else ""
        raise DataLate(f"{named}{rest}", hint="`datasurface batch status` shows why their batches fail or do not start")


@frozen
class Late:
    """A stream whose data are older than is accepted."""

    stream: str
    age: timedelta
    allowed: timedelta


def lateness(
    stream: StreamConfig, more: timedelta, batches: Sequence[BatchState], since: datetime, now: datetime
) -> Late | None:
    """How late a stream is; None where it is not.

    Args:
        more: than the time that consumers accept between two batches: the platform's grace, and one gap of its
            schedule, as a batch may be on its way. Late is what missed one.
        batches: its newest, newest first.
        since: when it came into force, for a stream that has no batch yet.
    """
    if stream.latency is None:
        return None
    allowed = stream.latency + more
    committed = (batch.committed_at for batch in batches if batch.status is BatchStatus.COMMITTED)
    age = now - (next((at for at in committed if at is not None), None) or since)
    return Late(stream.key, age, allowed) if age > allowed else None


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))


_DONE_BY: dict[Task, Callable[[InForce, str], None]] = {
    Task.VIEWS: _views,
    Task.VERIFY: _verify,
    Task.RETENTION: _retention,
    Task.FRESHNESS: _freshness,
}
