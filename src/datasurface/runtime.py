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
    """One batch of one stream."""

    stream: str
    batch: int
    status: BatchStatus
    started_at: datetime
    committed_at: datetime | None
    datasets: Mapping[str, DatasetCounts]
    error: JobFailure | None
    generation: int
    commit: str | None


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

    def reset(self, stream: str) -> BatchState:
        """Give up what the uncommitted batch has staged, so that it starts afresh under its number; a committed
        batch is refused."""
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
