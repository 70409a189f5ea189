# ruff: noqa: S608 words of this test
"""After a vacuum no file of the merge database has the bytes of an erased person, wherever they stood."""

from pathlib import Path

import pytest

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute_each, fetch
from tests.support.records import assert_done, assert_laws_hold, tables

GONE = ("(777,", "(1,", "(2,", "(U,777,", "(U,1,", "(U,2,", "(D,777,")
"""How rows of the erased begin, in merge tables and in staging."""
WORDS = ("Quixotic-Vexation", "Jabberwock-Lane", "Zephyrine-Way")

pytestmark = pytest.mark.slow


def test_no_file_of_the_database_has_the_bytes(people_and_pets: Pipeline, pg_server: PostgresServer) -> None:
    name, first, second = WORDS
    # So few rows that the planner's statistics have every value.
    people_and_pets.producer("DELETE FROM people WHERE id > 20")
    for change in (
        f"INSERT INTO people VALUES (777, '{name}', '{first}')",
        f"UPDATE people SET city = '{second}' WHERE id = 777 OR id < 3",
        "DELETE FROM people WHERE id = 777",
        "UPDATE people SET city = 'plain' WHERE id < 3",
    ):
        people_and_pets.producer(change)
        for platform in (LIVE, FORENSIC):
            assert_done(people_and_pets.run(platform))
        execute_each(people_and_pets.target, "ANALYZE")
    assert set(WORDS) == _found(people_and_pets, pg_server)
    others = _others(people_and_pets)

    for platform in (LIVE, FORENSIC):
        runtime = people_and_pets.runtime(platform)
        for person in ("777", "1", "2"):
            runtime.forget("Store1", "people", [(person,)], even_if_at_source=True)
        [note] = runtime.vacuum("Store1", "people")
        assert f"VACUUM FULL pg_catalog.pg_statistic in {people_and_pets.target.name}" in note
    execute_each(people_and_pets.target, "VACUUM FULL pg_catalog.pg_statistic", "CHECKPOINT")

    assert _found(people_and_pets, pg_server) == set()
    assert _others(people_and_pets) == others
    for platform in (LIVE, FORENSIC):
        assert_laws_hold(people_and_pets, platform)


def test_the_owner_of_the_database_needs_nobody_else(people_and_pets: Pipeline, pg_server: PostgresServer) -> None:
    assert_done(people_and_pets.run(LIVE))
    execute_each(people_and_pets.target, "ANALYZE")
    writer, database = people_and_pets.access.writer.name, people_and_pets.target.name
    execute_each(people_and_pets.target, f'ALTER DATABASE "{database}" OWNER TO "{writer}"')
    runtime = people_and_pets.runtime(LIVE)
    before = _bytes(people_and_pets, pg_server)
    assert b"zyx-name-499" in before
    runtime.forget("Store1", "people", [("499",)], even_if_at_source=True)
    assert list(runtime.vacuum("Store1", "people")) == []
    execute_each(people_and_pets.target, "CHECKPOINT")
    assert b"zyx-name-499" not in _bytes(people_and_pets, pg_server)


def test_a_table_that_is_empty_then_keeps_statistics_which_the_warning_names(
    people_and_pets: Pipeline, pg_server: PostgresServer
) -> None:
    people_and_pets.producer("DELETE FROM people WHERE id NOT IN (1, 8)")
    assert_done(people_and_pets.run(FORENSIC))
    runtime = people_and_pets.runtime(FORENSIC)
    runtime.vacuum("Store1", "people")
    runtime.forget("Store1", "people", [("1",), ("8",)], even_if_at_source=True)
    [note] = runtime.vacuum("Store1", "people")
    assert b"zyx-city-1" in _bytes(people_and_pets, pg_server)
    execute_each(people_and_pets.target, *note.partition(f"in {people_and_pets.target.name}: ")[2].split("; then "))
    assert b"zyx-city-1" not in _bytes(people_and_pets, pg_server)


def _others(pipeline: Pipeline) -> dict[str, list[str]]:
    """The rows of everybody else."""
    return {
        name: [row for row in rows if not row.startswith(GONE)]
        for name, rows in tables(pipeline, "%\\_store1\\_people%").items()
    }


def _found(pipeline: Pipeline, server: PostgresServer) -> set[str]:
    content = _bytes(pipeline, server)
    return {word for word in WORDS if word.encode() in content}


def _bytes(pipeline: Pipeline, server: PostgresServer) -> bytes:
    """All files of the merge database, one after the other."""
    execute_each(pipeline.target, "CHECKPOINT")
    [(oid,)] = fetch(pipeline.target, "SELECT oid FROM pg_database WHERE datname = current_database()")
    folder = Path(server.data) / "base" / str(oid)
    return b"\n".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file())
