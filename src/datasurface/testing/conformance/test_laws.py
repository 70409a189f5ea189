"""The laws of a merge strategy, a test each, on what consumers see after every batch of random streams."""

from collections.abc import Callable, Iterable

from datasurface.milestoning import laws
from datasurface.milestoning.laws import Law, Violation
from datasurface.milestoning.oracle import ForensicTable, changes
from datasurface.milestoning.rows import Change, Operation, Version
from datasurface.results import DatasetCounts
from datasurface.testing.courses import DatasetCourse
from datasurface.testing.trial import Trial


def test_L1_one_live_version(trial: Trial) -> None:
    """A key has at most one live version."""
    trial.law(laws.ONE_LIVE, lambda course: _after_each(course, laws.one_live_version))


def test_L2_no_overlap(trial: Trial) -> None:
    """The versions of a key do not overlap."""
    trial.law(laws.NO_OVERLAP, lambda course: _after_each(course, laws.no_overlap))


def test_L3_ordered_ends(trial: Trial) -> None:
    """No version ends before the batch that it begins with."""
    trial.law(laws.ORDERED_ENDS, lambda course: _after_each(course, laws.ordered_ends))


def test_L4_real_changes(trial: Trial) -> None:
    """A version differs from the one that it follows."""
    trial.law(laws.REAL_CHANGES, lambda course: _after_each(course, laws.adjacent_versions_differ))


def test_L5_as_of_is_the_source(trial: Trial) -> None:
    """After every batch, the rows as of it are its snapshot, and where the past is kept those of all before, too."""
    trial.law(laws.AS_OF_IS_SOURCE, _as_of_is_source)


def test_L6_live_is_forensic(trial: Trial) -> None:
    """The live rows are those of the oracle's table of the other milestoning, each from the same batch."""
    trial.law(laws.LIVE_IS_FORENSIC, _live_is_forensic)


def test_L7_idempotent(trial: Trial) -> None:
    """The last snapshot once more is a batch that changes nothing."""
    trial.law(laws.IDEMPOTENT, _again_changes_nothing)


def test_L10_true_counts(trial: Trial) -> None:
    """What was staged and what was merged are counted as the oracle counts."""
    trial.law(laws.TRUE_COUNTS, _counts_differ)


def test_L11_receipt(trial: Trial) -> None:
    """The fingerprint that a batch leaves is the source's, and ``verify`` finds nothing at the end."""
    trial.law(laws.RECEIPT, _receipts_differ)


def test_L12_changes_connect(trial: Trial) -> None:
    """The changes between two batches lead from the rows as of the one to the rows as of the other."""
    trial.law(laws.CHANGES_CONNECT, _changes_connect)


def test_the_versions_are_those_of_the_oracle(trial: Trial) -> None:
    """Row for row, with the batches in which each version begins and ends."""
    trial.law(laws.AS_OF_IS_SOURCE, _versions_differ)


def _after_each(course: DatasetCourse, law: Callable[[Iterable[Version]], Iterable[Violation]]) -> Iterable[Violation]:
    for number in course.numbers:
        yield from law(course.versions(number))


def _as_of_is_source(course: DatasetCourse) -> Iterable[Violation]:
    for number in course.numbers:
        numbers = range(1, number + 1) if course.is_forensic else [number]
        yield from laws.as_of_is_source(course.versions(number), {at: course.snapshot(at) for at in numbers})


def _live_is_forensic(course: DatasetCourse) -> Iterable[Violation]:
    for number, expected in zip(course.numbers, course.expected, strict=True):
        if course.is_forensic:
            yield from laws.live_is_forensic(expected.live.versions, course.versions(number))
        else:
            yield from laws.live_is_forensic(course.versions(number), expected.forensic.versions)


def _again_changes_nothing(course: DatasetCourse) -> Iterable[Violation]:
    again, read = course.batches[-1], len(course.snapshot(course.numbers[-1]))
    if again.prepared.counts[course.name] != DatasetCounts(read=read, unchanged=read):
        yield Violation(laws.IDEMPOTENT, None, f"the last snapshot again: {again.prepared.counts[course.name]}")
    yield from _differ(course, again.number, course.versions(again.number - 1), laws.IDEMPOTENT)


def _counts_differ(course: DatasetCourse) -> Iterable[Violation]:
    for done, expected in zip(course.batches, course.expected, strict=True):
        counted = {"merged": done.prepared.counts[course.name]}
        if done.staged is not None:
            counted["staged"] = done.staged[course.name].counts
        for what, counts in counted.items():
            if counts != expected.counts:
                message = f"batch {done.number} says that it {what} {counts}, and there were {expected.counts}"
                yield Violation(laws.TRUE_COUNTS, None, message)


def _receipts_differ(course: DatasetCourse) -> Iterable[Violation]:
    for done in course.batches:
        left, read = done.prepared.fingerprints[course.name], len(done.snapshot[course.name])
        if left.rows != read:
            yield Violation(laws.RECEIPT, None, f"batch {done.number} read {read} rows and left {left.rows}")
        if done.staged is not None and done.staged[course.name].source != left:
            source = done.staged[course.name].source
            yield Violation(laws.RECEIPT, None, f"batch {done.number}: the source has {source}, the table {left}")
    if not course.checks:
        yield Violation(laws.RECEIPT, None, "verify checked nothing")
    for check in course.checks:
        if not check.holds:
            yield Violation(laws.RECEIPT, None, f"verify says of {check.law}: {check.detail}")


def _changes_connect(course: DatasetCourse) -> Iterable[Violation]:
    for after in course.numbers:
        for before in range(after) if course.is_forensic else [after - 1]:
            found = _changes(course, before, after)
            yield from laws.changes_connect(course.snapshot(before), found, course.snapshot(after))


def _changes(course: DatasetCourse, before: int, after: int) -> Iterable[Change]:
    """What the rows themselves say: of a live table the rows that began in the batch, and the keys that are gone."""
    if course.is_forensic:
        return changes(ForensicTable(course.versions(course.numbers[-1])), before, after)
    live, old = course.versions(after), course.snapshot(before)
    written = [
        Change(Operation.UPDATE if version.key in old else Operation.INSERT, version.key, version.row)
        for version in live
        if version.batch_in == after
    ]
    gone = old.keys() - {version.key for version in live}
    return [*written, *(Change(Operation.DELETE, key, None) for key in gone)]


def _versions_differ(course: DatasetCourse) -> Iterable[Violation]:
    for number, expected in zip(course.numbers, course.expected, strict=True):
        yield from _differ(course, number, expected.versions(course.milestoning), laws.AS_OF_IS_SOURCE)


def _differ(course: DatasetCourse, number: int, expected: tuple[Version, ...], law: Law) -> Iterable[Violation]:
    found = course.versions(number)
    for version in found:
        if version not in expected:
            span = f"[{version.batch_in}, {version.batch_out}]"
            yield Violation(law, version.key, f"after batch {number} there is {version.row} {span}")
    for version in expected:
        if version not in found:
            span = f"[{version.batch_in}, {version.batch_out}]"
            yield Violation(law, version.key, f"after batch {number} there is no {version.row} {span}")
