"""Random tables with sequences of snapshots, as a source shows them batch after batch: what engines are compared on.

Cells are the text that Postgres prints for them, or None for NULL, so a test writes ``%s::type`` and reads
``column::text`` (with DateStyle ISO, TimeZone UTC, IntervalStyle postgres, bytea_output hex, extra_float_digits 1 or
more), and equal text means equal bytes.
"""

from collections.abc import Sequence

from attrs import frozen
from hypothesis import strategies as st

from datasurface.model.schema import Column
from datasurface.testing.cells import cells
from datasurface.testing.edits import CHOICES, EDITS, WHOLE_EDITS, Draft, Edit, Rows, Table, TextRow, edited
from datasurface.testing.shapes import TableShape, shapes

__all__ = ["Case", "TableShape", "TextRow", "cases", "shapes", "snapshot_sequences"]

MAX_ROWS_AT_FIRST = 8
MAX_EDITS = 5
MAX_SPARE_ROWS = 5

PlannedEdit = tuple[Sequence[Edit], int, int, int]


@frozen
class Case:
    """A table and what its source holds at each batch. Rows come in any order; keys are unique and complete."""

    shape: TableShape
    snapshots: tuple[tuple[TextRow, ...], ...]


def cases(min_size: int = 1, max_size: int = 6) -> st.SearchStrategy[Case]:
    """A random table with ``min_size`` to ``max_size`` snapshots."""
    return shapes().flatmap(
        lambda shape: snapshot_sequences(shape, min_size, max_size).map(
            lambda snapshots: Case(shape, tuple(map(tuple, snapshots)))
        )
    )


def snapshot_sequences(
    shape: TableShape, min_size: int = 1, max_size: int = 6
) -> st.SearchStrategy[list[list[TextRow]]]:
    """Snapshots of the table, each but the first made from the one before by a few edits.

    Now and then nothing changes, every row does, all rows vanish, or an earlier snapshot comes back.
    """
    rows = st.tuples(*map(_cell_or_null, shape.columns))
    none_or_more, several = (
        st.lists(rows, min_size=least, max_size=MAX_ROWS_AT_FIRST, unique_by=shape.layout.key_of) for least in (0, 2)
    )
    spare = st.lists(rows, min_size=1, max_size=MAX_SPARE_ROWS)
    edits, whole = _planned(EDITS), _planned(WHOLE_EDITS)
    few, many = (st.lists(edits, min_size=least, max_size=MAX_EDITS) for least in (1, 3))
    step = st.one_of(few, few, few, many, many, many, many, many, st.tuples(whole), st.just(()))
    steps = st.lists(step, min_size=min_size - 1, max_size=max_size - 1)
    plans = st.tuples(st.one_of(several, several, none_or_more), spare, steps)
    return plans.map(lambda plan: _played(shape, *plan))


def _cell_or_null(column: Column) -> st.SearchStrategy[str | None]:
    filled = cells(column.type)
    return st.one_of(filled, filled, st.none()) if column.nullable else filled


def _planned(edits: Sequence[Edit]) -> st.SearchStrategy[PlannedEdit]:
    return st.tuples(
        st.just(edits), st.integers(0, len(edits) - 1), st.integers(0, MAX_SPARE_ROWS - 1), st.integers(0, CHOICES - 1)
    )


def _played(
    shape: TableShape, first: list[TextRow], spare: Sequence[TextRow], steps: Sequence[Sequence[PlannedEdit]]
) -> list[list[TextRow]]:
    table = Table(shape.columns)
    snapshots = [first]
    for step in steps:
        rows: Rows = snapshots[-1]
        for edits, start, fresh, choice in step:
            draft = Draft(table, rows, snapshots, spare[fresh % len(spare)], choice)
            rows = edited(draft, edits, start)
        snapshots.append(list(rows))
    return snapshots
