"""What every platform does with a deployment: the commands drive platforms through this page alone."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from attrs import frozen

from datasurface.access import AccessReport
from datasurface.deployment import Deployment, HandOver
from datasurface.erasure import Erasure, Key, Pruning
from datasurface.errors import NotApplied
from datasurface.interchange.canonical import JsonValue
from datasurface.model import Ecosystem
from datasurface.observing import Observatory
from datasurface.results import (
    BatchState,
    CopiedRows,
    JobResult,
    LawCheck,
    ListedView,
    PhysicalObject,
    Preview,
    Step,
    TransformResult,
    ViewSummary,
)
from datasurface.unused import UnusedDataset

OpenCode = Callable[[], AbstractContextManager[Path]]
"""What opens the folder of a transformer's code, which is gone at its end."""


class BatchOperations(Protocol):
    """What an operator can do to the batches of a stream. A platform that keeps no past refuses: OperationRefused.

    >>> def take_back_newest(operations: BatchOperations, stream: str, newest: int) -> Sequence[BatchState]:
    ...     '''What the preview says is what is done: Fenced, if a job was at work in between.'''
    ...     seen = operations.preview_rollback(stream, newest - 1)
    ...     return operations.rollback(stream, newest - 1, seen=seen)
    """

    def preview_reset(self, stream: str) -> Preview:
        """What ``reset`` would do. Changes nothing, and raises what ``reset`` would."""
        ...

    def reset(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        """Give up what the uncommitted batch has staged, so that it starts afresh under its number; a committed
        batch is refused.

        ``seen``: the preview that was agreed to; Fenced where a job was at work on the stream since.
        """
        ...

    def preview_repair(self, stream: str) -> Preview:
        """What ``repair`` would do. Changes nothing, and raises what ``repair`` would."""
        ...

    def repair(self, stream: str, *, seen: Preview | None = None) -> BatchState:
        """Let the next batch mend merge tables that somebody changed: it compares every row with the source and trusts
        no row or sum of its own. What an uncommitted batch has staged is given up.

        OperationRefused where the past is kept, where nothing was merged yet, or where the source shows a part of its
        rows only. ``seen`` as in ``reset``.
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


class ErasureOperations(Protocol):
    """How data leaves a platform that its source had: persons who are forgotten, and history that is old enough.

    >>> def forget_customer(operations: ErasureOperations, key: Key) -> Erasure:
    ...     '''Erase a customer, then the bytes that it leaves in files.'''
    ...     done = operations.forget("Shop", "customers", [key])
    ...     operations.vacuum("Shop", "customers")
    ...     return done
    """

    def preview_forget(
        self, stream: str, dataset: str, keys: Sequence[Key], *, even_if_at_source: bool = False
    ) -> Erasure:
        """What ``forget`` would do. Changes nothing, and raises what ``forget`` would."""
        ...

    def forget(
        self,
        stream: str,
        dataset: str,
        keys: Sequence[Key],
        *,
        even_if_at_source: bool = False,
        seen: Erasure | None = None,
    ) -> Erasure:
        """Erase all that is held of some keys of a dataset, in every version and copy, and keep a record of that which
        holds nothing of them; what was erased. The laws hold afterwards as if the keys had never been.

        Copies in consumers' databases come last. One that is away keeps nothing else from being erased, and is named
        with why in what comes back: the same call again does the rest.

        OperationRefused while the source has one of the keys, or cannot be asked: the next batch would bring it back.
        ``even_if_at_source``: do it without asking. ``seen`` as in ``reset``.
        """
        ...

    def vacuum(self, stream: str, dataset: str) -> Sequence[str]:
        """Free the files of what ``forget`` touched of the bytes of erased rows. Readers and jobs have to wait
        meanwhile. What somebody else still has to do for that, in words; empty where nothing is left."""
        ...

    def preview_retention(self, stream: str) -> Sequence[Pruning]:
        """What ``prune_history`` would do, by dataset that keeps its past. Changes nothing."""
        ...

    def prune_history(self, stream: str, *, seen: Sequence[Pruning] | None = None) -> Sequence[Pruning]:
        """Take away closed versions that no consumer needs any longer, in bounded steps of which each is whole; those
        that are gone. What was asked of batches before the horizon cannot be answered afterwards, and is refused.

        ``seen``: the preview that was agreed to, of which no more is taken away.
        """
        ...


class PlatformRuntime(BatchOperations, ErasureOperations, Protocol):
    """A platform at work on one deployment in force.

    All methods name streams by key and raise DataSurfaceError with a hint.

    >>> def run_to_the_end(runtime: PlatformRuntime, stream: str) -> JobResult:
    ...     '''As a scheduler does: again at once for as long as there is more to do.'''
    ...     while (result := runtime.run_batch(stream, "nightly-1", budget=60.0)).code == 1:
    ...         continue
    ...     return result
    """

    def apply(self, *, dry_run: bool = False, handed_over: Sequence[HandOver] = ()) -> Sequence[Step]:
        """Make the deployment's tables, views and grants exist; what else stands is left alone, as it may be in force.

        Idempotent: returns what was done, empty when all stood. ApplyRefused where ``remove_views`` could not take
        away afterwards what the deployment no longer has, or where tables hold rows that were merged for another owner
        of the datastore.

        ``handed_over``: the datastores of the whole model whose rows are the next owner's from now on.

        ``dry_run``: return what it would do, then the views that ``remove_views`` would remove, and raise what it
        would as far as it can be known without a change; nothing is changed and nobody has to wait.
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

    def keep_result(self, result: JobResult) -> None:
        """Keep the result record of a job that was none of a stream's, among those of the streams."""
        ...

    def status(self, stream: str, *, last: int = 10) -> Sequence[BatchState]:
        """The newest batches of a stream, newest first; also of one that the deployment has no longer, as far as its
        log is kept."""
        ...

    def observe(self) -> AbstractContextManager[Observatory]:
        """The platform's work as it is at one moment, to look at until the end; changes nothing."""
        ...

    def verify(self, stream: str) -> Sequence[LawCheck]:
        """Check the laws on the stream's real tables."""
        ...

    def reconcile_views(self) -> ViewSummary:
        """Make the consumers' views be exactly those of the deployment."""
        ...

    def remove_views(self) -> ViewSummary:
        """Take away the consumers' views that the deployment no longer has, once ``apply`` has made those that it has
        and it is in force. The summary is of what was removed and of what could not be."""
        ...

    def refresh_copies(self, workspace: str, group: str, *, whole: bool = False) -> Sequence[CopiedRows]:
        """Bring the copies of a group in its workspace's own database to what the views in the platform's own show: all
        of them in one transaction, and of one moment, so that consumers see one batch of a stream; what was done.
        Idempotent. NotApplied where the deployment has no such copies, or they are not made yet.

        ``whole``: compare every row, and trust nothing that is known of it.
        """
        ...

    def transform(self, name: str, run_id: str, code: OpenCode) -> TransformResult:
        """One run of a transformer: its code reads the workspace's views as they are at one moment, and what it made
        replaces the rows of its tables, all of them or none. Nothing is done where no input has a new batch since the
        last good run. Never raises for what goes wrong with the run: the result says it.

        ``code``: opens the folder of its code; called only where there is something to do.
        """
        ...

    def unused(self, *, count: bool = False) -> Sequence[UnusedDataset]:
        """What stands of datasets that the deployment neither reads nor shows, and that were this ecosystem's. Changes
        nothing. ``count``: the rows, too, which takes a look at all of them."""
        ...

    def drop_unused(self, seen: Sequence[UnusedDataset], *, dry_run: bool = False) -> Sequence[Step]:
        """Drop the tables and records of those of ``seen`` that are unused, so that a dataset of that name begins anew;
        what was done. For when the deployment is in force, and its views are reconciled.

        ApplyRefused where a job works on a stream, or where something of others stands on a table.

        ``dry_run``: return what it would do, and raise what it would as far as that is known; changes nothing.
        """
        ...

    def list_views(self) -> Sequence[ListedView]:
        """What stands for consumers and what should, by name. Changes nothing."""
        ...

    def objects(self) -> Sequence[PhysicalObject]:
        """What stands once the deployment is applied and its streams have had a batch. Asks no database."""
        ...

    def check_access(self, credential: str | None = None) -> Sequence[AccessReport]:
        """Become each role that reads, and try what it may do and what not, database by database; changes nothing.

        ``credential``: names the secret of a login that may become the roles, in every database; by default that of
        each database. What cannot be tried in one is an error of its report, and keeps no other from being tried.
        """
        ...


@frozen
class Generation:
    """What is in force: the deployments of all platforms, numbered in the order in which they came into force.

    Attributes:
        deployments: one of each platform. A store may read them when they are first asked for: NotCanonical then, where
            this version cannot.

    >>> from datetime import UTC
    >>> first = Generation(1, [], commit=None, applied_at=datetime(2030, 1, 1, tzinfo=UTC), applied_by="admin")
    >>> first.deployment("Yellow")
    Traceback (most recent call last):
    datasurface.errors.NotApplied: no platform 'Yellow' in generation 1
    """

    number: int
    deployments: Sequence[Deployment]
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


@frozen
class GenerationChange:
    """How a generation differs from the one before it; kept with it.

    Attributes:
        summary: one line.
        plan: the plan as a JSON document, in the form of ``schemas/plan.schema.json``; None where the model before it
            is not known.
        rollback_to: the generation whose model it has again; None for a model that was applied.

    >>> GenerationChange("1 change (1 added)").rollback_to is None
    True
    """

    summary: str
    plan: JsonValue = None
    rollback_to: int | None = None


@frozen
class PastGeneration:
    """A generation as history shows it. ``summary`` and ``rollback_to`` as in GenerationChange; ``summary`` is None
    where nothing was kept of the change.

    >>> from datetime import UTC
    >>> PastGeneration(2, None, datetime(2030, 1, 1, tzinfo=UTC), "admin", 3, summary=None, rollback_to=1).streams
    3
    """

    number: int
    commit: str | None
    applied_at: datetime
    applied_by: str
    streams: int
    summary: str | None
    rollback_to: int | None


class ControlStore(Protocol):
    """Where the generations are kept; what it holds as newest is in force.

    All methods raise CatalogueRefused where its tables are of a later version than this program.

    >>> def model_before(store: ControlStore) -> Ecosystem | None:
    ...     '''The model that was in force before the one that is.'''
    ...     past = store.history(2)
    ...     return store.model_of(past[1].number) if len(past) == 2 else None
    """

    def lock(self) -> AbstractContextManager[None]:
        """Keep every other apply out; waits for one that is at work."""
        ...

    def current(self) -> Generation | None:
        """The generation in force, or None before the first apply."""
        ...

    def generation(self, number: int) -> Generation:
        """A generation as it was in force. NotApplied where there is none of that number."""
        ...

    def model_of(self, generation: int) -> Ecosystem | None:
        """The model that a generation was made of, as it was published; None where an earlier version published it,
        which kept no models. NotApplied where there is no generation of that number."""
        ...

    def change_of(self, generation: int) -> GenerationChange | None:
        """What was kept of the change that put a generation in force; None where nothing was. NotApplied where there
        is no generation of that number."""
        ...

    def history(self, last: int) -> Sequence[PastGeneration]:
        """The newest generations, newest first, so many at most."""
        ...

    def restore(self, generation: Generation, *, dry_run: bool = False) -> Mapping[str, Sequence[Step]]:
        """Let the rows that schedulers read be those of the generation in force, where somebody changed them; what
        differed, by platform."""
        ...

    def publish(
        self,
        model: Ecosystem,
        deployments: Sequence[Deployment],
        commit: str | None,
        change: GenerationChange | None = None,
    ) -> Generation:
        """Put a new generation in force, whole or not at all.

        ``model``: what the deployments were made of, as its owners wrote it, bound to no environment.
        ``change``: what is kept of the way there; None where that is not known.
        """
        ...
