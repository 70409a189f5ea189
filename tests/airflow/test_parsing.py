"""Which DAGs there are, whatever happens to the rows that they are made of; and how long that takes."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from time import perf_counter

import psycopg2
import pytest
from attrs import evolve
from psycopg2.extensions import connection as Connection

from benchmarks.airflow_parse.installed_rows import TABLE, InstalledRows, name_of
from datasurface_airflow.factory.rows import Kept, fetch_all
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder
from tests.airflow.environment import AirflowEnvironment
from tests.airflow.settings import airflow_variables
from tests.airflow.shell import Shell, opened
from tests.support.databases import Database, Databases
from tests.support.length import long_or

MANY = 1000
LIMIT = 30
"""Seconds that Airflow gives to a file, unless it is told otherwise."""
POISONED_AMONG, PARSES = long_or((MANY, 100), (50, 20))
"""Airflow itself takes its time for each DAG."""


@pytest.fixture(scope="module")
def control(session_databases: Databases) -> Database:
    return session_databases.create("rows")


@pytest.fixture(scope="module")
def rows(pg_server: PostgresServer, control: Database) -> Iterator[InstalledRows]:
    store = f"postgresql://{pg_server.host}:{pg_server.port}/{control.name}?credential=admin"
    with temporary_folder("datasurface-dags-") as folder:
        installed = InstalledRows(control.url, folder / "dags", {"store": store, "cache": str(folder / "cache")})
        installed.write_files()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ADMIN_USER", pg_server.user)
            patch.setenv("ADMIN_PASSWORD", pg_server.password)
            yield installed


@pytest.fixture
def administrator(pg_server: PostgresServer) -> Iterator[Connection]:
    with closing(psycopg2.connect(pg_server.url("postgres"))) as connection:
        connection.autocommit = True
        yield connection


@contextmanager
def closed(database: Database, administrator: Connection) -> Iterator[None]:
    """A database that lets nobody in until the block ends."""
    with administrator.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
        try:
            yield
        finally:
            cursor.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")


@contextmanager
def silent() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def deaf() -> Iterator[int]:
    """A port whose packets are dropped: its queue is full, and nobody takes from it."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        with suppress(TimeoutError):
            while True:
                stack.enter_context(socket.create_connection(server.getsockname(), timeout=0.5))
        yield server.getsockname()[1]


@pytest.fixture(scope="module")
def shell(airflow_environment: AirflowEnvironment, pg_server: PostgresServer) -> Iterator[Shell]:
    with temporary_folder("datasurface-airflow-") as home:
        variables = airflow_variables(airflow_environment, home, home / "dags", f"sqlite:///{home}/none.db", 1)
        secret = {"ADMIN_USER": pg_server.user, "ADMIN_PASSWORD": pg_server.password}
        with opened(airflow_environment, {**variables, **secret}, home / "shell.log") as process:
            yield process


def test_of_many_rows_a_poisoned_one_is_broken_where_an_operator_sees_it(rows: InstalledRows, shell: Shell) -> None:
    rows.write_rows(POISONED_AMONG)
    whole = shell.parse(rows.file)
    rows.poison("Store7")
    poisoned = shell.parse(rows.file)
    assert not poisoned.errors
    assert set(poisoned.dags) == {name_of(number) for number in range(POISONED_AMONG)}
    assert {name for name in whole.dags if whole.dags[name] != poisoned.dags[name]} == {name_of(7)}
    assert list(poisoned.broken) == [name_of(7)]
    assert "schedule: it is missing" in poisoned.broken[name_of(7)]


def test_of_several_files_each_makes_its_share_also_while_the_database_is_down(
    rows: InstalledRows, control: Database, shell: Shell, administrator: Connection
) -> None:
    rows.write_rows(POISONED_AMONG)
    shared = evolve(rows, dags=rows.dags.with_name("shared"), settings={**rows.settings, "files": 3})
    shared.write_files()
    found = [shell.parse(file) for file in shared.files]
    assert [each.errors for each in found] == [{}, {}, {}]
    assert sorted(name for each in found for name in each.dags) == sorted(map(name_of, range(POISONED_AMONG)))
    assert min(len(each.dags) for each in found) > POISONED_AMONG / 9
    with closed(control, administrator):
        assert [shell.parse(file).dags for file in shared.files] == [each.dags for each in found]


