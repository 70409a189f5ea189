"""``verify`` on tables in which one cell was changed behind the engine's back: it says which law that breaks."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from psycopg2.sql import SQL, Identifier

from datasurface.results import LawCheck
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.databases import Databases, MakeDatabase
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline
from tests.support.queries import execute
from tests.support.records import assert_done, assert_laws_hold

LAWS_OF_LIVE = {"L1", "L3", "L5", "L11", "counts"}
LAWS_OF_FORENSIC = LAWS_OF_LIVE | {"L2", "L4", "L12"}

CELLS = {
    "name": "'zyx-forged'",
    "city": "NULL",
    "id": "id + 7000",
    "ds_surf_key_hash": "ds_surf_key_hash + 1",
    "ds_surf_all_hash": "ds_surf_all_hash + 1",
}
"""Columns of every merge table, and what is written into one cell of each."""


@pytest.fixture(params=[LIVE, FORENSIC])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def original(pg_server: PostgresServer) -> Iterator[Pipeline]:
    """Four batches: person 3 was changed in the second, 4 deleted and 5 changed in the third, 6 deleted and back again
    in the third and fourth; pet 1 changed in the second.
    """
    databases = Databases(pg_server)
    made = make_pipeline(
        pg_server, databases.create, databases.role, [PEOPLE, PETS], *CREATE, *fill(people=20, pets=10)
    )
    batches = [
        ["UPDATE people SET city = 'two' WHERE id <= 3", "UPDATE pets SET owner = 7 WHERE id = 1"],
        ["DELETE FROM people WHERE id IN (4, 6)", "UPDATE people SET city = NULL WHERE id = 5"],
        ["INSERT INTO people VALUES (6, 'zyx-back', NULL)", "UPDATE people SET city = 'four' WHERE id <= 2"],
    ]
    for statements in ([], *batches):
        made.producer(*statements)
        for platform in (LIVE, FORENSIC):
            assert_done(made.run(platform))
    yield made
    databases.close()


@pytest.fixture
def merged(original: Pipeline, make_database: MakeDatabase) -> Pipeline:
    """A copy of the merge database, for one test to spoil."""
    copy = evolve(original, target=make_database("spoiled", original.target.name))
    copy.put_in_force()
    return copy


def test_all_laws_hold_on_what_the_engine_made(merged: Pipeline) -> None:
    for platform, laws in ((LIVE, LAWS_OF_LIVE), (FORENSIC, LAWS_OF_FORENSIC)):
        checks = merged.runtime(platform).verify("Store1")
        for dataset in ("people", "pets"):
            assert {check.law for check in checks if check.dataset == dataset} >= laws
        assert all(check.checked for check in checks), checks
        assert_laws_hold(merged, platform)


@pytest.mark.parametrize("column", CELLS)
def test_a_changed_cell_of_a_live_row_breaks_the_receipt(merged: Pipeline, platform: str, column: str) -> None:
    _spoil(merged, _people(platform, "live"), column, CELLS[column], "id = 3")

    receipt = _broken(merged, platform)["L11"]

    assert receipt.dataset == "people"
    assert "behind the engine's back: " in receipt.detail
    assert ("(7003)" if column == "id" else "(3)") in receipt.detail
    assert "zyx" not in receipt.detail


@pytest.mark.parametrize("column", CELLS)
def test_a_changed_cell_of_a_past_version_breaks_the_receipt(merged: Pipeline, column: str) -> None:
    _spoil(merged, _people(FORENSIC, "history"), column, CELLS[column], "id = 4")

    assert "L11" in _broken(merged, FORENSIC)


@pytest.mark.parametrize(
    ("person", "value"), [(3, "1"), (3, "3"), (3, "4"), (3, "5"), (3, "0"), (5, "1"), (5, "2"), (5, "4"), (9, "2")]
)
def test_a_live_row_that_began_in_another_batch_is_found(
    merged: Pipeline, platform: str, person: int, value: str
) -> None:
    _spoil(merged, _people(platform, "live"), "ds_surf_batch_in", value, f"id = {person}")

    broken = _broken(merged, platform)

    assert broken.keys() & {"L3", "L5", "L11"}, broken


@pytest.mark.parametrize(
    ("column", "value", "person"),
    [
        ("ds_surf_batch_in", "0", 4),
        ("ds_surf_batch_in", "2", 4),
        ("ds_surf_batch_in", "3", 4),
        ("ds_surf_batch_out", "1", 4),
        ("ds_surf_batch_out", "3", 4),
        ("ds_surf_batch_out", "4", 4),
        ("ds_surf_batch_out", "1000", 4),
        ("ds_surf_batch_out", "0", 3),
        ("ds_surf_batch_out", "2", 3),
        ("ds_surf_batch_out", "3", 6),
    ],
)
def test_a_past_version_with_another_begin_or_end_is_found(
    merged: Pipeline, column: str, value: str, person: int
) -> None:
    _spoil(merged, _people(FORENSIC, "history"), column, value, f"id = {person} AND ds_surf_batch_in < 3")

    broken = _broken(merged, FORENSIC)

    assert broken.keys() & {"L2", "L3", "L5"}, broken


@pytest.mark.parametrize("end", ["1", "3", "4", "1000"])
def test_a_live_row_that_was_closed_is_missed(merged: Pipeline, end: str) -> None:
    _spoil(merged, _people(FORENSIC), "ds_surf_batch_out", end, "id = 9")

    broken = _broken(merged, FORENSIC)

    assert broken.keys() & {"L3", "L5"}, broken
    assert "L11" in broken


@pytest.mark.parametrize("person", [3, 4])
def test_a_past_version_that_was_opened_again_is_found(merged: Pipeline, person: int) -> None:
    execute(merged.target, "DROP INDEX yellowforensic_store1_people_merge_key")
    _spoil(merged, _people(FORENSIC), "ds_surf_batch_out", "2147483647", f"id = {person}")

    broken = _broken(merged, FORENSIC)

    assert {"L5", "L11"} <= broken.keys()
    assert ("L1" in broken) == ("L2" in broken) == (person == 3)


def test_a_row_that_stands_twice_is_found(merged: Pipeline, platform: str) -> None:
    execute(merged.target, f"DROP INDEX {platform.lower()}_store1_people_merge_key")
    again = SQL("INSERT INTO {people} SELECT * FROM {people} WHERE id = 9")
    execute(merged.target, again.format(people=Identifier(_people(platform, "live"))))

    broken = _broken(merged, platform)

    assert {"L1", "L5", "L11"} <= broken.keys()
    assert broken["L1"].detail.endswith("(9)")


def test_a_version_that_repeats_the_one_before_is_found(merged: Pipeline) -> None:
    execute(
        merged.target,
        "INSERT INTO yellowforensic_store1_people_merge "
        "SELECT id, name, city, ds_surf_key_hash, ds_surf_all_hash, 1, 2 "
        "FROM yellowforensic_store1_people_merge_live WHERE id = 9",
    )
    _spoil(merged, _people(FORENSIC, "live"), "ds_surf_batch_in", "3", "id = 9")

    broken = _broken(merged, FORENSIC)

    assert broken.keys() >= {"L4"}
    assert "L5" not in broken, "the rows as of every batch are what they were"


def test_counts_that_were_changed_do_not_add_up(merged: Pipeline, platform: str) -> None:
    forged = "jsonb_set(datasets, '{people,inserted}', '7')"
    _spoil(merged, f"{platform.lower()}_batch_metrics", "datasets", forged, "batch = 3")

    assert "counts" in _broken(merged, platform)


def _people(platform: str, part: str = "") -> str:
    """The people's merge table of a platform, or a part of the forensic one."""
    name = f"{platform.lower()}_store1_people_merge"
    return f"{name}_{part}" if part and platform == FORENSIC else name


def _spoil(pipeline: Pipeline, table: str, column: str, value: str, where: str) -> None:
    """Change one cell."""
    spoiling = SQL("UPDATE {} SET {} = {} WHERE {}")
    execute(pipeline.target, spoiling.format(Identifier(table), Identifier(column), SQL(value), SQL(where)))


def _broken(pipeline: Pipeline, platform: str) -> dict[str, LawCheck]:
    checks = pipeline.runtime(platform).verify("Store1")
    return {check.law: check for check in checks if not check.holds}
