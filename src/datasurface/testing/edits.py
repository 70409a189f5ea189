"""Edits that turn a snapshot into the next: everyday changes, and those that careless engines miss.

An edit is a pure function from a ``Draft`` to the rows after it. What is drawn, some numbers per edit, never depends on
the rows, so hypothesis can shrink and vary each part alone.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import combinations, pairwise
from typing import TypeVar

from attrs import frozen

from datasurface.milestoning.rows import Layout
from datasurface.model.schema import Column
from datasurface.testing.cells import fits, neighbours
from datasurface.types import DataType

T = TypeVar("T")

Cell = str | None
TextRow = tuple[Cell, ...]
Rows = Sequence[TextRow]

Choice = tuple[int, int, int, int]
"""Which row, which other row, which place and which way; each is taken modulo what there is."""


def any_cell(_type: DataType, _cell: str) -> bool:
    """A source that holds every value that Postgres does."""
    return True


@frozen(slots=False)
class Table:
    """The table whose snapshots are edited.

    Attributes:
        holds: whether the source can hold a value of a type.
    """

    columns: tuple[Column, ...]
    holds: Callable[[DataType, str], bool] = any_cell

    @cached_property
    def layout(self) -> Layout:
        """Where the key is and what may not be NULL."""
        return Layout.of(self.columns)

    @cached_property
    def others(self) -> list[int]:
        """Positions of the columns outside the key."""
        return [position for position in range(len(self.columns)) if position not in self.layout.key]

    @cached_property
    def nullable(self) -> list[int]:
        """Positions of the columns that may be NULL."""
        return [position for position in self.others if self.columns[position].nullable]

    def can_hold(self, rows: Rows) -> bool:
        """Whether keys are unique, NULL is only where it may be, and every cell is one that the source holds."""
        if len({self.layout.key_of(row) for row in rows}) < len(rows):
            return False
        if self.holds is not any_cell and not all(
            cell is None or self.holds(column.type, cell)
            for row in rows
            for column, cell in zip(self.columns, row, strict=True)
        ):
            return False
        return not any(row[position] is None for row in rows for position in self.layout.required)


@frozen
class Draft:
    """A snapshot to be edited, and where and how.

    Attributes:
        rows: at least one.
        past: the snapshots before it.
        fresh: another row of the table, for new cells.
    """

    table: Table
    rows: Rows
    past: Sequence[Rows]
    fresh: TextRow
    choice: Choice

    @property
    def chosen(self) -> int:
        """The index of the row to edit."""
        return self.choice[0] % len(self.rows)

    @property
    def row(self) -> TextRow:
        """The row to edit."""
        return self.rows[self.chosen]

    @property
    def partner(self) -> int:
        """The index of another row, or of the same where there is no other."""
        return (self.chosen + 1 + self.choice[1] % max(len(self.rows) - 1, 1)) % len(self.rows)

    def place(self, places: Sequence[T]) -> Sequence[T]:
        """One of the places to edit; nothing where there is none."""
        return (places[self.choice[2] % len(places)],) if places else ()

    def way(self, ways: Sequence[T]) -> Sequence[T]:
        """One of the ways to edit; nothing where there is none."""
        return (ways[self.choice[3] % len(ways)],) if ways else ()

    def with_row(self, row: TextRow) -> Rows:
        """The rows with this one in place of the chosen one."""
        return [*self.rows[: self.chosen], row, *self.rows[self.chosen + 1 :]]


Edit = Callable[[Draft], Rows]
"""It may return what no table can hold, and returns the rows as they are where there is no place for the edit."""


def insert(draft: Draft) -> Rows:
    """Add any row."""
    return [*draft.rows, draft.fresh]


def insert_again(draft: Draft) -> Rows:
    """Add a row as it was when it was deleted."""
    key_of = draft.table.layout.key_of
    keys = {key_of(row) for row in draft.rows}
    gone = [row for snapshot in draft.past for row in snapshot if key_of(row) not in keys]
    return [*draft.rows, *draft.place(gone)]


def insert_copy(draft: Draft) -> Rows:
    """Add a row that differs from another in its key only."""
    return [*draft.rows, change_key(draft)[draft.chosen]]


def insert_shifted_key(draft: Draft) -> Rows:
    """Add a row that differs from another in the border between two cells of its key only."""
    return [*draft.rows, shift_key(draft)[draft.chosen]]


def delete(draft: Draft) -> Rows:
    """Remove a row."""
    return [*draft.rows[: draft.chosen], *draft.rows[draft.chosen + 1 :]]


def change_cell(draft: Draft) -> Rows:
    """Give a cell outside the key any value."""
    return draft.with_row(_changed(draft.row, {at: draft.fresh[at] for at in draft.place(draft.table.others)}))


def change_to_neighbour(draft: Draft) -> Rows:
    """Give a cell outside the key a value that is easily taken for its own."""
    return draft.with_row(_to_neighbour(draft, draft.table.others))


def change_key(draft: Draft) -> Rows:
    """Change one key cell of a row and nothing else."""
    near = _to_neighbour(draft, draft.table.layout.key)
    if near != draft.row:
        return draft.with_row(near)
    return draft.with_row(_changed(draft.row, {at: draft.fresh[at] for at in draft.place(draft.table.layout.key)}))


def toggle_null(draft: Draft) -> Rows:
    """Put NULL into a cell, or into a NULL cell the empty value of its type."""
    changed: dict[int, Cell] = {}
    for at in draft.place(draft.table.nullable):
        empty = (*neighbours(draft.table.columns[at].type, None), draft.fresh[at])
        changed[at] = empty[0] if draft.row[at] is None else None
    return draft.with_row(_changed(draft.row, changed))


def empty_row(draft: Draft) -> Rows:
    """Put NULL into every cell of a row that can hold it."""
    return draft.with_row(_changed(draft.row, dict.fromkeys(draft.table.nullable)))


def swap_keys(draft: Draft) -> Rows:
    """Let two rows exchange their keys."""
    return _exchange(draft, draft.table.layout.key)


def swap_key_cells(draft: Draft) -> Rows:
    """Let two rows exchange one cell of their keys."""
    return _exchange(draft, draft.place(draft.table.layout.key))


def swap_cells(draft: Draft) -> Rows:
    """Let two rows exchange one cell outside their keys."""
    return _exchange(draft, draft.place(draft.table.others))


def swap_columns(draft: Draft) -> Rows:
    """Let two cells of a row, in columns of one type, change places."""
    types = [column.type for column in draft.table.columns]
    pairs = [pair for pair in combinations(draft.table.others, 2) if types[pair[0]] == types[pair[1]]]
    changed: dict[int, Cell] = {}
    for first, second in draft.place(pairs):
        changed = {first: draft.row[second], second: draft.row[first]}
    return draft.with_row(_changed(draft.row, changed))


def shift(draft: Draft) -> Rows:
    """Move characters over the border of two neighbouring cells: 'ab', 'c' becomes 'a', 'bc'."""
    neighbouring = [pair for pair in pairwise(draft.table.others) if pair[1] == pair[0] + 1]
    return draft.with_row(_shifted(draft, neighbouring))


def shift_key(draft: Draft) -> Rows:
    """The same with two cells of the key."""
    return draft.with_row(_shifted(draft, list(pairwise(draft.table.layout.key))))


def reorder(draft: Draft) -> Rows:
    """Let the table give its rows in another order."""
    return draft.rows[::-1]


def change_every_row(draft: Draft) -> Rows:
    """Give a cell outside the key another value in every row."""
    rows = draft.rows
    for at in draft.place(draft.table.others):
        values = (draft.fresh[at], *neighbours(draft.table.columns[at].type, draft.fresh[at]), None)
        rows = [_changed(row, {at: next(value for value in values if value != row[at])}) for row in rows]
    return rows


def delete_every_row(draft: Draft) -> Rows:
    """Leave no row."""
    return draft.rows[:0]


def restore(draft: Draft) -> Rows:
    """Bring an earlier snapshot back."""
    return draft.way(draft.past)[0]


EDITS: Sequence[Edit] = (
    *(
        change_to_neighbour,
        insert,
        shift,
        delete,
        change_to_neighbour,
        insert_again,
        toggle_null,
        swap_cells,
        shift_key,
    ),
    *(change_to_neighbour, shift, change_cell, swap_columns, change_to_neighbour, shift_key, insert, delete, swap_keys),
    *(change_to_neighbour, insert_shifted_key, change_key, insert_copy, change_to_neighbour, shift, toggle_null),
    *(change_to_neighbour, swap_key_cells, insert_again, swap_columns, change_to_neighbour, empty_row, shift),
    *(change_to_neighbour, toggle_null, change_to_neighbour, swap_cells, change_to_neighbour),
)
"""The edits of single rows, the more likely ones more than once."""

WHOLE_EDITS: Sequence[Edit] = (change_every_row, delete_every_row, restore, reorder)
"""The edits of whole tables."""


def edited(draft: Draft, edits: Sequence[Edit], first: int) -> Rows:
    """The rows after the edit at ``first`` or, where that finds no place, after the next one that does."""
    for edit in (*edits[first:], *edits[:first]) if draft.rows else (insert_again, insert):
        after = edit(draft)
        if after != draft.rows and draft.table.can_hold(after):
            return after
    return draft.rows


def _changed(row: TextRow, changed: dict[int, Cell]) -> TextRow:
    return tuple(changed.get(position, cell) for position, cell in enumerate(row))


def _to_neighbour(draft: Draft, positions: Sequence[int]) -> TextRow:
    row = draft.row
    for at in draft.place(positions):
        for cell in draft.way(neighbours(draft.table.columns[at].type, row[at])):
            row = _changed(row, {at: cell})
    return row


def _exchange(draft: Draft, positions: Sequence[int]) -> Rows:
    rows, first, second = list(draft.rows), draft.chosen, draft.partner
    rows[first] = _changed(draft.rows[first], {at: draft.rows[second][at] for at in positions})
    rows[second] = _changed(draft.rows[second], {at: draft.rows[first][at] for at in positions})
    return rows


def _shifted(draft: Draft, pairs: Sequence[tuple[int, int]]) -> TextRow:
    """The row with another division of two cells' text between them, at most two characters away."""
    row = draft.row
    for first, second in draft.place(pairs):
        left, right = row[first], row[second]
        if left is not None and right is not None:
            text, border = left + right, len(left)
            fit_left, fit_right = draft.table.columns[first].type, draft.table.columns[second].type
            cuts = [
                cut
                for cut in range(max(border - 2, 0), min(border + 2, len(text)) + 1)
                if cut != border and fits(fit_left, text[:cut]) and fits(fit_right, text[cut:])
            ]
            for cut in draft.way(cuts):
                row = _changed(row, {first: text[:cut], second: text[cut:]})
    return row
