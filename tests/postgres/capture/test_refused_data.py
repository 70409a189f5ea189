"""Snapshots that break a rule of their dataset: refused with one clear error, without a trace, until the source is
healed.
"""

from collections.abc import Sequence

import pytest
from attrs import evolve, frozen

from datasurface.classification import PII, PUBLIC
from datasurface.model import Column, Dataset
from datasurface.results import DatasetCounts
from datasurface.types import VarChar
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done, is_copied
from tests.support.refusals import Refusal, assert_refused, assert_untouched, state_of

PLATFORMS = [LIVE, FORENSIC]


@frozen
class Bad:
    """What breaks the people's or pets' rules, and what heals them."""

    breaks: Sequence[str]
    heals: Sequence[str]
    refusal: Refusal


DUPLICATE_OF_OLD = Bad(
    ["INSERT INTO people VALUES (7, 'zyx-other', 'zyx-else')"],
    ["DELETE FROM people WHERE name = 'zyx-other'"],
    Refusal("RefusedData", "people", "more than one row for a key (id): (7)", "unique at the source"),
)
SAME_ROW_TWICE = evolve(
    DUPLICATE_OF_OLD,
    breaks=["INSERT INTO pets SELECT * FROM pets WHERE id IN (3, 4)"],
    heals=[
        "DELETE FROM pets a USING pets b WHERE a.id = b.id AND a.ctid > b.ctid",
    ],
    refusal=Refusal("RefusedData", "pets", "more than one row for a key (id): ", "unique at the source"),
)
DUPLICATE_OF_NEW = Bad(
    ["INSERT INTO people VALUES (9001, 'zyx-a', NULL), (9001, 'zyx-b', NULL)"],
    ["DELETE FROM people WHERE id = 9001"],
    Refusal("RefusedData", "people", "more than one row for a key (id): (9001)", "unique at the source"),
)
NULL_KEY = Bad(
    ["INSERT INTO people VALUES (NULL, 'zyx-a', NULL)"],
    ["DELETE FROM people WHERE id IS NULL"],
    Refusal(
        "RefusedData",
        "people",
        "key column id of people is NULL in 1 rows, among them (NULL)",
        "the model (another key)",
    ),
)
NULL_VALUE = Bad(
    ["UPDATE people SET name = NULL WHERE id IN (11, 12)"],
    ["UPDATE people SET name = 'zyx-again' WHERE id IN (11, 12)"],
    Refusal("RefusedData", "people", "column name of people is NULL in 2 rows, among them (1", "nullable=True"),
)
NULL_IN_NEW_ROW = Bad(
    ["INSERT INTO people VALUES (9001, NULL, NULL)"],
    ["DELETE FROM people WHERE id = 9001"],
    Refusal("RefusedData", "people", "column name of people is NULL in 1 rows, among them (9001)", "nullable=True"),
)
EMPTY = Bad(
    ["CREATE TABLE kept AS TABLE people", "DELETE FROM people"],
    ["INSERT INTO people TABLE kept"],
    Refusal("RefusedData", "people", "the source of people has 0 rows where there were 500", "--allow-deletes"),
)
TOO_MANY_DELETES = Bad(
    ["CREATE TABLE kept AS SELECT * FROM people WHERE id <= 251", "DELETE FROM people WHERE id <= 251"],
    ["INSERT INTO people TABLE kept"],
    Refusal("RefusedData", "people", "would delete 251 of 500 rows, more than 50%", "max_delete_fraction"),
)
KEYS_REPLACED = Bad(
    ["UPDATE people SET id = id + 1000 WHERE id <= 251"],
    ["UPDATE people SET id = id - 1000 WHERE id > 1000"],
    Refusal("RefusedData", "people", "would delete 251 of 500 rows, more than 50%", "max_delete_fraction"),
)

OF_ANY_ROWS = {
    "a key twice": DUPLICATE_OF_OLD,
    "a row twice": SAME_ROW_TWICE,
    "a new key twice": DUPLICATE_OF_NEW,
    "NULL in a key": NULL_KEY,
    "NULL in a required column": NULL_VALUE,
    "NULL in a new row": NULL_IN_NEW_ROW,
}
OF_DELETES = {"no rows": EMPTY, "too many deletes": TOO_MANY_DELETES, "too many keys replaced": KEYS_REPLACED}


