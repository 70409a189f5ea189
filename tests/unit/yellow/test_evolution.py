"""What a changed dataset means for its tables, decided without a database."""

import pytest
from attrs import evolve

from datasurface.model import Column, Dataset
from datasurface.types import Array, BigInt, Char, Decimal, Float32, Float64, Integer, SmallInt, Text, TinyInt, VarChar
from datasurface_yellow.deploy.evolution import (
    Evolution,
    Fit,
    Standing,
    Widened,
    fit,
    implied_layout,
    plan_evolution,
)
from datasurface_yellow.store.layout import LaidColumn, TableLayout, first_layout
from datasurface_yellow.store.types import store_type

ID = Column("id", Integer(), primary_key=True)
NAME = Column("name", VarChar(9), nullable=False)
AGE = Column("age", Integer())
NICK = Column("nick", VarChar(9))
PEOPLE = Dataset("people", columns=[ID, NAME, AGE])
FIRST = first_layout(PEOPLE)


def standing(layout: TableLayout, *, is_new: bool = False, required: frozenset[str] = frozenset({"name"})) -> Standing:
    """Tables as they were made for people, with the columns of a layout."""
    strict = {"id", "name"} & {column.name for column in layout.columns}
    merge = {column.name: (column.base, column.name not in strict) for column in layout.columns}
    staging = {column.name: (column.base, not column.is_key) for column in layout.columns}
    return Standing(merge, staging, required, is_new)


def planned(*columns: Column, layout: TableLayout = FIRST, is_new: bool = False) -> Evolution:
    return plan_evolution(layout, standing(layout, is_new=is_new), Dataset("people", columns=columns))


def names(layout: TableLayout) -> list[list[str]]:
    return [[column.name for column in layer] for layer in layout.layers]


@pytest.mark.parametrize("columns", [PEOPLE.columns, PEOPLE.columns[::-1]])
def test_the_same_columns_in_any_order_are_nothing_to_do(columns: tuple[Column, ...]) -> None:
    assert planned(*columns).is_nothing


def test_new_columns_are_a_layer_of_their_own_in_the_order_of_their_names() -> None:
    found = planned(*PEOPLE.columns, NICK, evolve(NICK, name="alias"))
    assert names(found.layout) == [["age", "id", "name"], ["alias", "nick"]]
    assert (found.rewrites, found.hashed) == ((), FIRST)
    assert (
        {column.name for column in found.added}
        == {column.name for column in found.added_to_staging}
        == {"nick", "alias"}
    )
    assert planned(*PEOPLE.columns, NICK, evolve(NICK, name="alias"), layout=found.layout).is_nothing


def test_before_the_first_batch_there_is_one_layer_and_null_is_as_the_model_says() -> None:
    found = planned(
        ID, evolve(NAME, nullable=True), evolve(AGE, nullable=False), evolve(NICK, nullable=False), is_new=True
    )
    assert names(found.layout) == [["age", "id", "name", "nick"]]
    assert (found.loosened, found.tightened) == (("name",), ("age", "nick"))


def test_a_table_with_rows_is_never_made_stricter() -> None:
    found = planned(ID, evolve(NAME, nullable=True), evolve(AGE, nullable=False))
    assert (found.loosened, found.tightened, found.required) == (("name",), (), frozenset({"age"}))
    assert not found.shows


def test_wider_numbers_and_dropped_columns_change_hashes() -> None:
    found = planned(evolve(ID, type=BigInt()), AGE)
    assert found.widened == (Widened("id", "bigint", True),)
    assert (found.retired, found.loosened) == (("name",), ("name",))
    assert found.rewrites == ("column id widened to bigint", "column name dropped from the model")
    assert [c.is_retired for c in found.layout.columns] == [False, False, True]


def test_a_column_that_comes_back_takes_its_place_again() -> None:
    dropped = planned(ID, NAME).layout
    found = planned(ID, NAME, AGE, layout=dropped)
    assert (found.revived, found.added, found.layout) == (("age",), (), FIRST)


