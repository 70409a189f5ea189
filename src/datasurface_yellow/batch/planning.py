"""Which batches a rollback takes back and which a replay merges again: decided from the batch log alone."""

from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from datasurface.errors import OperationRefused
from datasurface.milestoning.strategy import Fingerprint
from datasurface.results import BatchStatus, DatasetCounts
from datasurface_yellow.capture.window import Mark

_AT_WORK = (BatchStatus.INGESTED, BatchStatus.FAILED)

WITHDRAWN = "erased"
"""The recipe of sums that were taken out of the log, because the hashes of erased rows were in them."""


@frozen
class LoggedDataset:
    """What a batch did to one dataset: counts, how it found them, the fingerprints before and after, and how far it
    read. ``before`` is None for a batch that was not merged, ``mark`` for one that read all rows."""

    counts: DatasetCounts
    level: str
    before: Fingerprint | None
    after: Fingerprint
    mark: Mark | None = None


@frozen
class LoggedBatch:
    """One row of the batch log."""

    number: int
    status: BatchStatus
    schema_hash: str
    source_snapshot: str | None
    datasets: Mapping[str, LoggedDataset]


def plan_rollback(
    stream: str, log: Sequence[LoggedBatch], to: int, datasets: Collection[str], horizon: int = 0
) -> tuple[int, ...]:
    """The batches that a rollback to batch ``to`` takes back, newest first; OperationRefused where it cannot.

    Args:
        log: the stream's batches from ``to`` on, in order.
        datasets: those that the stream has now.
        horizon: the oldest batch that the tables of all of them can answer for.
    """
    _refuse_uncommitted(stream, log[-1] if log else None, "rolled back")
    target = next((batch for batch in log if batch.number == to), None)
    if to and (target is None or target.status is not BatchStatus.COMMITTED):
        missing = "it is not in the log any more" if log else "there is no such batch"
        found = missing if target is None else f"it is {target.status.value}"
        raise OperationRefused(
            f"stream {stream} is not rolled back to batch {to}: {found}",
            hint="name a COMMITTED batch of `datasurface batch status`, or 0 for the time before the first",
        )
    if 0 < to < horizon:
        raise OperationRefused(
            f"stream {stream} is not rolled back to batch {to}: its history before batch {horizon} is pruned",
            hint=f"roll back to batch {horizon} or a later one, or to 0, the time before the first",
        )
    undone = [batch for batch in log if batch.number > to and batch.status is BatchStatus.COMMITTED]
    if not undone:
        raise OperationRefused(
            f"no batch of stream {stream} after {to} is committed", hint="there is nothing to roll back"
        )
    for batch in undone:
        left = sorted(name for name, found in batch.datasets.items() if name not in datasets and _changed(found))
        if left:
            raise OperationRefused(
                f"batch {batch.number} changed {', '.join(left)}, which stream {stream} has no longer",
                hint="apply a model that has the dataset in the stream, roll back, then apply this one again",
            )
    return tuple(batch.number for batch in reversed(undone))


def plan_repair(stream: str, was_merged: bool, keeps_past: bool, shows_all: bool) -> None:
    """OperationRefused where a stream's tables cannot be mended from its source."""
    if not was_merged:
        raise OperationRefused(
            f"no batch of stream {stream} is committed, so nothing can be damaged", hint="`datasurface ingest` loads it"
        )
    if keeps_past:
        raise OperationRefused(
            f"stream {stream} keeps its past, and what a damaged version was is not known",
            hint="`datasurface batch rollback` to a batch before the damage heals live rows that later batches wrote; "
            "else put back the rows that `datasurface verify` names, from a backup of the merge database",
        )
    if not shows_all:
        raise OperationRefused(
            f"stream {stream} is read by a watermark, and a part of the source cannot mend all rows",
            hint="apply a model that reads it with SqlSnapshot, repair, then apply this one again",
        )


def check_recipes(stream: str, to: int, after: Mapping[str, Fingerprint], recipes: Mapping[str, str]) -> None:
    """OperationRefused where what batch ``to`` left cannot be compared with what the tables hold now."""
    other = sorted(name for name, found in after.items() if found.recipe != recipes[name])
    if other:
        raise OperationRefused(
            f"stream {stream} is not rolled back to batch {to}: since then {', '.join(other)} got hashes of another "
            "recipe, so nothing could prove the result",
            hint="roll back to a later batch",
        )


def plan_replay(
    stream: str,
    top: LoggedBatch | None,
    candidates: Sequence[LoggedBatch],
    live: Mapping[str, Fingerprint],
    schema_hash: str,
    up_to: int | None,
) -> tuple[LoggedBatch, ...]:
    """The rolled back batches that can be merged again, in the order in which to do it; OperationRefused where none
    can.

    Args:
        top: the stream's newest batch.
        candidates: rolled back batches that were not replayed yet, in order.
        live: what the newest committed batch left.
        up_to: the last one wanted; None for all.
    """
    _refuse_uncommitted(stream, top, "replayed")
    todo = [batch for batch in candidates if up_to is None or batch.number <= up_to]
    if not todo:
        raise OperationRefused(
            f"no batch of stream {stream} was rolled back and is still to be replayed",
            hint="what was read from the source after a rollback stands in place of what was taken back",
        )
    chosen, state = list[LoggedBatch](), dict(live)
    while (found := next((batch for batch in todo if _stands_on(batch, state)), None)) is not None:
        chosen.append(found)
        todo.remove(found)
        state |= {name: dataset.after for name, dataset in found.datasets.items()}
    if not chosen:
        erased = any(found.after.recipe == WITHDRAWN for found in todo[0].datasets.values())
        why = "keys were erased since, and nothing could prove the result" if erased else ""
        raise _not_replayed(stream, todo[0].number, why or "it was staged on other rows than are live now")
    for batch in chosen:
        if batch.schema_hash != schema_hash:
            raise _not_replayed(stream, batch.number, "it was read under another schema than the one in force")
    return tuple(chosen)


def check_staged(stream: str, batch: LoggedBatch, staged: Mapping[str, tuple[int, int]]) -> None:
    """OperationRefused where what a batch staged (per dataset changed rows and deleted keys) is not there any more."""
    for name, found in batch.datasets.items():
        counts = found.counts
        if staged[name] != (counts.inserted + counts.updated, counts.deleted):
            what = "it was a first load, which stages nothing" if found.level == "load" else "its staging is not kept"
            raise _not_replayed(stream, batch.number, f"{what} (dataset {name})")


def _not_replayed(stream: str, batch: int, why: str) -> OperationRefused:
    return OperationRefused(
        f"batch {batch} of stream {stream} is not replayed: {why}",
        hint="`--to` stops before it; the next `datasurface ingest` reads the source as it is now",
    )


def _stands_on(batch: LoggedBatch, state: Mapping[str, Fingerprint]) -> bool:
    return all(
        found.before is not None
        and found.after.recipe != WITHDRAWN
        and found.before == state.get(name, Fingerprint(0, 0, found.before.recipe))
        for name, found in batch.datasets.items()
    )


def _changed(found: LoggedDataset) -> bool:
    return bool(found.counts.inserted or found.counts.updated or found.counts.deleted)


def _refuse_uncommitted(stream: str, top: LoggedBatch | None, verb: str) -> None:
    """A batch that has staged something is finished or given up first. One that is STARTED has not: it reads again."""
    if top is not None and top.status in _AT_WORK:
        raise OperationRefused(
            f"batch {top.number} of stream {stream} is {top.status.value}, so nothing is {verb}",
            hint="let the next job finish it, or give it up with `datasurface batch reset`",
        )
