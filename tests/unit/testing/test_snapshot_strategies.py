"""The snapshot strategies give snapshots that tables can have, and every nasty kind in any run."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from datasurface import Column
from datasurface.testing.cells import cells, neighbours
from datasurface.testing.shapes import MAX_NAME_BYTES, TableShape, column_types, key_types
from datasurface.testing.snapshots import Case, TextRow, cases, shapes, snapshot_sequences
from datasurface.types import Array, BigInt, Binary, Char, DataType, Integer, Text, Vector
from tests.unit.testing.nasty_kinds import KINDS, kinds

EXAMPLES = 1000


@pytest.fixture(scope="module")
def occurrences() -> Counter[str]:
    """How many of the examples of one run hold each kind."""
    found: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, derandomize=True, database=None)
    @given(cases())
    def count(case: Case) -> None:
        found.update(kinds(case))

    count()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_nasty_kind_occurs_in_a_run(kind: str, occurrences: Counter[str]) -> None:
    assert occurrences[kind] > 0


@given(cases())
def test_snapshots_have_unique_complete_keys_and_no_null_where_none_may_be(case: Case) -> None:
    for rows in case.snapshots:
        assert len({case.shape.layout.key_of(row) for row in rows}) == len(rows)
        for row in rows:
            assert all(column.nullable for cell, column in zip(row, case.shape.columns, strict=True) if cell is None)


@given(shapes())
def test_shapes_have_a_key_and_distinct_names_that_a_table_can_hold(shape: TableShape) -> None:
    names = [column.name for column in shape.columns]
    assert 1 <= len(shape.layout.key) <= 3
    assert len(names) - len(shape.layout.key) <= 5
    assert len(set(names)) == len(names)
    assert all(1 <= len(name.encode()) <= MAX_NAME_BYTES and "\0" not in name for name in names)


@given(st.data())
def test_a_sequence_is_as_long_as_asked_and_starts_over_for_each_shape(data: st.DataObject) -> None:
    shape = data.draw(shapes())
    snapshots = data.draw(snapshot_sequences(shape, min_size=2, max_size=3))
    assert 2 <= len(snapshots) <= 3
    assert all(len(row) == len(shape.columns) for rows in snapshots for row in rows)


@given(st.one_of(column_types(), key_types()).flatmap(lambda type_: st.tuples(st.just(type_), cells(type_))))
def test_neighbours_of_a_cell_are_other_cells_and_null_has_some(pair: tuple[DataType, str]) -> None:
    type_, cell = pair
    assert cell not in neighbours(type_, cell)
    assert neighbours(type_, None)


@pytest.mark.parametrize("type_", [Vector(3), Array(Array(Integer())), Array(Char(3)), Array(Binary())])
def test_types_whose_text_is_not_known_are_refused(type_: DataType) -> None:
    with pytest.raises(TypeError, match="no cells for"):
        cells(type_)


@pytest.mark.slow
def test_a_failing_sequence_shrinks_to_the_change_that_fails() -> None:
    shape = TableShape((Column("id", BigInt(), primary_key=True), Column("note", Text()), Column("other", Text())))

    def empties_a_null(snapshots: list[list[TextRow]]) -> bool:
        pairs = pairwise({row[0]: row[1] for row in rows} for rows in snapshots)
        return any(old[key] is None and new.get(key) == "" for old, new in pairs for key in old)

    sequences = snapshot_sequences(shape, min_size=2, max_size=3)
    smallest = find(sequences, empties_a_null, settings=settings(derandomize=True, database=None, max_examples=500))

    assert len(smallest) == 2
    assert [len(rows) for rows in smallest] == [1, 1]
