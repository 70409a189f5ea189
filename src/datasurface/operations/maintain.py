"""Upkeep of a platform, task by task: what a scheduler runs beside the batches. Each leaves a result record, under a
name that no stream can have."""

from collections.abc import Callable
from datetime import timedelta

from attrs import evolve

from datasurface.environment import Environment, credentials
from datasurface.errors import DataLate, DataSurfaceError, LawBroken, ViewsWrong
from datasurface.observing import late
from datasurface.operations.apply import apply
from datasurface.operations.erasure import Retain
from datasurface.operations.jobs import InForce, failure, reconcile_views, verify
from datasurface.operations.poll import Asked, Unchanged, candidate
from datasurface.orchestration import Task, task_key
from datasurface.plugins.manager import Plugins
from datasurface.results import JobFailure, JobResult, JobSeconds, ResultCode

_NAMED = 5


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
        stream=task_key(task),
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
    generation, runtime = in_force.generation, in_force.runtime(platform)
    with runtime.observe() as seen:
        found = list(late(generation.deployment(platform), seen.commits(), generation.applied_at, seen.now))
    if found:
        named = "; ".join(f"{each.stream} is {_span(each.age)} old of {_span(each.allowed)}" for each in found[:_NAMED])
        rest = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise DataLate(f"{named}{rest}", hint="`datasurface batch status` shows why their batches fail or do not start")


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))


_DONE_BY: dict[Task, Callable[[InForce, str], None]] = {
    Task.VIEWS: _views,
    Task.VERIFY: _verify,
    Task.RETENTION: _retention,
    Task.FRESHNESS: _freshness,
}
