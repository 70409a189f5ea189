"""What one look at the engine's tables finds that is not as the oracle, the snapshots or the laws say."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from attrs import frozen

from datasurface.milestoning import laws
from datasurface.milestoning.laws import Violation
from datasurface.milestoning.rows import Layout, Row, Version
from datasurface.results import DatasetCounts, LawCheck
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.stage import LoggedFingerprint, Stored

BOTH = "both"
"""The platform of what concerns the two together."""

Placed = tuple[Row, int, int]
"""A row with the batches that it covers."""

T = TypeVar("T")

_SHOWN = 3


@frozen
class Difference:
    """One thing that is wrong; ``check`` names the test that found it."""

    check: str
    platform: str
    message: str


def rows_differ(platform: str, stored: Iterable[Stored], expected: Iterable[Version]) -> Iterator[Difference]:
    """The merge table against the oracle's, row for row with the batches."""
    found: Counter[Placed] = Counter((row.row, row.batch_in, row.batch_out) for row in stored)
    wanted: Counter[Placed] = Counter((version.row, version.batch_in, version.batch_out) for version in expected)
    if found != wanted:
        yield Difference("rows", platform, f"extra {_some(found - wanted)}, missing {_some(wanted - found)}")


def counts_differ(
    platform: str, found: Mapping[str, DatasetCounts], expected: Mapping[str, DatasetCounts]
) -> Iterator[Difference]:
    """The counts of the job's result against the oracle's."""
    if found != expected:
        yield Difference("counts", platform, f"reported {dict(found)}, the oracle counts {dict(expected)}")


def rewritten(platform: str, before: Iterable[Stored], after: Iterable[Stored]) -> Iterator[Difference]:
    """Rows that are the same as before must stand where they stood: not one byte of them was written."""
    places = {(row.row, row.batch_in, row.batch_out): row.place for row in before}
    moved = [row for row in after if places.get((row.row, row.batch_in, row.batch_out), row.place) != row.place]
    if moved:
        yield Difference("untouched", platform, f"{len(moved)} rows were written again, among them {moved[0]}")


def fingerprint_differs(
    platform: str,
    former: LoggedFingerprint | None,
    logged: LoggedFingerprint | None,
    former_rows: Sequence[Row],
    snapshot: Sequence[Row],
) -> Iterator[Difference]:
    """A logged fingerprint counts the snapshot's rows, and is another one exactly when the snapshot is."""
    if logged is None or logged.rows != len(snapshot):
        yield Difference("fingerprint", platform, f"{len(snapshot)} rows were read, logged is {logged}")
    elif former is not None and (former == logged) != (Counter(former_rows) == Counter(snapshot)):
        kind = "same" if former == logged else "another"
        yield Difference("fingerprint", platform, f"{kind} fingerprint as of the snapshot before: {logged}")


def hashes_differ(stored: Sequence[Stored], layout: Layout) -> Iterator[Difference]:
    """Over both platforms and all versions, a row has one hash and a hash one row. A key has one hash, which others may
    share: it only says in which bucket they are counted."""
    yield from _not_one_to_one("row", ((row.row, row.all_hash) for row in stored))
    yield from _more_than_one("key", ((layout.key_of(row.row), row.key_hash) for row in stored))


def _not_one_to_one(name: str, pairs: Iterable[tuple[Row, int]]) -> Iterator[Difference]:
    seen = list(pairs)
    yield from _more_than_one(name, seen)
    by_hash: defaultdict[int, set[Row]] = defaultdict(set)
    for value, number in seen:
        by_hash[number].add(value)
    for number, values in by_hash.items():
        if len(values) > 1:
            yield Difference("hashes", BOTH, f"{name}s {_short(values)} share the hash {number}")


def _more_than_one(name: str, pairs: Iterable[tuple[Row, int]]) -> Iterator[Difference]:
    by_value: defaultdict[Row, set[int]] = defaultdict(set)
    for value, number in pairs:
        by_value[value].add(number)
    for value, numbers in by_value.items():
        if len(numbers) > 1:
            yield Difference("hashes", BOTH, f"{name} {_short(value)} has the hashes {sorted(numbers)}")


def as_of_differs(batch: int, found: Iterable[Row], snapshot: Iterable[Row]) -> Iterator[Difference]:
    """What a consumer sees as of a batch against the source's snapshot."""
    seen, sent = Counter(found), Counter(snapshot)
    if seen != sent:
        message = f"as of batch {batch}: extra {_some(seen - sent)}, missing {_some(sent - seen)}"
        yield Difference("as-of", FORENSIC, message)


def laws_broken(
    live: Iterable[Stored],
    forensic: Iterable[Stored],
    layout: Layout,
    counts: Mapping[int, DatasetCounts],
) -> Iterator[Difference]:
    """The laws that speak of one dataset's versions and counts, by functions that know nothing of the engine."""
    of_live, of_forensic = _versions(live, layout), _versions(forensic, layout)
    yield from _violations(LIVE, laws.one_live_version(of_live))
    yield from _violations(FORENSIC, laws.versions_hold_together(of_forensic))
    yield from _violations(FORENSIC, laws.counts_are_true(of_forensic, counts))
    yield from _violations(BOTH, laws.live_is_forensic(of_live, of_forensic))


def verify_complains(platform: str, checks: Sequence[LawCheck]) -> Iterator[Difference]:
    """What the engine's own verification says."""
    for check in checks:
        if not check.holds:
            yield Difference(f"verify {check.law}", platform, check.detail)


def _versions(stored: Iterable[Stored], layout: Layout) -> list[Version]:
    return [Version(layout.key_of(row.row), row.row, row.batch_in, row.batch_out) for row in stored]


def _violations(platform: str, violations: Iterable[Violation]) -> Iterator[Difference]:
    for violation in violations:
        message = f"key {_short(violation.key)}: {violation.message}" if violation.key else violation.message
        yield Difference(f"law {violation.law.id}", platform, message)


def _some(rows: Counter[T]) -> str:
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    return ("; ".join(_short(row) for row in list(rows)[:_SHOWN]) or "nothing") + more


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 400 else f"{text[:200]} … {text[-100:]}"
