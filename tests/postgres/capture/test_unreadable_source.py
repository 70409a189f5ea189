"""Sources that cannot be read as the model says: one clear error each, nothing changed, and the next good run
continues.
"""

from collections.abc import Sequence

import pytest
from attrs import frozen

from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done, is_copied
from tests.support.refusals import Refusal, assert_refused, assert_untouched, state_of

PLATFORMS = [LIVE, FORENSIC]


@frozen
class Broken:
    """Statements of the producer that make its tables unreadable and readable again; ``{reader}`` is our role."""

    breaks: Sequence[str]
    heals: Sequence[str]
    refusal: Refusal


def _drift(dataset: str, says: str) -> Refusal:
    return Refusal("SourceDrift", dataset, says, "change the model, or the table back")


BROKEN = {
    "missing table": Broken(
        ["ALTER TABLE pets RENAME TO animals"],
        ["ALTER TABLE animals RENAME TO pets"],
        Refusal("SourceUnavailable", "pets", 'relation "public.pets" does not exist', "SqlSnapshot(..., schema="),
    ),
    "missing schema": Broken(
        ["ALTER SCHEMA public RENAME TO sales"],
        ["ALTER SCHEMA sales RENAME TO public"],
        Refusal("SourceUnavailable", "people", 'schema "public" does not exist', "SqlSnapshot(..., schema="),
    ),
    "missing column": Broken(
        ["ALTER TABLE people RENAME name TO full_name"],
        ["ALTER TABLE people RENAME full_name TO name"],
        _drift("people", "table public.people is not what the model says of dataset people: column name is missing"),
    ),
    "dropped columns": Broken(
        ["CREATE TABLE kept AS TABLE pets", "ALTER TABLE pets DROP owner, DROP name"],
        ["DROP TABLE pets", "ALTER TABLE kept RENAME TO pets", 'GRANT SELECT ON pets TO "{reader}"'],
        _drift("pets", "column owner is missing; column name is missing"),
    ),
    "wrong type": Broken(
        ["ALTER TABLE pets ALTER owner TYPE text"],
        ["ALTER TABLE pets ALTER owner TYPE bigint USING owner::bigint"],
        _drift("pets", "column owner is text, which is of another family (the model says BigInt())"),
    ),
    "wrong type with the same bytes": Broken(
        ["ALTER TABLE pets ALTER owner TYPE money USING owner::money"],
        ["ALTER TABLE pets ALTER owner TYPE bigint USING owner::numeric::bigint"],
        _drift("pets", "column owner is money, which is of another family (the model says BigInt())"),
    ),
    "an array": Broken(
        ["ALTER TABLE people ALTER name TYPE varchar(50)[] USING ARRAY[name]"],
        ["ALTER TABLE people ALTER name TYPE varchar(50) USING name[1]"],
        _drift("people", "column name is character varying[](50), which is of another family"),
    ),
    "longer text": Broken(
        ["ALTER TABLE people ALTER city TYPE varchar(51)"],
        ["ALTER TABLE people ALTER city TYPE varchar(50)"],
        _drift("people", "column city is character varying(51), which may be longer than 50 characters"),
    ),
    "text without a limit": Broken(
        ["ALTER TABLE people ALTER city TYPE text"],
        ["ALTER TABLE people ALTER city TYPE varchar(50)"],
        _drift("people", "column city is text, which may be longer than 50 characters"),
    ),
    "no right to read": Broken(
        ['REVOKE SELECT ON pets FROM "{reader}"'],
        ['GRANT SELECT ON pets TO "{reader}"'],
        Refusal("SourceUnavailable", "pets", "permission denied for table pets", "GRANT USAGE"),
    ),
    "no right to read one column": Broken(
        ['REVOKE SELECT ON pets FROM "{reader}"', 'GRANT SELECT (id, owner) ON pets TO "{reader}"'],
        ['GRANT SELECT ON pets TO "{reader}"'],
        Refusal("SourceUnavailable", "pets", "permission denied for table pets", "GRANT USAGE"),
    ),
    "a view that reads with its reader's rights": Broken(
        [
            "ALTER TABLE pets RENAME TO pets_stored",
            'REVOKE ALL ON pets_stored FROM "{reader}"',
            "CREATE VIEW pets WITH (security_invoker = true) AS SELECT * FROM pets_stored",
            'GRANT SELECT ON pets TO "{reader}"',
        ],
        ['GRANT SELECT ON pets_stored TO "{reader}"', "DROP VIEW pets", "ALTER TABLE pets_stored RENAME TO pets"],
        Refusal("SourceUnavailable", "pets", "permission denied for table pets_stored", "GRANT USAGE"),
    ),
    "no right to use the schema": Broken(
        ['REVOKE USAGE ON SCHEMA public FROM PUBLIC, "{reader}"'],
        ['GRANT USAGE ON SCHEMA public TO PUBLIC, "{reader}"'],
        Refusal("SourceUnavailable", "people", "permission denied for schema public", "GRANT USAGE"),
    ),
    "rows hidden by a policy": Broken(
        ["ALTER TABLE people ENABLE ROW LEVEL SECURITY", "CREATE POLICY most ON people USING (id < 400)"],
        ["DROP POLICY most ON people", "ALTER TABLE people DISABLE ROW LEVEL SECURITY"],
        Refusal(
            "SourceUnavailable",
            "people",
            'query would be affected by row-level security policy for table "people"',
            "BYPASSRLS",
        ),
    ),
    "a view that fails on a value": Broken(
        [
            "ALTER TABLE pets RENAME TO pets_stored",
            "CREATE VIEW pets AS SELECT id, CASE WHEN id < 70 THEN owner ELSE name::bigint END AS owner, name "
            "FROM pets_stored",
            'GRANT SELECT ON pets TO "{reader}"',
        ],
        ["DROP VIEW pets", "ALTER TABLE pets_stored RENAME TO pets"],
        Refusal("SourceUnavailable", "pets", "invalid_text_representation (22P02)", "the source's own message"),
    ),
    "a function that raises": Broken(
        [
            "ALTER TABLE pets RENAME TO pets_stored",
            "CREATE FUNCTION complain(name text) RETURNS boolean LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'not %', name; END $$",
            "CREATE VIEW pets AS SELECT * FROM pets_stored WHERE id < 70 OR complain(name)",
            'GRANT SELECT ON pets TO "{reader}"',
        ],
        ["DROP VIEW pets", "DROP FUNCTION complain", "ALTER TABLE pets_stored RENAME TO pets"],
        Refusal("SourceUnavailable", "pets", "raise_exception (P0001)", "the source's own message"),
    ),
    "a function that raises an error of its own": Broken(
        [
            "ALTER TABLE pets RENAME TO pets_stored",
            "CREATE FUNCTION complain(name text) RETURNS boolean LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'not %', name USING ERRCODE = 'ABC12'; END $$",
            "CREATE VIEW pets AS SELECT * FROM pets_stored WHERE id < 70 OR complain(name)",
            'GRANT SELECT ON pets TO "{reader}"',
        ],
        ["DROP VIEW pets", "DROP FUNCTION complain", "ALTER TABLE pets_stored RENAME TO pets"],
        Refusal("SourceUnavailable", "pets", "an error of another kind (ABC12)", "the source's own message"),
    ),
    "a function that raises an error of the server's": Broken(
        [
            "ALTER TABLE pets RENAME TO pets_stored",
            "CREATE FUNCTION complain(name text) RETURNS boolean LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE 'not %', name USING ERRCODE = 'unique_violation'; END $$",
            "CREATE VIEW pets AS SELECT * FROM pets_stored WHERE id < 70 OR complain(name)",
            'GRANT SELECT ON pets TO "{reader}"',
        ],
        ["DROP VIEW pets", "DROP FUNCTION complain", "ALTER TABLE pets_stored RENAME TO pets"],
        Refusal("SourceUnavailable", "pets", "unique_violation (23505)", "the source's own message"),
    ),
    "no table at all": Broken(
        ["ALTER TABLE pets RENAME TO pets_stored", "CREATE SEQUENCE pets"],
        ["DROP SEQUENCE pets", "ALTER TABLE pets_stored RENAME TO pets"],
        Refusal("SourceUnavailable", "pets", 'cannot lock relation "pets"', "read a table or a view"),
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_source_that_cannot_be_read_changes_nothing_until_it_is_healed(
    people_and_pets: Pipeline, broken: Broken
) -> None:
    reader = people_and_pets.access.reader.name
    assert_done(people_and_pets.run(FORENSIC))
    people_and_pets.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    before = {platform: state_of(people_and_pets, platform) for platform in PLATFORMS}
    people_and_pets.producer(*(statement.format(reader=reader) for statement in broken.breaks))

    for platform in PLATFORMS:  # the live one's first load, the forensic one's second batch
        assert_refused(people_and_pets, platform, people_and_pets.run(platform), broken.refusal)
        assert_untouched(people_and_pets, platform, before[platform], tried=before[platform].batch + 1)

    people_and_pets.producer(*(statement.format(reader=reader) for statement in broken.heals))
    for platform in PLATFORMS:
        healed = people_and_pets.run(platform)
        assert_done(healed)
        assert healed.batch == before[platform].batch + 1
        assert is_copied(people_and_pets, platform, "people")
        assert is_copied(people_and_pets, platform, "pets")


def test_every_drifted_column_is_named_at_once(people_and_pets: Pipeline) -> None:
    people_and_pets.producer("ALTER TABLE people RENAME name TO full_name", "ALTER TABLE people ALTER city TYPE text")

    error = people_and_pets.run(LIVE).error

    assert error is not None
    assert "column name is missing; column city is text" in error.message


def test_more_columns_another_order_and_shorter_text_are_no_drift(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(LIVE))
    people_and_pets.producer(
        "CREATE TABLE other AS SELECT city::varchar(30), now() AS changed_at, name::char(40), id::int FROM people",
        "DROP TABLE people",
        "ALTER TABLE other RENAME TO people",
        f'GRANT SELECT ON people TO "{people_and_pets.access.reader.name}"',
    )

    result = people_and_pets.run(LIVE)

    assert_done(result)
    assert result.datasets["people"].unchanged == 500


def test_a_policy_that_does_not_bind_the_reader_is_no_obstacle(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE, PETS], *CREATE, *fill(people=500))
    pipeline.producer(
        "ALTER TABLE people ENABLE ROW LEVEL SECURITY", f'ALTER ROLE "{pipeline.access.reader.name}" BYPASSRLS'
    )

    result = pipeline.run(LIVE)

    assert_done(result)
    assert result.datasets["people"].read == 500
