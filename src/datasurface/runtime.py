"""What every platform does with a deployment, and the values that come back: the commands drive platforms through
this page alone."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from enum import Enum, IntEnum
from typing import Protocol

from attrs import asdict, field, frozen

from datasurface.deployment import Deployment
from datasurface.errors import NotApplied


class ResultCode(IntEnum):
    """What a job's end asks of its caller."""

    DONE = 0
    """Wait for the next trigger."""
    KEEP_WORKING = 1
    """There is more to do at once: trigger again."""
    ERROR = -1
    """Not done; the message says why and what to do."""


@frozen
class DatasetCounts:
    """What one batch did to one dataset: rows of the source snapshot, and keys by what happened to them."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0


@frozen
class JobSeconds:
    """Where a job's time went: waiting for locks, reading the source, moving changed rows, then comparing and
    merging in the store."""

    wait: float = 0.0
    source: float = 0.0
    transfer: float = 0.0
    merge: float = 0.0


@frozen
class JobFailure:
    """Why a job was not done."""

    type: str
    message: str
    dataset: str | None
    hint: str | None


@frozen
class JobResult:
    """The result record of one job, stored under the caller's run id and printed as one JSON line."""

    platform: str
    stream: str
    run_id: str
    batch: int | None
    code: ResultCode
    generation: int
    commit: str | None
    datasets: Mapping[str, DatasetCounts]
    seconds: JobSeconds
    error: JobFailure | None = None

    def document(self) -> dict[str, object]:
        """The record as plain JSON values."""
        return {
            "platform": self.platform,
            "stream": self.stream,
            "run_id": self.run_id,
            "batch": self.batch,
            "result": self.code.name,
            "code": int(self.code),
            "generation": self.generation,
            "commit": self.commit,
            "datasets": {name: asdict(counts) for name, counts in self.datasets.items()},
            "seconds": {name: round(value, 4) for name, value in asdict(self.seconds).items()},
            "error": asdict(self.error) if self.error else None,
        }


class BatchStatus(Enum):
    """Where a batch is in its life."""

    STARTED = "STARTED"
    INGESTED = "INGESTED"
    COMMITTED = "COMMITTED"
    ROLLED_BACK = "ROLLED_BACK"
    FAILED = "FAILED"


@frozen
class BatchState:
    """One batch of one stream. ``reason`` says why it is no plain batch: what it replays, or what took it back."""

    stream: str
    batch: int
    status: BatchStatus
    started_at: datetime
    committed_at: datetime | None
    datasets: Mapping[str, DatasetCounts]
    error: JobFailure | None
    generation: int
    commit: str | None
    reason: str | None = None


@frozen
class DatasetPreview:
    """What an operation would do to one dataset.

    Attributes:
        rows_before, rows_after: live rows.
        reopened, removed: versions that become live again, and versions that go.
        staged: staged rows that are dropped, or by a replay merged.
    """

    rows_before: int
    rows_after: int
    reopened: int = 0
    removed: int = 0
    staged: int = 0


@frozen
class Consumer:
    """A group that reads a stream, by the names that its views have for the stream's datasets."""

    workspace: str
    group: str
    views: tuple[str, ...]


@frozen
class Preview:
    """What an operation on a stream's batches would do, said before it does it. Who then orders the operation hands it
    over, so that nothing else is done where the stream has moved on since.

    Attributes:
        action: ``reset``, ``rollback`` or ``replay``.
        batches: those that the operation gives up, takes back or merges again, in the order in which it does.
        to: the batch that the stream is taken back to; None where there is none.
        token: the stream's fencing token when this was found out.
    """

    action: str
    stream: str
    batches: tuple[int, ...]
    to: int | None
    token: int
    datasets: Mapping[str, DatasetPreview]
    consumers: tuple[Consumer, ...]

    def document(self) -> dict[str, object]:
        """The preview as plain JSON values."""
        return {
            "action": self.action,
            "stream": self.stream,
            "batches": list(self.batches),
            "to": self.to,
            "datasets": {name: asdict(found) for name, found in self.datasets.items()},
            "consumers": [{**asdict(consumer), "views": list(consumer.views)} for consumer in self.consumers],
        }


def consumers_of(deployment: Deployment, stream: str) -> tuple[Consumer, ...]:
    """Who reads a stream: its groups in the order of the deployment's views."""
    views: dict[tuple[str, str], list[str]] = {}
    for view in deployment.views:
        if view.stream == stream:
            views.setdefault((view.workspace, view.group), []).append(view.name)
    return tuple(Consumer(*group, tuple(names)) for group, names in views.items())


