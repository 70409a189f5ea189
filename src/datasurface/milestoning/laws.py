"""The laws of milestoning as functions over plain values; each returns what breaks it, and nothing when it holds.

They share no logic with the oracle, so each can find the other's mistakes, and take O(n log n) for n versions and
rows. A message holds no cell of any row, because it may be logged; the key stands beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from attrs import frozen

from datasurface.milestoning.rows import LIVE, Change, Key, Operation, Row, Version, row_image
from datasurface.results import DatasetCounts


@frozen
class Law:
    """A statement that holds for every milestoned table at the end of every batch."""

    id: str
    name: str
    statement: str


@frozen
class Violation:
    """What breaks a law; ``key`` is None where a whole batch breaks it."""

    law: Law
    key: Key | None
    message: str


ONE_LIVE = Law("L1", "one live version", "A key has at most one live version.")
NO_OVERLAP = Law("L2", "no overlap", "The versions of a key do not overlap; where there is a gap, the key was absent.")
ORDERED_ENDS = Law("L3", "ordered ends", "No version ends before the batch that it begins with.")
REAL_CHANGES = Law("L4", "real changes", "A version differs from the one that it follows without a gap.")
AS_OF_IS_SOURCE = Law("L5", "as-of is the source", "The rows as of a committed batch are the batch's source snapshot.")
LIVE_IS_FORENSIC = Law("L6", "live is forensic", "A live table is the live rows of a forensic table fed the same.")
IDEMPOTENT = Law("L7", "idempotent", "Running any batch again changes nothing.")
CRASH_SAFE = Law(
    "L8", "crash safe", "A batch killed anywhere and run again leaves the tables of one that was not killed."
)
TRACELESS = Law("L9", "traceless", "A reset leaves no trace; a rollback and the same snapshots give the same tables.")
TRUE_COUNTS = Law("L10", "true counts", "The counts of every batch are those that its versions show.")
RECEIPT = Law("L11", "receipt", "The fingerprint of the merged rows is that of the source's, and of the stored cells.")
CHANGES_CONNECT = Law("L12", "changes connect", "The rows as of a, with the changes from a to b, are the rows as of b.")
COUNTS_ADD_UP = Law(
    "counts",
    "counts add up",
    "Before + inserted - deleted = after, read = inserted + updated + unchanged, and each batch begins with what the "
    "one before left.",
)

LAWS = (
    ONE_LIVE,
    NO_OVERLAP,
    ORDERED_ENDS,
    REAL_CHANGES,
    AS_OF_IS_SOURCE,
    LIVE_IS_FORENSIC,
    IDEMPOTENT,
    CRASH_SAFE,
    TRACELESS,
    TRUE_COUNTS,
    RECEIPT,
    CHANGES_CONNECT,
    COUNTS_ADD_UP,
)
"""Every law, in order. L7, L8, L9 and L11 speak of runs and hashes: an engine's tests try them, on its real tables."""


def one_live_version(versions: Iterable[Version]) -> list[Violation]:
    """L1: a key has at most one live version."""
    live: dict[Key, int] = defaultdict(int)
    for version in versions:
        live[version.key] += version.batch_out == LIVE
    return [Violation(ONE_LIVE, key, f"{count} live versions") for key, count in live.items() if count > 1]


def no_overlap(versions: Iterable[Version]) -> list[Violation]:
    """L2: of two versions of a key one ends before the other begins. Versions that break L3 cover no batch."""
    violations = []
    for key, ordered in _by_key(version for version in versions if version.batch_in <= version.batch_out).items():
        last = ordered[0]
        for version in ordered[1:]:
            if version.batch_in <= last.batch_out:
                violations.append(Violation(NO_OVERLAP, key, f"{_span(last)} overlaps {_span(version)}"))
            last = max(last, version, key=lambda v: v.batch_out)
    return violations


def ordered_ends(versions: Iterable[Version]) -> list[Violation]:
    """L3: ``batch_in`` is not greater than ``batch_out``."""
    return [
        Violation(ORDERED_ENDS, version.key, f"{_span(version)} ends before it begins")
        for version in versions
        if version.batch_in > version.batch_out
    ]


def adjacent_versions_differ(versions: Iterable[Version]) -> list[Violation]:
    """L4: a version differs from the one of its key that ended at the batch before."""
    return [
        Violation(REAL_CHANGES, key, f"{_span(first)} and {_span(second)} are the same row")
        for key, ordered in _by_key(versions).items()
        for first, second in pairwise(ordered)
        if first.batch_out + 1 == second.batch_in and row_image(first.row) == row_image(second.row)
    ]


def versions_hold_together(versions: Iterable[Version]) -> list[Violation]:
    """L1 to L4: what a forensic table must keep whatever was merged into it."""
    held = tuple(versions)
    return [*one_live_version(held), *no_overlap(held), *ordered_ends(held), *adjacent_versions_differ(held)]


def as_of_is_source(versions: Iterable[Version], snapshots: Mapping[int, Mapping[Key, Row]]) -> list[Violation]:
    """L5: for every batch given, the rows whose versions cover it are its snapshot.

    One walk through the batches in order opens and closes versions, so the cost is that of the versions plus the
    snapshots.
    """
    held = [version for version in versions if version.batch_in <= version.batch_out]
    opening = sorted(held, key=lambda version: version.batch_in, reverse=True)
    closing = sorted(held, key=lambda version: version.batch_out, reverse=True)
    covering: dict[Key, list[Version]] = defaultdict(list)
    violations: list[Violation] = []
    for batch in sorted(snapshots):
        while opening and opening[-1].batch_in <= batch:
            version = opening.pop()
            covering[version.key].append(version)
        while closing and closing[-1].batch_out < batch:
            version = closing.pop()
            covering[version.key].remove(version)
            if not covering[version.key]:
                del covering[version.key]
        violations += _compare_with_source(batch, covering, snapshots[batch])
    return violations


