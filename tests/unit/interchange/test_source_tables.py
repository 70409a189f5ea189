"""Tables of a database as datasets: names, keys and references."""

import pytest

from datasurface import types
from datasurface.interchange.plain_names import unique_names
from datasurface.interchange.source_tables import FoundColumn, FoundReference, FoundTable, dataset_names, drafted
from datasurface.model import ForeignKey, SqliteDatabase, SqlSnapshot

PLACE = SqliteDatabase("D", path="/d.db")


def table(name: str, *columns: str, key: tuple[str, ...] = (), refers: tuple[FoundReference, ...] = ()) -> FoundTable:
    found = tuple(FoundColumn(column, types.Integer(), "int") for column in columns)
    return FoundTable(name, found, key, refers)


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        (["orders"], ["orders"]),
        (["order lines"], ["order_lines"]),
        (["order lines", "order_lines"], ["order_lines_2", "order_lines"]),
        (["Orders", "orders"], ["Orders", "orders_2"]),
        (["2024", "ä", "a.b"], ["n_2024", "n", "a_b"]),
    ],
)
def test_datasets_are_called_as_their_tables_where_that_can_be(tables: list[str], names: list[str]) -> None:
    found = dataset_names([table(name) for name in tables])
    assert [found[name] for name in tables] == names


def test_a_dataset_with_another_name_says_its_table() -> None:
    store = drafted("S", PLACE, None, [table("a b", "id", key=("id",)), table("c", "id", key=("id",))]).store
    assert store.capture == SqlSnapshot(PLACE, tables={"a_b": "a b"})
    assert [dataset.name for dataset in store.datasets] == ["a_b", "c"]


def test_references_are_in_the_order_of_the_columns_they_refer_to() -> None:
    parent = table("p", "a", "b", "c", key=("c", "a"))
    child = table("k", "x", "y", refers=(FoundReference(("x", "y"), "p", ("c", "a")),))
    _, dataset = drafted("S", PLACE, None, [parent, child]).store.datasets
    assert dataset.foreign_keys == (ForeignKey(["y", "x"], "p"),)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        (FoundReference(("x",), None, ("a",)), "a table that is not imported"),
        (FoundReference(("x",), "q", ("a",)), "a table that is not imported"),
        (FoundReference(("x",), "p", ("b",)), "columns that are not its primary key"),
        (FoundReference(("place",), "p", ("a",)), "it by a column that was left out"),
    ],
)
def test_a_reference_that_a_model_cannot_say_is_named(reference: FoundReference, why: str) -> None:
    parent = table("p", "a", "b", key=("a",))
    place = FoundColumn("place", None, "point")
    child = FoundTable("k", (FoundColumn("x", types.Integer(), "int"), place), (), (reference,))
    draft = drafted("S", PLACE, None, [parent, child])
    assert draft.store.datasets[1].foreign_keys == ()
    assert [(remark.where, remark.message) for remark in draft.remarks] == [
        ("k.place", "no type of a model takes point, so it was left out"),
        ("k", f"the foreign key ({reference.columns[0]}) refers to {why}, so it was left out"),
    ]


def test_thousands_of_names_that_are_alike_take_no_time() -> None:
    names = unique_names(["a b"] * 20_000)
    assert len(set(names)) == 20_000
    assert names[-1] == "a_b_20000"
