"""Which rows a workspace sees: those whose version passes, in whatever it reads by, and nothing of the others."""

from collections.abc import Mapping, Sequence
from random import Random
from uuid import UUID

import psycopg2
import pytest
from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Literal

from datasurface import types
from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset, FilterValue, RowFilter, RowFilterPolicy
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.conftest import NewPipeline
from tests.support.clients import WithKey, deploy, with_masks
from tests.support.databases import Databases
from tests.support.people import CREATE, PEOPLE
from tests.support.pipeline import FORENSIC, LIVE, Pipeline, make_pipeline
from tests.support.queries import execute, fetch

Rows = set[tuple[object, ...]]
ROLE = (
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'consumer2_reader') "
    "THEN CREATE ROLE consumer2_reader NOLOGIN; END IF; END $$"
)
CITIES: Mapping[str, Sequence[str | None]] = {"consumer1": ["a", None], "consumer2": ["b"]}
"""Which cities each workspace sees. The second one is not cleared for them: it sees NULL in their place."""


@frozen
class World:
    """A pipeline, and the people that its producer had at each batch."""

    pipeline: Pipeline
    at: Mapping[int, Rows]

    def seen(self, workspace: str, batch: int) -> Rows:
        """What a workspace should see of them."""
        passing = {row for row in self.at[batch] if row[2] in CITIES[workspace]}
        return passing if workspace == "consumer1" else {(row[0], None, None) for row in passing}

    def session(self, workspace: str) -> Connection:
        """A session with the rights of a workspace's role alone, in a schema of which it can make functions."""
        connection = psycopg2.connect(self.pipeline.target.url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS of_{workspace} AUTHORIZATION {workspace}_reader")
            cursor.execute(f"SET ROLE {workspace}_reader")
        return connection

    def read(self, workspace: str, query: str, *parameters: object) -> list[tuple[object, ...]]:
        """What a workspace reads."""
        connection = self.session(workspace)
        with connection.cursor() as cursor:
            cursor.execute(named(query, workspace), parameters)
            found = cursor.fetchall()
        connection.close()
        return found


def named(query: str, workspace: str) -> str:
    past = f"{workspace}.yellowforensic_{workspace}_forensicdsg_people_"
    return query.replace("PAST_", past).replace("NOW", f"{workspace}.yellowlive_{workspace}_livedsg_people_view")


def edit(pipeline: Pipeline, random: Random) -> None:
    """Move people between cities, take some away and bring some back."""
    ids = [Literal(number) for number in random.sample(range(1, 16), 6)]
    execute(
        pipeline.source,
        SQL("DELETE FROM people WHERE id IN ({}, {})").format(*ids[:2]),
        SQL("INSERT INTO people SELECT {0}, 'new', 'b' WHERE NOT EXISTS (SELECT FROM people WHERE id = {0})").format(
            ids[2]
        ),
        *(
            SQL("UPDATE people SET city = {} WHERE id = {}").format(Literal(random.choice([None, "a", "b", "c"])), at)
            for at in ids[3:]
        ),
    )


@pytest.fixture(scope="module")
def world(pg_server: PostgresServer, session_databases: Databases) -> World:
    cities = "(ARRAY['a', 'b', 'c', NULL])[i % 4 + 1]"
    fill = f"INSERT INTO people SELECT i, 'name-' || i, {cities} FROM generate_series(1, 15) i"  # noqa: S608 our own
    pipeline = make_pipeline(pg_server, session_databases.create, session_databases.role, [PEOPLE], *CREATE, fill)
    pipeline.store(ROLE)
    filters = [
        RowFilter("Store1.people", "city", cities, workspaces=[workspace.capitalize()])
        for workspace, cities in CITIES.items()
    ]
    deploy(
        pipeline, with_masks(pipeline.model, [RowFilterPolicy("rows", filters=filters)]), WithKey(pipeline).credentials
    )
    random, at = Random(7), dict[int, Rows]({0: set()})
    for batch in range(1, 6):
        edit(pipeline, random)
        for platform in (LIVE, FORENSIC):
            assert pipeline.run(platform).batch == batch
        at[batch] = set(fetch(pipeline.source, SQL("SELECT id, name, city FROM people")))
    return World(pipeline, at)


@pytest.mark.parametrize("workspace", CITIES)
def test_live_and_past_rows_are_those_that_pass(world: World, workspace: str) -> None:
    seen = {batch: world.seen(workspace, batch) for batch in world.at}

    assert set(world.read(workspace, "SELECT * FROM NOW")) == seen[5]
    assert set(world.read(workspace, "SELECT * FROM PAST_view")) == seen[5]
    at_batch = "SELECT id, name, city FROM PAST_history WHERE %s BETWEEN ds_surf_batch_in AND ds_surf_batch_out"
    for batch in world.at:
        assert set(world.read(workspace, at_batch, batch)) == seen[batch]
        assert set(world.read(workspace, "SELECT * FROM PAST_as_of_batch(%s)", batch)) == seen[batch]
    times = world.read(workspace, "SELECT ds_surf_batch, ds_surf_valid_from FROM PAST_batches")
    assert len(times) == 5
    for number, time in times:
        assert isinstance(number, int)
        assert set(world.read(workspace, "SELECT * FROM PAST_as_of_time(%s)", time)) == seen[number]


@pytest.mark.parametrize("workspace", CITIES)
def test_changes_applied_to_one_batch_are_the_other(world: World, workspace: str) -> None:
    query = "SELECT a, b, c.* FROM unnest(%s) a, unnest(%s) b, PAST_changes(a, b) c"
    every = [*world.at]
    rows = world.read(workspace, query, every, every)
    operations = set()
    for a in every:
        for b in every:
            state = {row[0]: row for row in world.seen(workspace, a)}
            for _, _, operation, *row in (row for row in rows if row[:2] == (a, b)):
                operations.add(operation)
                assert (row[0] in state) is (operation != "insert")
                state.pop(row[0], None)
                if operation != "delete":
                    state[row[0]] = tuple(row)
            assert set(state.values()) == world.seen(workspace, b)
    stayed = {"insert", "delete", *(["update"] if workspace == "consumer1" else [])}
    assert operations == stayed, "to the second a version that passes looks like any other"


LEAK = """
CREATE OR REPLACE FUNCTION of_WORKSPACE.leak(id bigint) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
$$ BEGIN RAISE NOTICE 'seen %', id; RETURN true; END $$
"""
PROBES = [
    "SELECT id FROM NOW WHERE of_WORKSPACE.leak(id)",
    "SELECT id FROM NOW a JOIN NOW b USING (id) WHERE of_WORKSPACE.leak(b.id)",
    "SELECT id FROM PAST_as_of_batch(5) WHERE of_WORKSPACE.leak(id)",
    "SELECT id FROM PAST_history WHERE ds_surf_batch_out > 5 AND of_WORKSPACE.leak(id)",
]


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("workspace", CITIES)
def test_no_function_of_a_reader_sees_another_row(world: World, workspace: str, probe: str) -> None:
    session = world.session(workspace)
    with session.cursor() as cursor:
        cursor.execute(LEAK.replace("WORKSPACE", workspace))
        cursor.execute(named(probe.replace("WORKSPACE", workspace), workspace))
    said = {int(line.split()[2]) for line in session.notices if "seen" in line}
    session.close()

    assert said == {row[0] for row in world.seen(workspace, 5)}


ODD = 'it\'s 5 % of \\ "all" %(x)s {} ü'
OF_TYPES: Mapping[str, tuple[types.DataType, str, FilterValue]] = {
    "varchar": (types.VarChar(50), "varchar(50)", ODD),
    "text": (types.Text(), "text", ""),
    "char": (types.Char(4), "char(4)", "ab"),
    "small": (types.SmallInt(), "smallint", -7),
    "big": (types.BigInt(), "bigint", 2**63 - 1),
    "decimal": (types.Decimal(10, 2), "numeric(10, 2)", "12.5"),
    "boolean": (types.Boolean(), "boolean", False),
    "date": (types.Date(), "date", "1970-03-05"),
    "uuid": (types.Uuid(), "uuid", str(UUID(int=4711))),
}
"""A column of each type that rows are filtered by, and the value that passes."""


def test_values_of_every_type_are_told_apart_and_null_passes_nowhere(copied_pipeline: NewPipeline) -> None:
    columns = [Column(name, of, classification=PUBLIC) for name, (of, _, _) in OF_TYPES.items()]
    key = Column("id", types.BigInt(), primary_key=True, classification=PUBLIC)
    declared = ", ".join(f'"{name}" {sql}' for name, (_, sql, _) in OF_TYPES.items())
    pipeline = copied_pipeline([Dataset("odd", columns=[key, *columns])], f"CREATE TABLE odd (id bigint, {declared})")
    pipeline.store(ROLE)
    values = [value for _, _, value in OF_TYPES.values()]
    insert = SQL("INSERT INTO odd VALUES ({})")
    for at in range(len(values) + 1):  # the first row passes; of each other one the value of one column is NULL
        row = [None if at == number + 1 else value for number, value in enumerate(values)]
        execute(pipeline.source, insert.format(SQL(", ").join(map(Literal, [at, *row]))))
    filters = [RowFilter("Store1.odd", name, [value]) for name, (_, _, value) in OF_TYPES.items()]
    deploy(
        pipeline, with_masks(pipeline.model, [RowFilterPolicy("rows", filters=filters)]), WithKey(pipeline).credentials
    )
    assert pipeline.run(LIVE).error is None

    assert pipeline.query("SELECT count(*) FROM yellowlive_store1_odd_merge") == [(len(values) + 1,)]
    assert pipeline.query("SELECT id FROM consumer1.yellowlive_consumer1_livedsg_odd_view") == [(0,)]


@pytest.mark.slow
def test_a_filter_comes_with_its_column_follows_it_and_goes(copied_pipeline: NewPipeline) -> None:
    without_city = evolve(PEOPLE, columns=PEOPLE.columns[:2])
    pipeline = copied_pipeline([without_city], CREATE[0], "INSERT INTO people VALUES (1, 'x', 'a'), (2, 'x', 'b')")
    pipeline.store(ROLE)
    view = "consumer1.yellowlive_consumer1_livedsg_people_view"

    def seen(dataset: Dataset, *filters: RowFilter, then_run: bool = True) -> list[object]:
        pipeline.datasets = [dataset]
        model = with_masks(pipeline.model, [RowFilterPolicy("rows", filters=filters)])
        deploy(pipeline, model, WithKey(pipeline).credentials)
        assert list(pipeline.runtime(LIVE).apply()) == []
        if then_run:
            assert pipeline.run(LIVE).error is None
        return [row[0] for row in pipeline.query(f"SELECT id FROM {view} ORDER BY 1")]  # noqa: S608 our own

    of_a = RowFilter("Store1.people", "city", ["a"])
    town = evolve(PEOPLE, columns=[*PEOPLE.columns[:2], Column("town", types.VarChar(50), renamed_from="city")])
    assert seen(without_city) == [1, 2]
    assert seen(PEOPLE, of_a, then_run=False) == [], "no row has a value yet"
    assert seen(PEOPLE, of_a) == [1]
    assert seen(PEOPLE, evolve(of_a, values=["b"])) == [2]
    execute(pipeline.source, "ALTER TABLE people RENAME city TO town")
    assert seen(town, evolve(of_a, column="town")) == [1]
    assert seen(town, of_a) == [], "what the table does not have lets nothing pass"
    assert seen(town) == [1, 2]
