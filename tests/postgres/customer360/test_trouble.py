"""The simulator in trouble: other writers, crashes between log and commit, a producer that refuses or goes away."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface_yellow.simulator.changes import ADDRESSES, Change, ChangeKind, Operation, replay, with_rows
from datasurface_yellow.simulator.database import read_snapshot, take_turn
from datasurface_yellow.simulator.errors import ChangeLogError, SimulatorError
from datasurface_yellow.simulator.log import ChangeLog, read_log
from datasurface_yellow.simulator.options import SimulatorOptions
from tests.postgres.customer360.test_simulator import quick, run
from tests.support.databases import Database, MakeDatabase


def execute(connection: Connection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_others_write_meanwhile_is_neither_overwritten_nor_in_the_way(
    producer: Database, connection: Connection
) -> None:
    known = read_snapshot(connection)

    def somebody_else(change: Change) -> None:
        nonlocal known
        assert [row.before for row in change.rows] == [known[row.table].get(row.key) for row in change.rows]
        assert read_snapshot(connection) == with_rows(known, change.rows)
        execute(connection, "UPDATE public.customers SET phone = 'by hand at ' || clock_timestamp()")
        execute(
            connection,
            """
            DELETE FROM public.addresses AS a
            WHERE NOT EXISTS (
                SELECT FROM public.customers AS c WHERE a.id IN (c."primaryAddressId", c."billingAddressId")
            )
            """,
        )
        known = read_snapshot(connection)

    assert run(producer, quick(100), somebody_else) == 100


def test_an_id_that_somebody_else_took_is_passed_over(producer: Database, connection: Connection) -> None:
    inserted: list[str] = []

    def somebody_else(change: Change) -> None:
        inserted.extend(row.key for row in change.rows if row.operation is Operation.INSERT)
        if change.number == 1:
            execute(connection, "INSERT INTO public.addresses VALUES ('A2010', 'C1001', 'S', 'C', 'T', '78701')")

    run(producer, evolve(quick(2), weights={ChangeKind.ADDRESS_INSERT: 1.0}), somebody_else)

    assert inserted == ["A2009", "A2011"]
    assert read_snapshot(connection)[ADDRESSES]["A2010"]["city"] == "C"


def test_a_producer_that_refuses_every_change_is_one_clear_error(producer: Database, connection: Connection) -> None:
    for table in ("customers", "addresses"):
        execute(connection, f"ALTER TABLE public.{table} ADD CONSTRAINT frozen CHECK (false) NOT VALID")
    initial = read_snapshot(connection)

    with pytest.raises(SimulatorError, match=r"no change could be written in 10 tries; .* violates check constraint"):
        run(producer, quick(5))

    assert read_snapshot(connection) == initial


def test_a_second_simulator_on_one_database_is_refused(producer: Database, connection: Connection) -> None:
    take_turn(connection)
    with closing(psycopg2.connect(producer.url)) as second:
        with pytest.raises(SimulatorError, match="another simulator is changing this database"):
            take_turn(second, patience=timedelta(milliseconds=20))
        second.rollback()
        connection.close()

        take_turn(second)


def test_a_run_keeps_its_turn_to_the_end_and_then_gives_it_up(producer: Database, connection: Connection) -> None:
    refused: list[int] = []

    def try_too(change: Change) -> None:
        with pytest.raises(SimulatorError, match="another simulator is changing this database"):
            take_turn(connection, patience=timedelta(milliseconds=1))
        refused.append(change.number)

    run(producer, quick(3), try_too)

    assert refused == [1, 2, 3]
    take_turn(connection)


def test_a_lost_connection_is_one_clear_error_and_the_log_stays_true(
    producer: Database, connection: Connection, tmp_path: Path
) -> None:
    initial = read_snapshot(connection)

    def cut(change: Change) -> None:
        if change.number == 3:
            execute(
                connection,
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )

    with pytest.raises(SimulatorError, match="no connection to the producer: ") as caught:
        run(producer, quick(5, log=tmp_path / "log"), cut)

    assert "\n" not in caught.value.message
    assert replay(initial, read_log(tmp_path / "log")) == read_snapshot(connection)


def test_after_a_crash_before_the_commit_the_line_is_taken_back_and_its_number_given_again(
    producer: Database, connection: Connection, tmp_path: Path
) -> None:
    initial = read_snapshot(connection)
    log = tmp_path / "log"
    run(producer, quick(5, log=log))
    _write_line_of_a_transaction(connection, log, commit=False)

    assert run(producer, quick(3, seed=2, log=log)) == 3

    changes = read_log(log)
    assert [change.number for change in changes] == list(range(1, 9))
    assert replay(initial, changes) == read_snapshot(connection)


def test_after_a_crash_behind_the_commit_the_line_stays(
    producer: Database, connection: Connection, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    run(producer, quick(2, log=log))
    written = _write_line_of_a_transaction(connection, log, commit=True)

    run(producer, quick(0, log=log))

    assert read_log(log)[-1] == written


def _write_line_of_a_transaction(connection: Connection, path: Path, *, commit: bool) -> Change:
    """What a simulator leaves behind that dies between its log and the end of its transaction."""
    with ChangeLog(path) as log, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_current_xact_id()::text")
        [(xid,)] = cursor.fetchall()
        assert log.last is not None
        change = evolve(log.last, number=log.last.number + 1, xid=int(xid))
        log.write(change)
        cursor.execute("COMMIT" if commit else "ROLLBACK")
    return change


def test_a_log_of_another_server_is_not_continued(producer: Database, tmp_path: Path) -> None:
    log = tmp_path / "log"
    run(producer, quick(1, log=log))
    [change] = read_log(log)
    with ChangeLog(log) as open_log:
        open_log.write(evolve(change, number=2, xid=2**40))

    with pytest.raises(ChangeLogError, match="was not written on this database server"):
        run(producer, quick(1, log=log))

    assert len(read_log(log)) == 2


def test_a_producer_without_tables_is_an_error_that_names_the_remedy(make_database: MakeDatabase) -> None:
    with pytest.raises(
        SimulatorError, match=r'lacks a table or column: relation "public\..*" does not exist'
    ) as caught:
        run(make_database("empty"), quick(1))

    assert caught.value.hint == "create them with --create"


def test_a_role_that_may_only_read_is_an_error_that_says_so(producer: Database, connection: Connection) -> None:
    execute(connection, "CREATE ROLE simulator_reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO simulator_reader")
    try:
        as_reader = Database(producer.name, f"{producer.url}?options=-crole%3Dsimulator_reader")

        with pytest.raises(SimulatorError, match="the producer refuses: permission denied for table"):
            run(as_reader, quick(1))
    finally:
        execute(connection, "DROP OWNED BY simulator_reader; DROP ROLE simulator_reader")


def test_a_value_that_the_tables_cannot_hold_is_one_clear_error(producer: Database, connection: Connection) -> None:
    execute(
        connection, 'ALTER TABLE public.addresses ALTER COLUMN "streetName" TYPE varchar(3) USING left("streetName", 3)'
    )
    options = SimulatorOptions(max_changes=1, weights={ChangeKind.ADDRESS_INSERT: 1})

    with pytest.raises(SimulatorError, match="the producer refuses a change: value too long"):
        run(producer, options)