@frozen
class LawCheck:
    """One law on one dataset's real table. ``checked`` counts what was looked at; ``detail`` says what breaks it."""

    law: str
    statement: str
    stream: str
    dataset: str
    holds: bool
    checked: int
    detail: str = ""


@frozen
class ViewSummary:
    """What a reconciliation of views did, by name.

    Attributes:
        reasons: by name, why a view waits or failed.
    """

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(factory=dict)

    @property
    def is_well(self) -> bool:
        """True when every view stands."""
        return not self.waiting and not self.failed


@frozen
class Step:
    """One thing that apply did: ``created table yellowlive_store1_customers_merge``."""

    action: str
    object: str


class PlatformRuntime(Protocol):
    """A platform at work on one deployment in force.

    All methods name streams by key and raise DataSurfaceError with a hint.
    """

    def apply(self) -> Sequence[Step]:
        """Make the deployment's tables, views and grants exist; what else stands is left alone, as it may be in force.

        Idempotent: returns what was done, empty when all stood. ApplyRefused where ``reconcile_views`` could not take
        away afterwards what the deployment no longer has.
        """
        ...

    def run_batch(
        self, stream: str, run_id: str, *, budget: float | None = None, allow_deletes: bool = False
    ) -> JobResult:
        """One job on one stream; never raises for what went wrong with the batch: the result says it.

        ``budget``: seconds after which the merge is left to the next call (KEEP_WORKING).
        ``allow_deletes``: take this snapshot's deletes, however many.
        """
        ...

    def status(self, stream: str, *, last: int = 10) -> Sequence[BatchState]:
        """The newest batches of a stream, newest first."""
        ...

    def preview_reset(self, stream: str) -> Preview:
        """What ``reset`` would do. Changes nothing, and raises what ``reset`` would."""
        ...

    def reset(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        """Give up what the uncommitted batch has staged, so that it starts afresh under its number; a committed
        batch is refused.

        ``seen``: the preview that was agreed to; Fenced where a job was at work on the stream since.
        """
        ...

    def preview_rollback(self, stream: str, to: int) -> Preview:
        """What ``rollback`` would do. Changes nothing, and raises what ``rollback`` would."""
        ...

    def rollback(self, stream: str, to: int, *, seen: Preview | None = None) -> Sequence[BatchState]:
        """Take a stream back to what the committed batch ``to`` left (0: to before its first); the batches that were
        taken back, newest first.

        OperationRefused where the past is not kept, ``to`` is not committed, or an uncommitted batch stands on top;
        ReceiptMismatch where the result is not what the batch left. ``seen`` as in ``reset``.
        """
        ...

    def preview_replay(self, stream: str, *, up_to: int | None = None) -> Preview:
        """What ``replay`` would do. Changes nothing, and raises what ``replay`` would."""
        ...

    def replay(self, stream: str, *, up_to: int | None = None, seen: Preview | None = None) -> Sequence[BatchState]:
        """Merge again what rolled back batches have staged, in their order, each as a new batch; the new batches,
        newest first.

        ``up_to``: the last of the old batches to merge; None for all. OperationRefused where staging is not kept, was
        made under another schema, or stands on other rows than are live. ``seen`` as in ``reset``.
        """
        ...

    def verify(self, stream: str) -> Sequence[LawCheck]:
        """Check the laws on the stream's real tables."""
        ...

    def reconcile_views(self) -> ViewSummary:
        """Make the consumers' views be exactly those of the deployment."""
        ...


@frozen
class Generation:
    """What is in force: the deployments of all platforms, numbered in the order in which they came into force."""

    number: int
    deployments: tuple[Deployment, ...]
    commit: str | None
    applied_at: datetime
    applied_by: str

    def deployment(self, platform: str) -> Deployment:
        """The deployment of a platform; NotApplied, with the names there are, if there is none."""
        for deployment in self.deployments:
            if deployment.platform.name == platform:
                return deployment
        known = ", ".join(deployment.platform.name for deployment in self.deployments)
        raise NotApplied(f"no platform {platform!r} in generation {self.number}", hint=f"platforms in force: {known}")


class ControlStore(Protocol):
    """Where the generations are kept; what it holds as newest is in force."""

    def lock(self) -> AbstractContextManager[None]:
        """Keep every other apply out; waits for one that is at work."""
        ...

    def current(self) -> Generation | None:
        """The generation in force, or None before the first apply."""
        ...

    def publish(self, deployments: Sequence[Deployment], commit: str | None) -> Generation:
        """Put a new generation in force, whole or not at all."""
        ...
