"""Strategies: sequences of steps for small tables, for tables where few rows of many change, and with bad snapshots."""

from collections.abc import Callable, Sequence
from itertools import count, islice

from hypothesis import assume
from hypothesis import strategies as st

from datasurface import types
from datasurface.milestoning.rows import Key, Layout
from datasurface.model import Column
from datasurface.testing.snapshots import Case, TableShape, TextRow, cases
from tests.postgres.merge.play import Snapshot, Step
from tests.postgres.merge.tables import TABLE
from tests.support.other_sources import OtherSource
from tests.support.stage import Rows

BALLAST = 64
"""Rows beside the few that change, so that these are less than a quarter."""

FRACTIONS = (None, 0.0, 0.1, 0.29, 1 / 3, 0.5, 1.0)


def in_two_jobs() -> st.SearchStrategy[bool]:
    """Now and then a batch is staged by one job and merged by the next."""
    return st.sampled_from([False, False, False, True])


def cases_of(other: OtherSource | None, least: int, most: int) -> st.SearchStrategy[Case]:
    """A table and its snapshots, as a source of another kind can hold them where there is one."""
    if other is None:
        return cases(least, most)
    return cases(least, most, stores=other.stores, holds=other.holds).map(
        lambda case: Case(other.named(case.shape), case.snapshots)
    )


@st.composite
def small_tables(
    draw: st.DrawFn, least: int, most: int, other: OtherSource | None = None
) -> tuple[TableShape, list[Step]]:
    """A table of a few rows, and from ``least`` to ``most`` snapshots of it."""
    case = draw(cases_of(other, least, most))
    return case.shape, [Step({TABLE: rows}, in_two_jobs=draw(in_two_jobs())) for rows in case.snapshots]


@st.composite
def two_tables(draw: st.DrawFn, other: OtherSource | None = None) -> tuple[Sequence[TableShape], list[Step]]:
    """Two tables of one store whose snapshots change together; now and then one of them is bad."""
    first, second = draw(cases_of(other, 2, 4)), draw(cases_of(other, 2, 4))
    steps = []
    for number in range(max(len(first.snapshots), len(second.snapshots))):
        snapshot: Snapshot = {
            f"{TABLE}{at}": case.snapshots[min(number, len(case.snapshots) - 1)]
            for at, case in enumerate((first, second))
        }
        if draw(st.sampled_from([False, False, False, True])):
            at = draw(st.integers(0, 1))
            layout = (first, second)[at].shape.layout
            name = f"{TABLE}{at}"
            steps.append(Step({**snapshot, name: draw(spoiled(layout, snapshot[name]))}))
        steps.append(Step(snapshot, in_two_jobs=draw(in_two_jobs())))
    return (first.shape, second.shape), steps


@st.composite
def with_bad_snapshots(
    draw: st.DrawFn, other: OtherSource | None = None
) -> tuple[TableShape, float | None, list[Step]]:
    """A table, the part of it that may be deleted, and steps of which some must be refused."""
    case = draw(cases_of(other, 2, 5))
    steps = []
    for rows in case.snapshots:
        if draw(st.booleans()):
            bad = draw(spoiled(case.shape.layout, rows))
            steps.append(Step({TABLE: bad}, allow_deletes=draw(st.booleans())))
        steps.append(Step({TABLE: rows}, allow_deletes=draw(st.sampled_from([False, False, True]))))
    return case.shape, draw(st.sampled_from(FRACTIONS)), steps


@st.composite
def spoiled(draw: st.DrawFn, layout: Layout, rows: Rows) -> Rows:
    """The rows with one fault: a row or a key twice, or NULL where none may be. No rows stay no rows."""
    if not rows:
        return rows
    at = draw(st.integers(0, len(rows) - 1))
    others = draw(st.integers(0, len(rows) - 1))
    null = draw(st.sampled_from(sorted(layout.required)))
    faults: list[Callable[[], Rows]] = [
        lambda: [*rows, rows[at]],
        lambda: [*rows, _with_key_of(layout, rows[others], rows[at])],
        lambda: [rows[at], *rows],
        lambda: [*rows[:at], _changed(rows[at], null, None), *rows[at + 1 :]],
        lambda: [*rows, *(_changed(row, null, None) for row in (rows[at], rows[others]))],
    ]
    return draw(st.sampled_from(faults))()


@st.composite
def large_tables(draw: st.DrawFn, other: OtherSource | None = None) -> tuple[TableShape, list[Step]]:
    """A table of many rows that stay as they are, beside a few that change; now and then many of the former go or come
    back.
    """
    case = draw(cases_of(other, 2, 5))
    taken = {case.shape.layout.key_of(row) for rows in case.snapshots for row in rows}
    ballast = _ballast(case.shape, taken)
    assume(len(ballast) == BALLAST)
    steps = []
    for rows in case.snapshots:
        part = draw(st.sampled_from([BALLAST, BALLAST, BALLAST, BALLAST - 5, BALLAST // 2]))
        steps.append(Step({TABLE: [*ballast[:part], *rows]}, in_two_jobs=draw(in_two_jobs())))
    return case.shape, steps


def _changed(row: TextRow, at: int, cell: str | None) -> TextRow:
    return (*row[:at], cell, *row[at + 1 :])


def _with_key_of(layout: Layout, row: TextRow, other: TextRow) -> TextRow:
    return tuple(other[at] if at in layout.key else cell for at, cell in enumerate(row))


def _ballast(shape: TableShape, taken: set[Key]) -> list[TextRow]:
    """Different rows with keys that are not taken; fewer than BALLAST where the key's types have too few values."""
    key = shape.layout.key
    widths = [_values(shape.columns[at].type) for at in key]
    rows: dict[Key, TextRow] = {}
    for number in islice(count(), BALLAST * 4):
        row: TextRow = tuple(_cell(column, number % _values(column.type)) for column in shape.columns)
        rest = number
        for at, width in zip(key, widths, strict=True):
            row = _changed(row, at, _cell(shape.columns[at], rest % width))
            rest //= width
        if rest == 0 and shape.layout.key_of(row) not in taken:
            rows.setdefault(shape.layout.key_of(row), row)
    return list(rows.values())[:BALLAST]


def _values(type_: types.DataType) -> int:
    """How many cells ``_cell`` writes."""
    match type_:
        case types.Boolean():
            return 2
        case types.VarChar(length=1) | types.NVarChar(length=1) | types.Decimal(precision=1):
            return 10
        case _:
            return 90


def _cell(column: Column, number: int) -> str:
    """One of the type's plain cells, as Postgres prints it."""
    match column.type:
        case types.Decimal(precision=precision, scale=scale) if scale:
            return f"0.{number:0{scale}d}" if precision == scale else f"{number}.{0:0{scale}d}"
        case types.Boolean():
            return ("false", "true")[number]
        case types.Date():
            return f"20{number:02d}-06-15"
        case types.Time():
            return f"{7 + number // 60:02d}:07:{number % 60:02d}"
        case types.Timestamp(timezone=timezone):
            return f"2007-06-15 {7 + number // 60:02d}:07:{number % 60:02d}" + ("+00" if timezone else "")
        case types.Uuid():
            return f"00000000-0000-4000-8000-0000000000{number:02d}"
        case types.Interval():
            return f"{number:02d}:30:00"
        case types.Binary():
            return f"\\x{number:02x}"
        case types.Array():
            return "{}"
        case _:
            return str(number)
