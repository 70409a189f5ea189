"""The expressions of row hashes and their recipes: what a layout makes of them."""

import pytest
from attrs import evolve

from datasurface.errors import JobError
from datasurface.model import Column, Dataset
from datasurface.types import Decimal, Integer, Timestamp, Uuid, VarChar
from datasurface_yellow.store.layout import LaidColumn, TableLayout, first_layout
from datasurface_yellow.store.rowhash import recipe, retired_columns, row_hash, stored_columns

PEOPLE = Dataset(
    "people", columns=[Column("id", Integer(), primary_key=True), Column("name", VarChar(9)), Column("age", Integer())]
)
FIRST = first_layout(PEOPLE)
WITH_NICK = evolve(PEOPLE, columns=[*PEOPLE.columns, Column("nick", VarChar(9))])
NICK_LATER = TableLayout((*FIRST.layers, (LaidColumn("nick", "varchar"),)))


def _renamed(layout: TableLayout, old: str, new: str) -> TableLayout:
    def under_its_name(column: LaidColumn) -> LaidColumn:
        return column.renamed(new) if column.name == old else column

    return TableLayout(tuple(tuple(map(under_its_name, layer)) for layer in layout.layers))


def _hash(dataset: Dataset, layout: TableLayout | None = None) -> str:
    return row_hash(stored_columns(dataset, layout), "t")


def test_one_layer_has_the_hash_and_the_recipe_that_tables_have_had_from_the_beginning() -> None:
    assert _hash(PEOPLE) == (
        'hashtextextended((coalesce(hashint4extended(t."age"::integer, 0), 0)'
        ' # coalesce(hashint4extended(t."id"::integer, 1), 0)'
        ' # coalesce(hashtextextended(t."name"::varchar COLLATE "C", 2), 0))::text COLLATE "C", 3)'
    )
    assert recipe(stored_columns(PEOPLE)) == "3:3928654a1d5a46db"


def test_a_later_layer_adds_its_hash_with_the_key_where_it_has_a_value() -> None:
    assert _hash(WITH_NICK, NICK_LATER) == (
        f'({_hash(PEOPLE)} # CASE WHEN num_nonnulls(t."nick") = 0 THEN 0 ELSE '
        'hashtextextended((coalesce(hashint4extended(t."id"::integer, 65536), 0)'
        ' # coalesce(hashtextextended(t."nick"::varchar COLLATE "C", 65537), 0))::text COLLATE "C", 65538) END)'
    )


def test_types_without_a_function_that_looks_at_every_byte_are_sent_to_their_binary_form() -> None:
    dataset = Dataset("d", columns=[Column("a", Decimal(9, 2)), Column("b", Timestamp()), Column("k", Uuid())])
    assert _hash(dataset) == (
        'hashtextextended((coalesce(hash_record_extended(ROW(t."k"::uuid), 0), 0)'
        ' # hash_record_extended(ROW(record_send(ROW(t."a"::numeric, t."b"::timestamp))), 1))::text COLLATE "C", 2)'
    )


def test_a_later_layer_is_no_part_of_the_recipe_and_of_the_hash_of_the_key() -> None:
    columns = stored_columns(WITH_NICK, NICK_LATER)
    assert recipe(columns) == recipe(stored_columns(PEOPLE))
    keys = [column for column in columns if column.is_key]
    assert row_hash(keys, "t") == (
        'hashtextextended((coalesce(hashint4extended(t."id"::integer, 0), 0))::text COLLATE "C", 1)'
    )


def test_another_name_changes_neither_the_order_of_the_columns_nor_the_recipe() -> None:
    renamed = evolve(PEOPLE, columns=[*PEOPLE.columns[:2], Column("years", Integer())])
    columns = stored_columns(renamed, _renamed(FIRST, "age", "years"))
    assert row_hash(columns, "t") == _hash(PEOPLE).replace('"age"', '"years"')
    assert recipe(columns) == recipe(stored_columns(PEOPLE))


def test_the_model_that_was_in_force_before_a_column_was_renamed_reads_it_under_the_old_name() -> None:
    columns = stored_columns(PEOPLE, _renamed(FIRST, "age", "years"))
    assert [(column.name, column.source) for column in columns] == [("id", "id"), ("name", "name"), ("years", "age")]


def test_a_column_is_stored_and_hashed_as_the_table_has_it() -> None:
    wide = TableLayout(
        tuple(tuple(evolve(c, base="text") if c.name == "name" else c for c in layer) for layer in FIRST.layers)
    )
    assert _hash(PEOPLE, wide) == _hash(PEOPLE).replace('"name"::varchar', '"name"::text')
    assert recipe(stored_columns(PEOPLE, wide)) != recipe(stored_columns(PEOPLE))


def test_retired_columns_are_not_read_and_take_no_part_in_hashes() -> None:
    retired = TableLayout(tuple(tuple(evolve(c, is_retired=c.name == "age") for c in layer) for layer in FIRST.layers))
    assert _hash(PEOPLE, retired) == _hash(evolve(PEOPLE, columns=PEOPLE.columns[:2]))
    assert [column.name for column in retired_columns(retired)] == ["age"]


@pytest.mark.parametrize(
    ("dataset", "layout", "words"),
    [
        (WITH_NICK, FIRST, "it has no column nick"),
        (evolve(PEOPLE, columns=PEOPLE.columns[:2]), FIRST, "it has the column age, too"),
        (
            WITH_NICK,
            TableLayout((*FIRST.layers, (LaidColumn("nick", "varchar"), LaidColumn("size", "bigint")))),
            "it has the column size, too",
        ),
    ],
    ids=["missing", "more in the first layer", "more in a layer of which others are known"],
)
def test_a_table_that_was_changed_for_another_model_is_not_read(
    dataset: Dataset, layout: TableLayout, words: str
) -> None:
    with pytest.raises(JobError, match=words):
        stored_columns(dataset, layout)


def test_a_model_that_knows_nothing_of_a_later_layer_still_works() -> None:
    assert _hash(PEOPLE, NICK_LATER) == _hash(PEOPLE)


def test_a_layout_comes_back_as_it_was_written() -> None:
    layout = _renamed(_renamed(_renamed(NICK_LATER, "age", "years"), "years", "age"), "nick", "alias")
    assert TableLayout.read(layout.document()) == layout
    assert layout.find("age") == LaidColumn("age", "integer", former=("age", "years"))