def test_a_declared_rename_keeps_the_place_and_a_model_taken_back_names_back() -> None:
    found = planned(ID, evolve(NAME, name="title", renamed_from="name"), AGE)
    assert (found.renamed, found.added, found.retired, found.rewrites) == ((("name", "title"),), (), (), ())
    assert found.required is None
    assert names(found.layout) == [["age", "id", "title"]]
    after = standing(found.layout, required=frozenset({"title"}))
    assert (
        plan_evolution(found.layout, after, Dataset("p", columns=[ID, evolve(NAME, name="title"), AGE])).loosened == ()
    )
    back = planned(*PEOPLE.columns, layout=found.layout)
    assert back.renamed == (("title", "name"),)
    again = planned(ID, evolve(NAME, name="title", renamed_from="name"), AGE, layout=back.layout)
    assert again.renamed == (("name", "title"),)


def test_a_declared_rename_goes_before_a_former_name() -> None:
    title = planned(ID, evolve(NAME, name="title", renamed_from="name"), AGE).layout
    found = planned(ID, NAME, AGE, evolve(NAME, name="head", renamed_from="title"), layout=title)
    assert found.renamed == (("title", "head"),)
    assert [column.name for column in found.added] == ["name"]


def test_a_rename_finds_the_column_that_an_apply_has_renamed_for_a_model_that_never_came_into_force() -> None:
    title = planned(ID, evolve(NAME, name="title", renamed_from="name"), AGE).layout
    found = planned(ID, evolve(NAME, name="head", renamed_from="name"), AGE, layout=title)
    assert (found.renamed, found.added, found.retired) == ((("title", "head"),), (), ())
    assert planned(ID, evolve(NAME, name="head", renamed_from="name"), AGE, layout=found.layout).renamed == ()
    both = planned(ID, evolve(NAME, name="title"), AGE, evolve(NAME, name="head", renamed_from="name"), layout=title)
    assert (both.renamed, names(both.layout)[-1]) == ((), ["head"])


def test_a_rename_that_is_behind_the_table_is_nothing_to_do() -> None:
    title = first_layout(evolve(PEOPLE, columns=[ID, evolve(NAME, name="title"), AGE]))
    assert planned(ID, evolve(NAME, name="title", renamed_from="name", nullable=True), AGE, layout=title).renamed == ()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ((ID, NAME, evolve(AGE, type=Text())), "column age is stored as integer, and the model says text"),
        ((ID, evolve(NAME, primary_key=True), AGE), "the key is id, the model says id, name"),
        ((evolve(ID, name="number"), NAME, AGE), "the key is id, the model says number"),
        ((ID, evolve(AGE, name="name", renamed_from="age")), "column name is renamed from age"),
    ],
)
def test_what_cannot_be_is_refused(columns: tuple[Column, ...], words: str) -> None:
    found = planned(*columns)
    assert any(words in refusal for refusal in found.refusals), found.refusals
    assert found.layout == FIRST


def test_tables_that_somebody_else_changed_are_refused() -> None:
    other = TableLayout(
        ((LaidColumn("id", "bigint", True), LaidColumn("name", "varchar"), LaidColumn("mine", "text")),)
    )
    assert plan_evolution(FIRST, standing(other), PEOPLE).drift == (
        "column age is gone",
        "column mine is none of ours",
        "column id is bigint, and was made as integer",
    )


def test_a_table_without_a_layout_has_one_layer_of_what_stands() -> None:
    assert implied_layout(standing(FIRST), PEOPLE) == FIRST
    assert implied_layout(evolve(standing(FIRST), staging={}), PEOPLE) == FIRST


@pytest.mark.parametrize(
    ("stored", "wanted", "expected"),
    [
        (TinyInt(), SmallInt(), Fit.KEEP),
        (SmallInt(), BigInt(), Fit.WIDEN),
        (BigInt(), Integer(), Fit.KEEP),
        (Float32(), Float64(), Fit.WIDEN),
        (Float64(), Float32(), Fit.KEEP),
        (VarChar(3), Text(), Fit.KEEP),
        (Text(), VarChar(3), Fit.KEEP),
        (Char(3), Char(30), Fit.KEEP),
        (Char(3), VarChar(3), Fit.OTHER),
        (Decimal(9, 2), Decimal(20, 4), Fit.KEEP),
        (Integer(), Decimal(), Fit.OTHER),
        (Integer(), Float64(), Fit.OTHER),
        (Array(Integer()), Array(BigInt()), Fit.WIDEN),
        (Array(Integer()), Integer(), Fit.OTHER),
    ],
    ids=str,
)
def test_a_type_fits_where_every_stored_value_reads_the_same(stored: Integer, wanted: Integer, expected: Fit) -> None:
    before, after = store_type(stored), store_type(wanted)
    assert before is not None
    assert after is not None
    assert fit(before.base, after.base) is expected