def _compare_with_source(
    batch: int, covering: Mapping[Key, list[Version]], snapshot: Mapping[Key, Row]
) -> Iterable[Violation]:
    for key, versions in covering.items():
        if key not in snapshot:
            yield Violation(AS_OF_IS_SOURCE, key, f"as of batch {batch} there is a row that the source did not have")
        elif any(row_image(version.row) != row_image(snapshot[key]) for version in versions):
            yield Violation(AS_OF_IS_SOURCE, key, f"as of batch {batch} the row differs from the source's")
        elif len(versions) > 1:
            yield Violation(AS_OF_IS_SOURCE, key, f"as of batch {batch} there are {len(versions)} rows")
    for key in snapshot.keys() - covering.keys():
        yield Violation(AS_OF_IS_SOURCE, key, f"as of batch {batch} a row of the source is missing")


def live_is_forensic(live: Iterable[Version], forensic: Iterable[Version]) -> list[Violation]:
    """L6: the versions of a live table are the live ones of a forensic table that merged the same batches."""
    of_live = {(version.key, version.batch_in): row_image(version.row) for version in live}
    of_forensic = {(v.key, v.batch_in): row_image(v.row) for v in forensic if v.batch_out == LIVE}
    return [
        Violation(LIVE_IS_FORENSIC, key, f"the rows of batch {batch} differ, or one of the tables has none")
        for key, batch in of_live.keys() | of_forensic.keys()
        if of_live.get((key, batch)) != of_forensic.get((key, batch))
    ]


def counts_are_true(versions: Iterable[Version], counts: Mapping[int, DatasetCounts]) -> list[Violation]:
    """L10: the counts of each batch given are what the versions show that it read, opened and closed."""
    opened, closed, updated = (defaultdict[int, int](int) for _ in range(3))
    for ordered in _by_key(versions).values():
        for version in ordered:
            opened[version.batch_in] += 1
            closed[version.batch_out + 1] += 1
        for first, second in pairwise(ordered):
            updated[second.batch_in] += first.batch_out + 1 == second.batch_in
    violations, live = [], 0
    for batch in sorted({*opened, *closed, *counts}):
        live += opened[batch] - closed[batch]
        shown = DatasetCounts(
            read=live,
            inserted=opened[batch] - updated[batch],
            updated=updated[batch],
            deleted=closed[batch] - updated[batch],
            unchanged=live - opened[batch],
        )
        if batch in counts and counts[batch] != shown:
            violations.append(
                Violation(TRUE_COUNTS, None, f"batch {batch} reports {counts[batch]}, its versions {shown}")
            )
    return violations


def counts_add_up(batch: int, before: int, counts: DatasetCounts, after: int) -> list[Violation]:
    """The identities of one batch's counts with the live rows before and after it."""
    broken = []
    if before + counts.inserted - counts.deleted != after:
        broken.append(f"{before} before + {counts.inserted} inserted - {counts.deleted} deleted is not {after} after")
    if counts.inserted + counts.updated + counts.unchanged != counts.read:
        broken.append(
            f"{counts.inserted} inserted + {counts.updated} updated + {counts.unchanged} unchanged "
            f"is not {counts.read} read"
        )
    return [Violation(COUNTS_ADD_UP, None, f"batch {batch}: {identity}") for identity in broken]


def changes_connect(before: Mapping[Key, Row], changes: Iterable[Change], after: Mapping[Key, Row]) -> list[Violation]:
    """L12: changes are one per key, real, named for what they do, and lead from the rows before to the rows after."""
    violations = []
    changed: dict[Key, Change] = {}
    for change in changes:
        if change.key in changed:
            violations.append(Violation(CHANGES_CONNECT, change.key, "more than one change of the key"))
        changed[change.key] = change
        if (change.key in before) == (change.operation is Operation.INSERT):
            there = "was" if change.key in before else "was not"
            violations.append(
                Violation(CHANGES_CONNECT, change.key, f"{change.operation.value} of a key that {there} there")
            )
        elif change.row is not None and _same(before.get(change.key), change.row):
            violations.append(Violation(CHANGES_CONNECT, change.key, "an update that changes nothing"))
    for key in before.keys() | after.keys() | changed.keys():
        arrived = changed[key].row if key in changed else before.get(key)
        if not _same(arrived, after.get(key)):
            violations.append(Violation(CHANGES_CONNECT, key, "the changes do not lead to the row after them"))
    return violations


def _same(first: Row | None, second: Row | None) -> bool:
    if first is None or second is None:
        return first is second
    return row_image(first) == row_image(second)


def _by_key(versions: Iterable[Version]) -> dict[Key, list[Version]]:
    """The versions of each key in the order in which they begin."""
    groups: dict[Key, list[Version]] = defaultdict(list)
    for version in versions:
        groups[version.key].append(version)
    for group in groups.values():
        group.sort(key=lambda version: (version.batch_in, version.batch_out))
    return groups


def _span(version: Version) -> str:
    return f"[{version.batch_in}, {'live' if version.batch_out == LIVE else version.batch_out}]"
