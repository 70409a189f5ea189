"""Random tables with sequences of snapshots, as a source shows them batch after batch: what engines are compared on.

Cells are the text that Postgres prints for them, or None for NULL, so a test writes ``%s::type`` and reads
``column::text`` (with DateStyle ISO, TimeZone UTC, IntervalStyle postgres, bytea_output hex, extra_float_digits 1 or
more), and equal text means equal bytes.

Values, rows and edits are drawn apart, as numbers that choose among what there is. No draw depends on another, so
hypothesis can vary and shrink each alone.
"""

from collections.abc import Callable, Sequence
from functools import cache

from attrs import frozen
from hypothesis import strategies as st

from datasurface.model.schema import Column
from datasurface.testing.cells import cells, neighbours
from datasurface.testing.edits import (
    EDITS,
    WHOLE_EDITS,
    Choice,
    Draft,
    Edit,
    Rows,
    Table,
    TextRow,
    any_cell,
    edited,
)
from datasurface.testing.shapes import MAX_COLUMNS, Domain, TableShape, column_types, key_types, shapes, tables
from datasurface.types import DataType

__all__ = ["Case", "TableShape", "TextRow", "cases", "shapes", "snapshot_sequences"]

MAX_ROWS_AT_FIRST = 8
MAX_EDITS = 6
MAX_SPARE_ROWS = 4

# Taken modulo 2, 3, 4, 5 or 6 they are even, and they are so few that hypothesis draws all of them alike.
_NUMBERS = st.integers(0, 59)

_RowPlan = tuple[int, ...]
_EditPlan = tuple[Sequence[Edit], int, int, Choice]


@frozen
class _Plan:
    """What is to happen to a table: its first rows, spare ones for new cells, and the edits of every step."""

    first: Sequence[_RowPlan]
    spare: Sequence[_RowPlan]
    steps: Sequence[Sequence[_EditPlan]]


@frozen
class Case:
    """A table and what its source holds at each batch. Rows come in any order; keys are unique and complete."""

    shape: TableShape
    snapshots: tuple[tuple[TextRow, ...], ...]


def cases(
    min_size: int = 3,
    max_size: int = 6,
    *,
    stores: Callable[[DataType], bool] | None = None,
    holds: Callable[[DataType, str], bool] = any_cell,
) -> st.SearchStrategy[Case]:
    """A random table with ``min_size`` to ``max_size`` snapshots.

    Args:
        stores: which types its columns may have; all without it.
        holds: which values of a type the source can hold.
    """
    keys, others = key_types(), column_types()
    if stores is not None:
        keys, others = keys.filter(stores), others.filter(stores)

    def held(type_: DataType) -> st.SearchStrategy[Domain]:
        if holds is any_cell:
            return _domains(type_)
        return _domains(type_).map(lambda domain: _held(domain, holds)).filter(lambda domain: bool(domain.values))

    columns = tables(keys.flatmap(held), others.flatmap(held))
    return st.builds(_case, columns, _plans(min_size, max_size), st.just(holds))


def _held(domain: Domain, holds: Callable[[DataType, str], bool]) -> Domain:
    return Domain(domain.type, tuple(value for value in domain.values if holds(domain.type, value)))


def snapshot_sequences(
    shape: TableShape, min_size: int = 1, max_size: int = 6
) -> st.SearchStrategy[list[list[TextRow]]]:
    """Snapshots of the table, each but the first made from the one before by a few edits.

    Now and then nothing changes, every row does, all rows vanish, or an earlier snapshot comes back.
    """
    domains = st.tuples(*(_domains(column.type) for column in shape.columns))
    return st.builds(_played, st.just(shape.columns), domains, _plans(min_size, max_size))


@cache
def _domains(type_: DataType) -> st.SearchStrategy[Domain]:
    """A few values of the type and all their neighbours."""
    return st.lists(cells(type_), min_size=2, max_size=4).map(lambda values: _domain(type_, values))


def _domain(type_: DataType, values: Sequence[str]) -> Domain:
    near = (cell for value in (*values, None) for cell in neighbours(type_, value))
    return Domain(type_, tuple(dict.fromkeys([*values, *near])))


@cache
def _plans(min_size: int, max_size: int) -> st.SearchStrategy[_Plan]:
    row = st.tuples(*[_NUMBERS] * MAX_COLUMNS)
    edit, whole_edit = (
        st.tuples(st.just(edits), _NUMBERS, _NUMBERS, st.tuples(_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS))
        for edits in (EDITS, WHOLE_EDITS)
    )
    edits = (st.lists(edit, min_size=1, max_size=most) for most in range(2, MAX_EDITS + 1))
    step = st.one_of(*edits, st.just(()), st.tuples(whole_edit))
    return st.builds(
        _Plan,
        first=st.one_of(
            st.lists(row, min_size=1, max_size=MAX_ROWS_AT_FIRST), st.lists(row, max_size=MAX_ROWS_AT_FIRST)
        ),
        spare=st.lists(row, min_size=1, max_size=MAX_SPARE_ROWS),
        steps=st.lists(step, min_size=min_size - 1, max_size=max_size - 1),
    )


def _case(columns: Sequence[tuple[Column, Domain]], plan: _Plan, holds: Callable[[DataType, str], bool]) -> Case:
    shape = TableShape(tuple(column for column, _ in columns))
    snapshots = _played(shape.columns, [domain for _, domain in columns], plan, holds)
    return Case(shape, tuple(map(tuple, snapshots)))


def _played(
    columns: tuple[Column, ...],
    domains: Sequence[Domain],
    plan: _Plan,
    holds: Callable[[DataType, str], bool] = any_cell,
) -> list[list[TextRow]]:
    """The snapshots that come of the plan on this table."""
    table = Table(columns, holds)
    values = [_cells_of(column, domain) for column, domain in zip(columns, domains, strict=True)]
    first, spare = ([_row(values, numbers) for numbers in rows] for rows in (plan.first, plan.spare))
    snapshots = [list({table.layout.key_of(row): row for row in first}.values())]
    for step in plan.steps:
        rows: Rows = snapshots[-1]
        for edits, start, fresh, choice in step:
            draft = Draft(table, rows, snapshots, spare[fresh % len(spare)], choice)
            rows = edited(draft, edits, start % len(edits))
        snapshots.append(list(rows))
    return snapshots


def _cells_of(column: Column, domain: Domain) -> Sequence[str | None]:
    """The column's cells to choose from; where they may be NULL, every fourth is."""
    if not column.nullable:
        return domain.values
    return [*domain.values, *[None] * -(-len(domain.values) // 3)]


def _row(values: Sequence[Sequence[str | None]], numbers: _RowPlan) -> TextRow:
    return tuple(cells[number % len(cells)] for cells, number in zip(values, numbers, strict=False))
