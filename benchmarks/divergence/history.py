"""Histories as values: what should be there, what is there, and the verdict. Nothing here has an effect."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum

from attrs import frozen

from benchmarks.divergence.cases import Row, Snapshot
from benchmarks.peers.tables import Table
from datasurface.milestoning.oracle import ForensicTable, RefusedSnapshot, merge
from datasurface.milestoning.rows import Layout


@frozen
class Span:
    """A row, the run that first saw it, and the run that no longer did; None while it is live."""

    row: Row
    opened: int
    closed: int | None


History = Counter[Span]
"""How often each span is there: once, where all is well."""


@frozen
class Expected:
    """What a sequence must lead to, and the runs whose snapshot must be refused."""

    history: History
    refused: frozenset[int]


def expected(table: Table, snapshots: Sequence[Snapshot], failed: Collection[int] = ()) -> Expected:
    """By the oracle, where the runs of these numbers came to nothing."""
    positions = tuple(table.names.index(name) for name in table.key)
    layout = Layout(positions, frozenset(positions))
    found, refused = ForensicTable(), set()
    for number, snapshot in enumerate(snapshots, start=1):
        if number in failed:
            continue
        try:
            found, _ = merge(found, snapshot, layout, number)
        except RefusedSnapshot:
            refused.add(number)
    spans = (
        Span(_texts(version.row), version.batch_in, None if version.is_live else version.batch_out + 1)
        for version in found.versions
    )
    return Expected(Counter(spans), frozenset(refused))


def _texts(row: tuple[object, ...]) -> Row:
    return tuple(None if cell is None else str(cell) for cell in row)


def run_of(moment: datetime, moments: Sequence[datetime]) -> int:
    """The run that noted a time: the first that ended after it. Times without a zone are UTC."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return bisect_left(moments, zoned) + 1


class Verdict(Enum):
    """How a contender did in a case."""

    RIGHT = "right"
    STOPPED = "error"
    """It said that it could not, and what it kept of the other runs is right."""
    WRONG = "WRONG"
    """It kept another history and said nothing."""


@frozen
class Judgement:
    """A verdict with the reason."""

    verdict: Verdict
    reason: str = ""


def judge(
    table: Table,
    snapshots: Sequence[Snapshot],
    disturbed: Collection[int],
    errors: Mapping[int, str],
    found: History | str,
) -> Judgement:
    """Compare what was found with what the oracle says.

    Args:
        disturbed: the runs that cannot see the whole snapshot, and so must come to nothing.
        errors: by run, what the contender said when it failed.
        found: its history, or why that cannot be read.
    """
    must = expected(table, snapshots, disturbed)
    unasked = {run: words for run, words in errors.items() if run not in must.refused and run not in disturbed}
    if found == must.history:
        return Judgement(Verdict.RIGHT, "refused, as it must be" if must.refused else "")
    words = "; ".join(f"run {run}: {words}" for run, words in unasked.items())
    if isinstance(found, str):
        return Judgement(Verdict.STOPPED, words) if unasked else Judgement(Verdict.WRONG, found)
    if unasked and found == expected(table, snapshots, {*disturbed, *errors}).history:
        return Judgement(Verdict.STOPPED, words)
    return Judgement(Verdict.WRONG, difference(found, must))


def difference(found: History, must: Expected) -> str:
    """The first thing that is wrong with a history."""
    missing, surplus = must.history - found, found - must.history
    words = [f"run {run} was taken in" for run in sorted(must.refused)]
    if missing:
        words.append(f"missing {_said(min(missing, key=_order))}")
    if surplus:
        words.append(f"instead {_said(min(surplus, key=_order))}")
    return "; ".join(words)


def _order(span: Span) -> tuple[int, str]:
    return span.opened, repr(span.row)


def _said(span: Span) -> str:
    row = ", ".join("NULL" if cell is None else repr(cell if len(cell) < 40 else f"{cell[:20]}…") for cell in span.row)
    return f"({row}) from run {span.opened} to {span.closed or 'now'}"