@pytest.mark.parametrize("bad", OF_ANY_ROWS.values(), ids=OF_ANY_ROWS.keys())
def test_a_first_load_is_refused_and_comes_by_itself_once_the_source_is_healed(
    people_and_pets: Pipeline, bad: Bad
) -> None:
    for platform in PLATFORMS:
        _refused_then_healed(people_and_pets, platform, bad)
        assert is_copied(people_and_pets, platform, "people")


@pytest.mark.parametrize("bad", [*OF_ANY_ROWS.values(), *OF_DELETES.values()], ids=[*OF_ANY_ROWS, *OF_DELETES])
def test_a_later_batch_is_refused_and_comes_by_itself_once_the_source_is_healed(
    people_and_pets: Pipeline, bad: Bad
) -> None:
    for platform in PLATFORMS:
        assert_done(people_and_pets.run(platform))
    people_and_pets.producer("UPDATE pets SET owner = 1 WHERE id <= 5")
    for platform in PLATFORMS:
        _refused_then_healed(people_and_pets, platform, bad)
        assert is_copied(people_and_pets, platform, "people")
        assert is_copied(people_and_pets, platform, "pets")


def _refused_then_healed(pipeline: Pipeline, platform: str, bad: Bad) -> None:
    before = state_of(pipeline, platform)
    pipeline.producer(*bad.breaks)
    for _ in range(2):
        result = pipeline.run(platform, allow_deletes=False)
        assert_refused(pipeline, platform, result, bad.refusal)
        assert_untouched(pipeline, platform, before, tried=before.batch + 1)
    pipeline.producer(*bad.heals, "DROP TABLE IF EXISTS kept")
    healed = pipeline.run(platform, allow_deletes=False)
    assert_done(healed)
    assert healed.batch == before.batch + 1


@pytest.mark.parametrize("platform", PLATFORMS)
def test_deletes_that_are_right_are_taken_by_the_batch_that_allows_them(
    people_and_pets: Pipeline, platform: str
) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("DELETE FROM people")
    assert people_and_pets.run(platform, allow_deletes=False).error

    allowed = people_and_pets.run(platform, allow_deletes=True)

    assert_done(allowed)
    assert allowed.datasets["people"] == DatasetCounts(read=0, deleted=500)


def test_half_of_the_rows_may_go_and_so_may_most_of_a_small_table(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE, PETS], *CREATE, *fill(people=102, pets=100))
    assert_done(pipeline.run(LIVE))
    pipeline.producer("DELETE FROM people WHERE id <= 51", "DELETE FROM pets WHERE id <= 99")

    assert_done(pipeline.run(LIVE, allow_deletes=False))


def test_a_fraction_in_the_model_counts_instead(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([evolve(PEOPLE, max_delete_fraction=0.1), PETS], *CREATE, *fill(people=30, pets=1))
    assert_done(pipeline.run(LIVE))
    pipeline.producer("DELETE FROM people WHERE id <= 4")
    refusal = Refusal("RefusedData", "people", "would delete 4 of 30 rows, more than 10%", "--allow-deletes")
    assert_refused(pipeline, LIVE, pipeline.run(LIVE, allow_deletes=False), refusal)
    pipeline.producer("INSERT INTO people VALUES (1, 'back', NULL)")

    assert_done(pipeline.run(LIVE, allow_deletes=False))


def test_keys_are_shown_only_where_their_column_is_public(new_pipeline: NewPipeline) -> None:
    contacts = Dataset(
        "contacts",
        columns=[
            Column("country", VarChar(2), primary_key=True, classification=PUBLIC),
            Column("email", VarChar(50), primary_key=True, classification=PII),
            Column("note", VarChar(50), primary_key=True),
        ],
    )
    pipeline = new_pipeline(
        [contacts],
        "CREATE TABLE contacts (country varchar(2), email varchar(50), note varchar(50))",
        "INSERT INTO contacts SELECT 'DE', 'zyx@example.org', 'zyx' FROM generate_series(1, 2)",
    )
    refusal = Refusal("RefusedData", "contacts", "(country, email, note): (DE, •••, •••)", "unique")

    for platform in PLATFORMS:
        assert_refused(pipeline, platform, pipeline.run(platform), refusal)


def test_of_many_bad_keys_five_are_shown(people_and_pets: Pipeline) -> None:
    people_and_pets.producer("INSERT INTO people SELECT * FROM people")

    error = people_and_pets.run(FORENSIC).error

    assert error is not None
    assert error.message.partition("for a key (id): ")[2].count("(") == 5
