"""The laws on real tables: what can be proved from the rows and the batch log alone, without the snapshots that were
merged."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.milestoning import laws
from datasurface.milestoning.strategy import Fingerprint
from datasurface.results import LawCheck
from datasurface_yellow.store.connection import one, rows
from datasurface_yellow.store.masking import SHOWN_KEYS, shown_keys
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


@frozen
class _Checker:
    session: Connection
    stream: str
    table: MergeTable
    total: int

    def keys(self, law: laws.Law, name: str, what: str, **parameters: object) -> LawCheck:
        """A law that no row may break: the query returns the keys of some that do."""
        found = rows(self.session, _sql(name, self.table), {"limit": SHOWN_KEYS, **parameters})
        return self.result(law, not found, f"{what}: {shown_keys(self.table.dataset, found)}" if found else "")

    def result(self, law: laws.Law, holds: bool, detail: str, checked: int | None = None) -> LawCheck:
        return LawCheck(
            law.id,
            law.statement,
            self.stream,
            self.table.name,
            holds,
            self.total if checked is None else checked,
            detail,
        )


def verify_table(
    session: Connection, stream: str, table: MergeTable, committed: Sequence[tuple[int, Fingerprint]]
) -> Sequence[LawCheck]:
    """Every law that lists the real tables, on one dataset's.

    ``committed``: every batch with the fingerprint that it left, in order.
    """
    total = cast(tuple[int], one(session, _sql("rows", table)))[0]
    checker = _Checker(session, stream, table, total)
    return list(_checks(checker, committed))


def _checks(checker: _Checker, committed: Sequence[tuple[int, Fingerprint]]) -> Iterator[LawCheck]:
    last = committed[-1][0] if committed else 0
    forensic = checker.table.is_forensic
    yield checker.keys(laws.ONE_LIVE, "duplicate_live", "more than one live row")
    if forensic:
        yield checker.keys(laws.NO_OVERLAP, "overlapping", "versions overlap")
    yield checker.keys(laws.ORDERED_ENDS, "reversed", "impossible batch numbers", last=last)
    if forensic:
        yield checker.keys(laws.REAL_CHANGES, "repeated", "versions that repeat the one before")
    yield _as_of(checker, committed)
    yield _receipt(checker, committed)
    if forensic and len(committed) > 1:
        yield _changes(checker, [number for number, _ in committed])


def _as_of(checker: _Checker, committed: Sequence[tuple[int, Fingerprint]]) -> LawCheck:
    """L5 by fingerprint: every committed batch of a forensic table, the last one of a live table."""
    kept = committed if checker.table.is_forensic else committed[-1:]
    steps = cast(Sequence[tuple[int, int, int]], rows(checker.session, _sql("as_of_fingerprints", checker.table)))
    batches = [batch for batch, _, _ in steps]
    found = [(0, 0), *((count, xor) for _, count, xor in steps)]
    wrong = [number for number, left in kept if found[bisect_right(batches, number)] != (left.rows, left.xor)]
    detail = f"not what the source was at batch {', '.join(map(str, wrong[:SHOWN_KEYS]))}" if wrong else ""
    return checker.result(laws.AS_OF_IS_SOURCE, not wrong, detail, checked=len(kept))


def _receipt(checker: _Checker, committed: Sequence[tuple[int, Fingerprint]]) -> LawCheck:
    """L11: hashes recomputed from the stored columns, and the live rows against the last receipt."""
    broken = checker.keys(laws.RECEIPT, "broken_hash", "changed behind the engine's back")
    if not broken.holds:
        return broken
    found = cast(tuple[int, int, int], one(checker.session, _sql("live_fingerprint", checker.table)))
    last = committed[-1][1] if committed else Fingerprint(0, 0, checker.table.recipe, versions=0)
    live = Fingerprint(found[0], found[1], last.recipe, versions=found[2])
    detail = ""
    if live != last:
        detail = f"{live.rows} live rows differ from the last receipt's {last.rows}, as a whole"
    elif last.versions is not None and live.versions != last.versions:
        detail = "live rows say that they began in other batches than they did, as a whole"
    return checker.result(laws.RECEIPT, not detail, detail)


def _changes(checker: _Checker, numbers: Sequence[int]) -> LawCheck:
    """L12 on two samples: the last two batches, and the first against the last."""
    samples = {(numbers[-2], numbers[-1]), (numbers[0], numbers[-1])}
    for before, after in sorted(samples):
        check = checker.keys(
            laws.CHANGES_CONNECT,
            "disconnected",
            f"changes from {before} to {after} do not connect",
            before=before,
            after=after,
        )
        if not check.holds:
            return check
    return checker.result(laws.CHANGES_CONNECT, True, "", checked=len(samples))


def _sql(name: str, table: MergeTable) -> str:
    return statement("merge", "verify.sql.j2", name, t=table)
