"""Receipts: the counts and fingerprints that prove a batch. Pure decisions over what the statements counted."""

from attrs import evolve, frozen

from datasurface.errors import ReceiptMismatch, RefusedData
from datasurface.milestoning.strategy import Fingerprint, Staged
from datasurface.model import Dataset
from datasurface.results import DatasetCounts

GUARDED_ROWS = 100
"""A dataset with no more live rows than this may lose any part of them, unless the model sets a fraction."""
DEFAULT_FRACTION = 0.5

_SIGN = 1 << 63


@frozen
class Merged:
    """What the merge statements counted for one dataset: live rows they closed by operation, versions they opened,
    and the hashes."""

    replaced: int
    deleted: int
    closed_xor: int
    closed_versions: int
    opened: int
    opened_xor: int
    opened_versions: int


def check_deletes(dataset: Dataset, before: int, read: int, deleted: int) -> None:
    """RefusedData when a snapshot would delete more than its dataset allows."""
    if before and not read:
        raise RefusedData(
            f"the source of {dataset.name} has 0 rows where there were {before}",
            hint="if that is right, run this batch once with --allow-deletes",
            dataset=dataset.name,
        )
    fraction = dataset.max_delete_fraction
    if fraction is None:
        fraction = DEFAULT_FRACTION if before > GUARDED_ROWS else 1.0
    # Divided, not multiplied: 29 of 100 is then exactly the number that 0.29 is.
    if before and deleted / before > fraction:
        raise RefusedData(
            f"the snapshot of {dataset.name} would delete {deleted} of {before} rows, more than {100 * fraction:g}%",
            hint="if that is right, run this batch once with --allow-deletes, or set max_delete_fraction in the model",
            dataset=dataset.name,
        )


def counts_of(read: int, inserted: int, updated: int, deleted: int) -> DatasetCounts:
    """The metrics of one dataset; what was read and neither inserted nor updated is unchanged."""
    return DatasetCounts(read, inserted, updated, deleted, read - inserted - updated)


def check_recipe(dataset: str, left: Fingerprint, recipe: str) -> None:
    """ReceiptMismatch where the live rows have hashes that were made otherwise than those they would be compared
    with: equal rows have other ones."""
    if left.rows and left.recipe != recipe:
        raise ReceiptMismatch(
            f"the receipt of {dataset} does not hold: the last batch left hashes of recipe {left.recipe}, "
            f"those of this batch are of {recipe}; nothing was committed",
            hint="use the version of DataSurface that wrote the last batch; where no past is kept, "
            "`datasurface batch repair` makes all hashes anew",
            dataset=dataset,
        )


def check_merge(dataset: str, staged: Staged, before: Fingerprint, merged: Merged) -> tuple[DatasetCounts, Fingerprint]:
    """The true counts and the fingerprint that the merge leaves; ReceiptMismatch when they are not what was staged
    and read."""
    check_recipe(dataset, before, staged.source.recipe)
    before = evolve(before, recipe=staged.source.recipe)  # no rows have hashes of any
    counts = counts_of(staged.counts.read, merged.opened - merged.replaced, merged.replaced, merged.deleted)
    after = before.without(merged.replaced + merged.deleted, merged.closed_xor).plus(merged.opened, merged.opened_xor)
    if counts != staged.counts:
        raise mismatch(dataset, f"staged {_words(staged.counts)}, merged {_words(counts)}")
    if after != staged.source:
        raise mismatch(
            dataset,
            f"the source sent {_shown(staged.source.rows, staged.source.xor)}, "
            f"the table would hold {_shown(after.rows, after.xor)}",
        )
    versions = None
    if before.versions is not None:
        versions = before.versions ^ merged.closed_versions ^ merged.opened_versions
    return counts, evolve(after, versions=versions)


def check_load(dataset: str, read: int, found: tuple[int, int, int, int], recipe: str) -> Fingerprint:
    """The fingerprint of a first load (rows, xor of the source's hashes, xor of hashes recomputed from what is
    stored, xor of the versions)."""
    rows, sent, stored, versions = found
    if rows != read or sent != stored:
        raise mismatch(dataset, f"the source sent {_shown(read, sent)}, the table holds {_shown(rows, stored)}")
    return Fingerprint(rows, sent, recipe, versions=versions)


def check_rollback(dataset: str, to: int, found: tuple[int, int, int, int], left: Fingerprint) -> None:
    """ReceiptMismatch where the live rows (as in ``check_load``) are not what batch ``to`` left."""
    rows, kept, stored, versions = found
    if (rows, kept, stored) != (left.rows, left.xor, left.xor):
        raise mismatch(
            dataset, f"batch {to} left {_shown(left.rows, left.xor)}, the table would hold {_shown(rows, stored)}"
        )
    if left.versions is not None and versions != left.versions:
        raise mismatch(dataset, f"live rows would say that they began in other batches than batch {to} left them")


def mismatch(dataset: str, what: str) -> ReceiptMismatch:
    """The error of a receipt that does not hold."""
    return ReceiptMismatch(
        f"the receipt of {dataset} does not hold: {what}; nothing was committed",
        hint="`datasurface verify` names the rows of the merge table that were changed behind the engine's back; where "
        "no past is kept, `datasurface batch repair` makes them the source's",
        dataset=dataset,
    )


def not_as_left(dataset: str, former: Fingerprint, rows: int) -> ReceiptMismatch:
    """The error of live rows that are not what the last batch left."""
    there = f"{rows} are there" if rows != former.rows else "others are there"
    return mismatch(dataset, f"the last batch left {former.rows} live rows, {there}")


def _words(counts: DatasetCounts) -> str:
    return f"{counts.inserted} inserted, {counts.updated} updated, {counts.deleted} deleted"


def _shown(rows: int, xor: int) -> str:
    return f"{rows} rows with hash {xor % (2 * _SIGN):016x}"
