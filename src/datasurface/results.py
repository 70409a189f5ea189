"""What jobs, batches and operations come back with: plain values that every platform makes and every command prints."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import Enum, IntEnum

from attrs import asdict, field, frozen

from datasurface.deployment import Deployment, ViewConfig


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
        action: ``reset``, ``repair``, ``rollback`` or ``replay``.
        batches: those that the operation gives up, lets begin, takes back or merges again, in the order in which
            it does.
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
    return consumers(view for view in deployment.views if view.stream == stream)


def consumers(views: Iterable[ViewConfig]) -> tuple[Consumer, ...]:
    """The groups that views are for, in their order."""
    names: dict[tuple[str, str], list[str]] = {}
    for view in views:
        names.setdefault((view.workspace, view.group), []).append(view.name)
    return tuple(Consumer(*group, tuple(of_group)) for group, of_group in names.items())


@frozen
class CopiedRows:
    """What a refresh did to one copy in a consumer's database.

    Attributes:
        name: of the view that reads it, with its schema and the database.
        batch: the newest of the stream that it shows; 0 before the first.
        committed_at: the time of that batch; None before the first.
        way: ``unchanged`` where nothing had to be fetched, ``changes`` where what later batches did was fetched,
            ``whole`` where every row was compared.
        rows: that were fetched.
        inserted, deleted: rows of the copy; one that changed is both.
    """

    name: str
    stream: str
    batch: int
    committed_at: datetime | None
    way: str
    rows: int
    inserted: int
    deleted: int

    def document(self) -> dict[str, object]:
        """As plain JSON values."""
        return {**asdict(self), "committed_at": self.committed_at.isoformat() if self.committed_at else None}


@frozen
class CopyResult:
    """What a refresh did to the copies of one group. ``seconds``: how long it took."""

    platform: str
    workspace: str
    group: str
    code: ResultCode
    generation: int
    copies: tuple[CopiedRows, ...]
    seconds: float
    error: JobFailure | None = None

    def document(self) -> dict[str, object]:
        """As plain JSON values."""
        return {
            "platform": self.platform,
            "workspace": self.workspace,
            "group": self.group,
            "result": self.code.name,
            "code": int(self.code),
            "generation": self.generation,
            "copies": [copy.document() for copy in self.copies],
            "seconds": round(self.seconds, 4),
            "error": asdict(self.error) if self.error else None,
        }


@frozen
class OutputRows:
    """What a run of a transformer did to one of its tables: the rows that it holds now, and those that changed."""

    rows: int
    inserted: int
    updated: int
    deleted: int


@frozen
class TransformResult:
    """The result record of one run of a transformer, stored under the caller's run id and printed as one JSON line.

    Attributes:
        way: ``written``; ``unchanged`` where no input has a new batch since the last good run; ``waiting`` where an
            input has none at all yet. Empty after an error.
        inputs: the newest batch that was read, by stream; 0 before the first.
        outputs: by dataset; empty unless something was written.
        code_commit: that of the transformer's code.
        seconds: how long it took.
    """

    platform: str
    transformer: str
    run_id: str
    code: ResultCode
    way: str
    generation: int
    commit: str | None
    code_commit: str | None
    inputs: Mapping[str, int]
    outputs: Mapping[str, OutputRows]
    seconds: float
    error: JobFailure | None = None

    def document(self) -> dict[str, object]:
        """The record as plain JSON values."""
        return {
            "platform": self.platform,
            "transformer": self.transformer,
            "run_id": self.run_id,
            "result": self.code.name,
            "code": int(self.code),
            "way": self.way,
            "generation": self.generation,
            "commit": self.commit,
            "code_commit": self.code_commit,
            "inputs": dict(self.inputs),
            "outputs": {name: asdict(rows) for name, rows in self.outputs.items()},
            "seconds": round(self.seconds, 4),
            "error": asdict(self.error) if self.error else None,
        }


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
    """What a reconciliation of views did, by name. Functions that consumers call are named with what they take.

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

    def plus(self, other: "ViewSummary") -> "ViewSummary":
        """Both as one: what was done here and what was done there."""
        return ViewSummary(
            created=self.created + other.created,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
            removed=self.removed + other.removed,
            waiting=self.waiting + other.waiting,
            failed=self.failed + other.failed,
            reasons={**self.reasons, **other.reasons},
        )

    def steps(self, sql: Mapping[str, tuple[str, ...]]) -> "list[Step]":
        """What was done as the steps of apply. ``sql``: in a dry run, the statements by name."""
        return [
            Step(f"{done} {self.kind_of(name)}", name, sql.get(name, ()))
            for done in ("created", "updated", "removed")
            for name in getattr(self, done)
        ]

    @staticmethod
    def kind_of(name: str) -> str:
        """``function`` where a name says what it takes, else ``view``."""
        return "function" if "(" in name else "view"


class ViewState(Enum):
    """How a view or function stands to what the deployment in force says."""

    STANDS = "stands"
    """As it should."""
    DIFFERS = "differs"
    """A reconciliation would make it again, or grant it again."""
    MISSING = "missing"
    WAITING = "waiting"
    """For its merge table, which apply makes."""
    UNWANTED = "unwanted"
    """The deployment has it no longer; a reconciliation would remove it."""


@frozen
class ListedView:
    """A view or function that stands for consumers, or should.

    Attributes:
        name: with its schema; of a function with the types that it takes.
        columns: name and type of each, as it stands, else as it should; of a function those of its rows.
        readers: the roles that may read or call it as it stands, but for its owner; ``PUBLIC`` for everybody.
        path: of the sink that it is for, in the model; None where it is for none any more.
    """

    name: str
    state: ViewState
    columns: tuple[tuple[str, str], ...]
    readers: tuple[str, ...]
    path: str | None

    def document(self) -> dict[str, object]:
        """The listing as plain JSON values."""
        columns = [{"name": name, "type": kind} for name, kind in self.columns]
        return {**asdict(self), "state": self.state.value, "columns": columns, "readers": list(self.readers)}


@frozen
class PhysicalObject:
    """Something that stands in a database once a model is applied, and what of the model it comes from.

    Attributes:
        kind: what it is, in a word or two: ``table``, ``view``, ``role``.
        database: the name of the container.
        schema: None of what stands in none.
        name: of a function with the types that it takes.
        path: of the model's object; empty for the ecosystem itself.
    """

    kind: str
    database: str
    schema: str | None
    name: str
    path: str


@frozen
class Step:
    """One thing that apply did, or would do: ``created table yellowlive_store1_customers_merge``.

    Attributes:
        sql: in a dry run, the statements that apply would execute for it, in their order.
        note: why it could not be done; in a dry run, what it would cost, and what apply would check before it.
        rows: in a dry run, how many stored rows it or the batches after it would write, at most; None where none.
    """

    action: str
    object: str
    sql: tuple[str, ...] = ()
    note: str | None = None
    rows: int | None = None
