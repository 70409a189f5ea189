"""The generation in force and the work on its streams: batches, their state, the laws, the views."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

from attrs import evolve, frozen

from datasurface.credentials import Credentials
from datasurface.environment import Environment
from datasurface.environment import credentials as credentials_of
from datasurface.errors import DataSurfaceError, JobError, ModelRefused, NotApplied
from datasurface.graph import deployments
from datasurface.operations.control import container_of_url, control_container
from datasurface.orchestration import copies_key
from datasurface.plugins.manager import Plugins
from datasurface.results import (
    BatchState,
    CopiedRows,
    CopyResult,
    JobFailure,
    JobResult,
    JobSeconds,
    LawCheck,
    ListedView,
    Preview,
    ResultCode,
    TransformResult,
    ViewSummary,
)
from datasurface.runtime import ControlStore, Generation, PastGeneration, PlatformRuntime
from datasurface.watching import JobKind, StartedJob, Watch, Watches

if TYPE_CHECKING:
    from datasurface.operations.checkout import ModelSource
    from datasurface.operations.model import Validation


NOBODY = Watches()


@frozen
class InForce:
    """The generation that is in force, with what is needed to work on it. ``watch`` hears of its jobs."""

    control: ControlStore
    generation: Generation
    plugins: Plugins
    credentials: Credentials
    watch: Watch = NOBODY

    def runtime(self, platform: str) -> PlatformRuntime:
        """A platform at work; NotApplied if the generation has none of that name."""
        return self.plugins.runtime(self.generation.deployment(platform), self.generation, self.credentials)

    def platforms(self, platform: str | None = None) -> tuple[str, ...]:
        """The names of all platforms, or of the one asked for."""
        if platform is not None:
            return (self.generation.deployment(platform).platform.name,)
        return tuple(deployment.platform.name for deployment in self.generation.deployments)

    def streams(self, platform: str | None = None, stream: str | None = None) -> Iterator[tuple[str, str]]:
        """Platform and key of every stream that fits; NotApplied when none has the key asked for."""
        names = self.platforms(platform)
        found = [(name, config.key) for name in names for config in self.generation.deployment(name).streams]
        chosen = [pair for pair in found if stream in (None, pair[1])]
        if stream is not None and not chosen:
            known = ", ".join(sorted({key for _, key in found})) or "none"
            raise NotApplied(f"no stream '{stream}' is in force", hint=f"streams in force: {known}")
        yield from chosen


def open_model(
    source: "ModelSource",
    plugins: Plugins,
    environment: Environment,
    warn: Callable[[str], None],
    *,
    seconds: float | None = None,
) -> InForce:
    """What is in force where a model's control database says.

    Args:
        warn: hears when the model in hand is another than what is in force.
        seconds: how long the model's own code may run; None for the loader's limit.

    Raises:
        ModelRefused: the model does not load, so that its control database is not known.
        NotApplied: nothing is in force.
    """
    # The loader and all rules: a job that names its store starts without them.
    from datasurface.operations.model import validate

    validation = validate(source, plugins, environment, seconds=seconds)
    if validation.ecosystem is None:
        raise ModelRefused(validation.findings)
    control = plugins.control_store(control_container(validation.ecosystem), credentials_of(environment))
    in_force = _in_force(control, plugins, credentials_of(environment))
    difference = _difference(validation, in_force.generation)
    if difference:
        warn(f"{difference}; generation {in_force.generation.number}, which is in force, is used")
    return in_force


def open_store(url: str, plugins: Plugins, environment: Environment) -> InForce:
    """What is in force in the control database that a URL names; no model is loaded."""
    credentials = credentials_of(environment)
    return _in_force(plugins.control_store(container_of_url(url), credentials), plugins, credentials)


def _in_force(control: ControlStore, plugins: Plugins, credentials: Credentials) -> InForce:
    generation = control.current()
    if generation is None:
        raise NotApplied("nothing is in force in the control database", hint="run `datasurface apply` first")
    return InForce(control, generation, plugins, credentials)


def _difference(validation: "Validation", generation: Generation) -> str | None:
    """How the model in hand differs from what is in force, in words."""
    if validation.ecosystem is None or validation.errors:
        return "the model in hand has errors"
    from datasurface.operations.code import unpinned

    if deployments(validation.ecosystem) != unpinned(generation.deployments):
        return "the model in hand is not the one that was applied"
    return None


def ingest(
    in_force: InForce,
    platform: str,
    stream: str,
    *,
    run_id: str | None = None,
    budget: float | None = None,
    allow_deletes: bool = False,
) -> JobResult:
    """Run one batch of one stream. What goes wrong with it is in the result.

    Args:
        run_id: names the run to its caller; by default a new UUID.
        budget: seconds after which the merge is left to the next call.
        allow_deletes: take this snapshot's deletes, however many.

    Raises:
        NotApplied: the platform or stream is not in force.
    """
    generation = in_force.generation
    run_id = run_id or str(uuid4())
    generation.deployment(platform).stream(stream)
    job = _started(in_force, JobKind.INGESTION, platform, stream, run_id)
    try:
        runtime = in_force.runtime(platform)
        result = runtime.run_batch(stream, run_id, budget=budget, allow_deletes=allow_deletes)
    except DataSurfaceError as error:
        result = JobResult(
            platform=platform,
            stream=stream,
            run_id=run_id,
            batch=None,
            code=ResultCode.ERROR,
            generation=generation.number,
            commit=generation.commit,
            datasets={},
            seconds=JobSeconds(),
            error=evolve(failure(error), message=f"{platform}, stream {stream}: {error.message}"),
        )
    in_force.watch.ended(job, result)
    return result


def transform(in_force: InForce, platform: str, transformer: str, *, run_id: str | None = None) -> TransformResult:
    """Run a transformer once. What goes wrong with it is in the result.

    Args:
        run_id: names the run to its caller; by default a new UUID.

    Raises:
        NotApplied: the platform is not in force, or does not run the transformer.
    """
    from datasurface.operations.code import opened  # git, which no batch needs

    generation, started = in_force.generation, monotonic()
    run_id = run_id or str(uuid4())
    config = generation.deployment(platform).transformer(transformer)
    job = _started(in_force, JobKind.TRANSFORMATION, platform, transformer, run_id)
    try:
        result = in_force.runtime(platform).transform(transformer, run_id, lambda: opened(config, in_force.credentials))
    except DataSurfaceError as error:
        result = TransformResult(
            platform=platform,
            transformer=transformer,
            run_id=run_id,
            code=ResultCode.ERROR,
            way="",
            generation=generation.number,
            commit=generation.commit,
            code_commit=config.commit,
            inputs={},
            outputs={},
            seconds=monotonic() - started,
            error=evolve(failure(error), message=f"{platform}, transformer {transformer}: {error.message}"),
        )
    in_force.watch.ended(job, result)
    return result


def _started(in_force: InForce, kind: JobKind, platform: str, name: str, run_id: str) -> StartedJob:
    generation = in_force.generation
    deployment, now = generation.deployment(platform), datetime.now(UTC)
    job = StartedJob(kind, platform, name, run_id, generation.number, generation.commit, deployment, now)
    in_force.watch.started(job)
    return job


def failure(error: DataSurfaceError) -> JobFailure:
    """An error as the value that result records hold."""
    dataset = error.dataset if isinstance(error, JobError) else None
    return JobFailure(type(error).__name__, error.message, dataset, error.hint)


def status(in_force: InForce, platform: str, stream: str, *, last: int = 10) -> Sequence[BatchState]:
    """The newest batches of a stream, newest first; also of one that was in force once and left its log.

    Raises:
        NotApplied: the platform is not in force, or it is and knows nothing of the stream.
    """
    batches = in_force.runtime(platform).status(stream, last=last)
    if not batches:
        in_force.generation.deployment(platform).stream(stream)
    return batches


@frozen
class Operation:
    """Something to do to the batches of one stream: what it would do, and the doing of it.

    Attributes:
        preview: says what it would do; raises what the operation would.
        act: does what the preview said, and nothing where the stream has moved on since; the batches it changed, newest
            first.
    """

    preview: Callable[[], Preview]
    act: Callable[[Preview], Sequence[BatchState]]


def reset(in_force: InForce, platform: str, stream: str) -> Operation:
    """Give up what the uncommitted batch of a stream has staged."""
    runtime = _stream_runtime(in_force, platform, stream)
    return Operation(lambda: runtime.preview_reset(stream), lambda seen: [runtime.reset(stream, seen=seen)])


def repair(in_force: InForce, platform: str, stream: str) -> Operation:
    """Let the next batch of a stream mend its merge tables."""
    runtime = _stream_runtime(in_force, platform, stream)
    return Operation(lambda: runtime.preview_repair(stream), lambda seen: [runtime.repair(stream, seen=seen)])


def rollback(in_force: InForce, platform: str, stream: str, to: int) -> Operation:
    """Take a stream back to what a committed batch left; 0 for the time before its first."""
    runtime = _stream_runtime(in_force, platform, stream)
    return Operation(lambda: runtime.preview_rollback(stream, to), lambda seen: runtime.rollback(stream, to, seen=seen))


def replay(in_force: InForce, platform: str, stream: str, *, up_to: int | None = None) -> Operation:
    """Merge again what the rolled back batches of a stream have staged."""
    runtime = _stream_runtime(in_force, platform, stream)
    return Operation(
        lambda: runtime.preview_replay(stream, up_to=up_to),
        lambda seen: runtime.replay(stream, up_to=up_to, seen=seen),
    )


def refresh(
    in_force: InForce, platform: str, workspace: str, group: str, *, whole: bool = False, run_id: str | None = None
) -> CopyResult:
    """Refresh the copies of one group. What goes wrong with it is in the result.

    Args:
        whole: compare every row, and trust nothing that is known of it.
        run_id: keep a result record under this name, for a scheduler of another program; None for none.

    Raises:
        NotApplied: the platform is not in force, or has no copies for the group.
    """
    generation = in_force.generation
    copied = generation.deployment(platform).copied_group(workspace, group)
    started, copies, error = monotonic(), tuple[CopiedRows, ...](), None
    job = _started(in_force, JobKind.COPIES, platform, f"{workspace}/{group}", run_id or str(uuid4()))
    try:
        copies = tuple(in_force.runtime(platform).refresh_copies(workspace, group, whole=whole))
    except DataSurfaceError as raised:
        found = failure(raised)
        error = evolve(found, message=f"{platform}, copies of {workspace}/{group}: {found.message}")
    code = ResultCode.DONE if error is None else ResultCode.ERROR
    seconds = monotonic() - started
    if run_id is not None:
        origin = (generation.number, generation.commit)
        record = JobResult(platform, copies_key(copied), run_id, None, code, *origin, {}, JobSeconds(), error)
        in_force.runtime(platform).keep_result(record)
    result = CopyResult(platform, workspace, group, code, generation.number, copies, seconds, error)
    in_force.watch.ended(job, result)
    return result


def refresh_all(
    in_force: InForce,
    platform: str | None = None,
    workspace: str | None = None,
    group: str | None = None,
    *,
    whole: bool = False,
    run_id: str | None = None,
) -> Sequence[CopyResult]:
    """Refresh the copies of every group that fits, each as ``refresh`` does it.

    Raises:
        NotApplied: no group has the names asked for.
    """
    found = [
        (name, copied)
        for name in in_force.platforms(platform)
        for copied in in_force.generation.deployment(name).copied_groups
    ]
    chosen = [
        (name, copied)
        for name, copied in found
        if workspace in (None, copied.workspace) and group in (None, copied.group)
    ]
    if not chosen and (workspace is not None or group is not None):
        known = ", ".join(sorted({f"{copied.workspace}/{copied.group}" for _, copied in found})) or "none"
        raise NotApplied(
            f"no group {workspace or '*'}/{group or '*'} is copied", hint=f"groups that are copied: {known}"
        )
    return [
        refresh(in_force, name, copied.workspace, copied.group, whole=whole, run_id=run_id) for name, copied in chosen
    ]


def _stream_runtime(in_force: InForce, platform: str, stream: str) -> PlatformRuntime:
    in_force.generation.deployment(platform).stream(stream)
    return in_force.runtime(platform)


def verify(
    in_force: InForce, platform: str | None = None, stream: str | None = None
) -> dict[str, tuple[LawCheck, ...]]:
    """The laws on the real tables of every stream that fits, by platform."""
    checks: dict[str, tuple[LawCheck, ...]] = {}
    for name, key in in_force.streams(platform, stream):
        checks[name] = (*checks.get(name, ()), *in_force.runtime(name).verify(key))
    return checks


def history(in_force: InForce, *, last: int = 20) -> Sequence[PastGeneration]:
    """What came into force, the newest first, so many generations at most."""
    return in_force.control.history(last)


def reconcile_views(in_force: InForce, platform: str | None = None) -> dict[str, ViewSummary]:
    """Make the consumers' views be those in force, by platform."""
    return {name: in_force.runtime(name).reconcile_views() for name in in_force.platforms(platform)}


def list_views(in_force: InForce, platform: str | None = None) -> dict[str, Sequence[ListedView]]:
    """What stands for consumers and what should, by platform."""
    return {name: in_force.runtime(name).list_views() for name in in_force.platforms(platform)}
