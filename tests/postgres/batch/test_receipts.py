"""Merge tables that were changed behind the engine's back: a batch whose receipt does not hold is not committed."""

import pytest
from attrs import frozen
from psycopg2.sql import SQL, Identifier

from datasurface.results import BatchStatus
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute
from tests.support.records import assert_done, assert_laws_hold, batch_log, is_copied, merge_tables
from tests.support.refusals import Refusal, assert_refused

PLATFORMS = [LIVE, FORENSIC]


@frozen
class Tampering:
    """What was done to the live people, how it is repaired, and what the engine says. ``{people}``: their table."""

    done: str
    repaired: str
    says: str
    says_again: str
    """When all rows are compared."""


TAMPERINGS = {
    "a hash was changed": Tampering(
        "UPDATE {people} SET ds_surf_all_hash = ds_surf_all_hash + 1 WHERE id = 7",
        "UPDATE {people} SET ds_surf_all_hash = ds_surf_all_hash - 1 WHERE id = 7",
        "the last batch left 500 live rows, others are there",
        "the source sent 500 rows with hash",
    ),
    "a row was deleted": Tampering(
        "CREATE TABLE kept AS SELECT * FROM {people} WHERE id = 7; DELETE FROM {people} WHERE id = 7",
        "INSERT INTO {people} TABLE kept",
        "the last batch left 500 live rows, 499 are there",
        "the last batch left 500 live rows, 499 are there",
    ),
    "a row was inserted": Tampering(
        "CREATE TABLE kept AS SELECT * FROM {people} WHERE id = 7; UPDATE kept SET id = 7000; "
        "INSERT INTO {people} TABLE kept",
        "DELETE FROM {people} WHERE id = 7000",
        "the last batch left 500 live rows, 501 are there",
        "the last batch left 500 live rows, 501 are there",
    ),
}


@pytest.fixture(params=PLATFORMS)
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def live_people(platform: str) -> str:
    """The table of the live people."""
    return f"{platform.lower()}_store1_people_merge" + ("_live" if platform == FORENSIC else "")


@pytest.mark.parametrize("tampering", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_a_batch_on_a_tampered_table_reads_once_more_and_then_fails_until_repair_and_reset(
    people_and_pets: Pipeline, platform: str, live_people: str, tampering: Tampering
) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("UPDATE people SET city = 'new' WHERE id <= 5", "DELETE FROM pets WHERE id = 1")
    execute(people_and_pets.target, tampering.done.format(people=live_people))
    tampered = merge_tables(people_and_pets, platform)
    first, again = (
        Refusal("ReceiptMismatch", "people", says, "`datasurface verify` names the rows")
        for says in (tampering.says, tampering.says_again)
    )
    stuck = Refusal("BatchStuck", None, "batch 2 is FAILED", "`datasurface batch reset`")

    for expected, status in ((first, "STARTED"), (again, "FAILED"), (stuck, "FAILED")):
        assert_refused(people_and_pets, platform, people_and_pets.run(platform), expected)
        number, now, _, error = batch_log(people_and_pets, platform)[-1]
        assert (number, now) == (2, status)
        assert isinstance(error, dict)
        assert error["type"] == "ReceiptMismatch"
        assert merge_tables(people_and_pets, platform) == tampered

    execute(people_and_pets.target, tampering.repaired.format(people=live_people))
    assert people_and_pets.runtime(platform).reset("Store1").status is BatchStatus.STARTED
    done = people_and_pets.run(platform)
    assert_done(done)
    assert (done.batch, done.datasets["people"].updated, done.datasets["pets"].deleted) == (2, 5, 1)
    assert is_copied(people_and_pets, platform, "people")
    assert_laws_hold(people_and_pets, platform)


@pytest.mark.parametrize("tampering", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_a_table_that_was_repaired_in_time_needs_no_reset(
    people_and_pets: Pipeline, platform: str, live_people: str, tampering: Tampering
) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("DELETE FROM people WHERE id = 3")
    execute(people_and_pets.target, tampering.done.format(people=live_people))
    assert people_and_pets.run(platform).error
    execute(people_and_pets.target, tampering.repaired.format(people=live_people))

    done = people_and_pets.run(platform)

    assert_done(done)
    assert done.batch == 2
    assert_laws_hold(people_and_pets, platform)


def test_a_row_that_was_staged_and_then_changed_is_not_merged(people_and_pets: Pipeline, platform: str) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("UPDATE people SET city = 'new' WHERE id <= 5")
    people_and_pets.run(platform, budget=0)
    staging = Identifier(f"{platform.lower()}_store1_people_staging")
    execute(people_and_pets.target, SQL("UPDATE {} SET city = 'zyx-forged' WHERE id = 3").format(staging))
    merged = merge_tables(people_and_pets, platform)
    mismatch = Refusal("ReceiptMismatch", "people", "the source sent 500 rows with hash", "verify")

    assert_refused(people_and_pets, platform, people_and_pets.run(platform), mismatch)

    assert merge_tables(people_and_pets, platform) == merged
    assert_done(people_and_pets.run(platform))
    assert is_copied(people_and_pets, platform, "people")
    assert_laws_hold(people_and_pets, platform)


def test_staged_rows_that_are_gone_are_missed(people_and_pets: Pipeline, platform: str) -> None:
    assert_done(people_and_pets.run(platform))
    people_and_pets.producer("DELETE FROM people WHERE id <= 5")
    people_and_pets.run(platform, budget=0)
    staging = Identifier(f"{platform.lower()}_store1_people_staging")
    execute(people_and_pets.target, SQL("DELETE FROM {} WHERE id = 3").format(staging))
    says = "staged 0 inserted, 0 updated, 5 deleted, merged 0 inserted, 0 updated, 4 deleted"

    error = people_and_pets.run(platform).error

    assert error is not None
    assert says in error.message
    assert_done(people_and_pets.run(platform))
    assert is_copied(people_and_pets, platform, "people")