def test_a_thousand_rows_are_read_in_less_than_a_second(rows: InstalledRows) -> None:
    rows.write_rows(MANY)
    seconds = []
    for _ in range(3):
        begun = perf_counter()
        assert len(fetch_all(rows.installation)) == MANY
        seconds.append(perf_counter() - begun)
    assert min(seconds) < 1


def test_all_dags_stay_while_the_database_is_down(
    rows: InstalledRows, control: Database, shell: Shell, administrator: Connection
) -> None:
    rows.write_rows(20)
    before = shell.parse(rows.file)
    with closed(control, administrator):
        meanwhile = shell.parse(rows.file)
    assert (meanwhile.dags, meanwhile.errors) == (before.dags, {})


def test_all_dags_stay_while_the_database_is_slow(rows: InstalledRows, shell: Shell) -> None:
    rows.write_rows(20)
    before = shell.parse(rows.file)
    with closing(psycopg2.connect(rows.database_url)) as session, session.cursor() as cursor:
        cursor.execute(f"LOCK {TABLE}")
        meanwhile = shell.parse(rows.file)
    assert (meanwhile.dags, meanwhile.errors) == (before.dags, {})
    assert 5 <= meanwhile.seconds[0] < 15, "a statement has five seconds"


@pytest.mark.parametrize("host", ["says nothing", "drops packets"])
def test_all_dags_stay_while_the_database_does_not_answer(rows: InstalledRows, shell: Shell, host: str) -> None:
    rows.write_rows(20)
    before = shell.parse(rows.file)
    with (silent if host == "says nothing" else deaf)() as port:
        store = f"postgresql://127.0.0.1:{port}/nothing?credential=admin"
        away = evolve(rows, dags=rows.dags.with_name(f"port-{port}"), settings={**rows.settings, "store": store})
        away.write_files()
        Kept.of(away.installation).store(fetch_all(rows.installation))
        meanwhile = shell.parse(away.file)
    assert (set(meanwhile.dags), meanwhile.errors) == (set(before.dags), {})
    assert meanwhile.seconds[0] < LIMIT


def test_an_unreadable_cache_costs_no_dag_and_without_any_rows_the_file_says_why(
    rows: InstalledRows, shell: Shell
) -> None:
    rows.write_rows(20)
    before = shell.parse(rows.file)
    kept = Kept.of(rows.installation).path
    kept.write_bytes(b"\xff torn")
    assert shell.parse(rows.file).dags == before.dags
    kept.write_bytes(b"\xff torn")
    rows.execute(f"ALTER TABLE {TABLE} RENAME TO elsewhere")
    without = shell.parse(rows.file)
    rows.execute(f"ALTER TABLE elsewhere RENAME TO {TABLE}")
    assert not without.dags
    [error] = without.errors.values()
    assert "the control database cannot be read" in error
    assert "there are no rows of before" in error


def test_what_is_serialised_is_the_same_each_time(rows: InstalledRows, shell: Shell) -> None:
    rows.write_rows(3)
    assert len(set(shell.parse(rows.file, times=PARSES).hashes)) == 1


def test_a_worker_makes_one_dag_in_the_same_time_among_few_and_many(rows: InstalledRows, shell: Shell) -> None:
    seconds = {}
    for number in (10, 5 * MANY):
        rows.write_rows(number)
        alone = shell.parse(rows.file, times=5, dag=name_of(9))
        assert list(alone.dags) == [name_of(9)]
        seconds[number] = min(alone.seconds)
    assert seconds[5 * MANY] < 3 * seconds[10] + 0.05
