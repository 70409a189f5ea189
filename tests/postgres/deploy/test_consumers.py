"""What a consumer may read: its workspace's views, with the dataset's own columns, and nothing else."""

from collections.abc import Callable, Iterator, Sequence

import psycopg2
import pytest
from attrs import evolve
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import parse_dsn
from psycopg2.sql import SQL, Identifier

from tests.support.databases import Role
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import assert_done

LIVE_VIEW = "yellowlive_consumer1_livedsg_people_view"
FORENSIC_VIEW = "yellowforensic_consumer1_forensicdsg_people_view"
HISTORY = "yellowforensic_consumer1_forensicdsg_people_history"
BATCHES = "yellowforensic_consumer1_forensicdsg_people_batches"
COLUMNS = """
    SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum"""


@pytest.fixture
def merged(people_and_pets: Pipeline) -> Pipeline:
    for statements in ((), ("DELETE FROM people WHERE id = 1", "UPDATE people SET city = 'new' WHERE id = 2")):
        people_and_pets.producer(*statements)
        for platform in (LIVE, FORENSIC):
            assert_done(people_and_pets.run(platform))
    return people_and_pets


@pytest.fixture
def consumer(merged: Pipeline, make_role: Callable[[str], Role]) -> Iterator[Connection]:
    """A consumer's own session: a login that is a member of consumer1_reader."""
    role = make_role("consumer")
    execute(merged.target, SQL("GRANT consumer1_reader TO {}").format(Identifier(role.name)))
    address = parse_dsn(merged.target.url) | {"user": role.name, "password": role.password}
    connection = psycopg2.connect(**address)
    connection.autocommit = True
    yield connection
    connection.close()


def _read(consumer: Connection, relation: Sequence[str], columns: str = "*") -> list[tuple[object, ...]]:
    with consumer.cursor() as cursor:
        cursor.execute(SQL("SELECT {} FROM {} ORDER BY 1").format(SQL(columns), Identifier(*relation)))
        return cursor.fetchall()


@pytest.mark.parametrize("view", [LIVE_VIEW, FORENSIC_VIEW])
def test_a_view_has_the_datasets_columns_and_its_live_rows(merged: Pipeline, consumer: Connection, view: str) -> None:
    assert fetch(merged.target, COLUMNS, f"consumer1.{view}") == [
        ("id", "bigint"),
        ("name", "character varying"),
        ("city", "character varying"),
    ]
    rows = _read(consumer, ("consumer1", view))
    assert rows[:2] == [(2, "zyx-name-2", "new"), (3, "zyx-name-3", "zyx-city-3")]
    assert len(rows) == 499


def test_the_history_has_every_version_with_its_batches_and_their_times(merged: Pipeline, consumer: Connection) -> None:
    names = [name for name, _ in fetch(merged.target, COLUMNS, f"consumer1.{HISTORY}")]
    assert names == [
        "id",
        "name",
        "city",
        "ds_surf_batch_in",
        "ds_surf_batch_out",
        "ds_surf_valid_from",
        "ds_surf_valid_to",
    ]
    batches = fetch(merged.target, "SELECT batch, committed_at FROM yellowforensic_batch_metrics")
    times = {row[0]: row[1] for row in batches}
    versions = _read(consumer, ("consumer1", HISTORY))
    assert versions[0] == (1, "zyx-name-1", "zyx-city-1", 1, 1, times[1], times[2])
    assert sorted(versions[1:3], key=lambda version: str(version[3])) == [
        (2, "zyx-name-2", "zyx-city-2", 1, 1, times[1], times[2]),
        (2, "zyx-name-2", "new", 2, 2147483647, times[2], None),
    ]
    assert versions[3] == (3, "zyx-name-3", "zyx-city-3", 1, 2147483647, times[1], None)


@pytest.mark.short
def test_a_consumer_reads_its_views_and_nothing_else(merged: Pipeline, consumer: Connection) -> None:
    relations = fetch(
        merged.target,
        "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname IN ('public', 'consumer1') AND c.relkind IN ('r', 'p', 'v')",
    )
    readable = {str(name) for schema, name in relations if _may_read(consumer, str(schema), str(name))}

    people = {LIVE_VIEW, FORENSIC_VIEW, HISTORY, BATCHES}
    assert readable == people | {name.replace("people", "pets") for name in people}
    assert len(relations) > 20  # merge tables and their partitions, staging, counters, logs, results, catalogues


def _may_read(consumer: Connection, schema: str, name: str) -> bool:
    try:
        _read(consumer, (schema, name), "count(*)")
    except psycopg2.errors.InsufficientPrivilege:
        return False
    return True


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consumer1.yellowlive_consumer1_livedsg_people_view SET city = 'x'",
        "DELETE FROM consumer1.yellowlive_consumer1_livedsg_people_view",
        "INSERT INTO consumer1.yellowlive_consumer1_livedsg_people_view VALUES (1, 'x', 'x')",
        "CREATE TABLE consumer1.mine (id int)",
        "CREATE TABLE public.mine (id int)",
    ],
)
def test_a_consumer_writes_nothing(consumer: Connection, statement: str) -> None:
    with consumer.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement)


def test_another_workspaces_reader_reads_none_of_them(merged: Pipeline, make_role: Callable[[str], Role]) -> None:
    role = make_role("stranger")
    connection = psycopg2.connect(**parse_dsn(merged.target.url) | {"user": role.name, "password": role.password})
    connection.autocommit = True
    try:
        assert not _may_read(connection, "consumer1", LIVE_VIEW)
    finally:
        connection.close()


def test_a_grant_that_was_taken_away_is_given_again(merged: Pipeline, consumer: Connection) -> None:
    execute(merged.target, f"REVOKE ALL ON consumer1.{LIVE_VIEW} FROM consumer1_reader")
    assert not _may_read(consumer, "consumer1", LIVE_VIEW)

    summary = merged.runtime(LIVE).reconcile_views()

    assert summary.updated == (f"consumer1.{LIVE_VIEW}",)
    assert _may_read(consumer, "consumer1", LIVE_VIEW)


def test_a_sinks_own_name_stands_in_the_views_names(merged: Pipeline, consumer: Connection) -> None:
    forensic = merged.by_name[FORENSIC]
    views = tuple(evolve(view, name=f"our_{view.name}") for view in forensic.views)
    merged.by_name = {FORENSIC: evolve(forensic, views=views)}

    summary = merged.runtime(FORENSIC).reconcile_views()

    assert len(summary.created) == len(summary.removed) == 2 * 8
    assert _may_read(consumer, "consumer1", "yellowforensic_consumer1_forensicdsg_our_people_history")
    assert fetch(merged.target, "SELECT to_regclass(%s)", f"consumer1.{FORENSIC_VIEW}") == [(None,)]
