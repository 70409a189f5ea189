"""The command as a process: exit codes, signals, and what is printed where."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.simulator.changes import replay
from datasurface_yellow.simulator.database import read_snapshot
from datasurface_yellow.simulator.log import read_log
from tests.postgres.customer360.test_simulator import quick, run
from tests.support.databases import Database

QUICK = ("--min-interval", "0", "--max-interval", "0.01", "--seed", "5")
Simulate = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def command(pg_server: PostgresServer, producer: Database) -> list[str]:
    """The command on the test's producer; its password is in the environment."""
    url = f"postgresql://{pg_server.user}@{pg_server.host}:{pg_server.port}/{producer.name}"
    return [sys.executable, "-m", "datasurface_yellow.simulator", "--url", url]


@pytest.fixture
def environment(pg_server: PostgresServer) -> dict[str, str]:
    return {**os.environ, "CUSTOMER_DB_PASSWORD": pg_server.password}


@pytest.fixture
def simulate(command: list[str], environment: dict[str, str]) -> Simulate:
    """``simulate(*arguments)``: a run to its end."""
    return lambda *arguments: subprocess.run(
        [*command, *arguments], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def start(command: list[str], environment: dict[str, str]) -> Iterator[Start]:
    """``start(*arguments)``: a run that goes on; killed at the end of the test."""
    with ExitStack() as running:

        def begin(*arguments: str) -> subprocess.Popen[str]:
            process = running.enter_context(
                subprocess.Popen(
                    [*command, *arguments],
                    env=environment,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            running.callback(process.kill)
            return process

        yield begin


def lines(stream: IO[str] | None, count: int) -> list[str]:
    """So many lines, as soon as they are there."""
    assert stream is not None
    return [stream.readline() for _ in range(count)]


def test_a_run_prints_a_line_per_change_and_a_summary(simulate: Simulate) -> None:
    done = simulate("--max-changes", "8", *QUICK)

    *changes, summary = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in changes] == [f"#{number}" for number in range(1, 9)]
    assert summary.startswith("8 changes in customer_db")
    assert "seed 5" in summary


def test_with_json_standard_output_holds_one_document_and_nothing_else(simulate: Simulate, tmp_path: Path) -> None:
    done = simulate("--max-changes", "8", *QUICK, "--json", "--log", str(tmp_path / "log"))

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["changes"] == sum(document["kinds"].values()) == len(read_log(tmp_path / "log")) == 8
    assert (document["seed"], document["stopped_by"]) == (5, "max-changes")
    assert len(done.stderr.splitlines()) == 8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_0_and_a_log_of_every_change(
    start: Start, connection: Connection, tmp_path: Path, number: signal.Signals
) -> None:
    initial = read_snapshot(connection)
    process = start(*QUICK, "--json", "--log", str(tmp_path / "log"))
    lines(process.stderr, 5)

    process.send_signal(number)
    output, errors = process.communicate(timeout=60)

    changes = read_log(tmp_path / "log")
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert json.loads(output)["changes"] == len(changes) >= 5
    assert json.loads(output)["stopped_by"] == "signal"
    assert replay(initial, changes) == read_snapshot(connection)


def test_a_signal_ends_a_long_pause_at_once(start: Start) -> None:
    process = start("--min-interval", "10000", "--max-interval", "10000")
    lines(process.stdout, 1)

    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert output.startswith("1 change in customer_db")


def test_a_second_ctrl_c_breaks_off_a_change_that_the_database_holds_up(
    start: Start, producer: Database, connection: Connection, tmp_path: Path
) -> None:
    initial = read_snapshot(connection)
    with connection.cursor() as cursor:
        # should the signals do nothing, the server frees the tables and the run ends in another way
        cursor.execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = '20s'")
        cursor.execute("LOCK TABLE public.customers, public.addresses IN EXCLUSIVE MODE")
        process = start(*QUICK, "--log", str(tmp_path / "log"))
        _wait_until_somebody_waits(producer)

        process.send_signal(signal.SIGINT)
        lines(process.stderr, 1)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        cursor.execute("ROLLBACK")

    assert process.returncode == -signal.SIGINT
    assert read_log(tmp_path / "log") == []
    run(producer, quick(0, log=tmp_path / "log"))
    assert read_snapshot(connection) == initial


def _wait_until_somebody_waits(producer: Database) -> None:
    with psycopg2.connect(producer.url) as watching, watching.cursor() as cursor:
        watching.autocommit = True
        waiting = 0
        while not waiting:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'")
            [(waiting,)] = cursor.fetchall()
    watching.close()


@pytest.mark.parametrize("killed_after", [1, 2, 5, 9, 14])
def test_killed_at_any_moment_the_log_holds_every_committed_change_after_the_next_start(
    start: Start, simulate: Simulate, connection: Connection, tmp_path: Path, killed_after: int
) -> None:
    initial = read_snapshot(connection)
    log = tmp_path / "log"
    process = start("--min-interval", "0", "--max-interval", "0", "--log", str(log))
    lines(process.stdout, killed_after)

    process.kill()
    process.wait(timeout=60)

    assert simulate("--max-changes", "2", *QUICK, "--log", str(log)).returncode == 0
    changes = read_log(log)
    assert len(changes) >= killed_after + 2
    assert [change.number for change in changes] == list(range(1, len(changes) + 1))
    assert replay(initial, changes) == read_snapshot(connection)


def test_a_disk_that_is_full_stops_the_run_and_the_last_change_is_not_committed(
    command: list[str], environment: dict[str, str], connection: Connection, tmp_path: Path
) -> None:
    initial = read_snapshot(connection)
    log = tmp_path / "log"
    arguments = [*command[3:], *QUICK, "--log", str(log)]
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)); "
        "from datasurface_yellow.simulator.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )

    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *arguments], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: cannot write the log {log}: File too large\n")
    assert "Traceback" not in done.stderr
    assert log.stat().st_size == 5000
    assert replay(initial, read_log(log)) == read_snapshot(connection)


def test_create_makes_database_tables_and_seed_rows(
    pg_server: PostgresServer, environment: dict[str, str], connection: Connection
) -> None:
    name = "Brand-new producer"
    command = [sys.executable, "-m", "datasurface_yellow.simulator", "--create", "--max-changes", "0"]
    where = ["--host", pg_server.host, "--port", str(pg_server.port), "--user", pg_server.user, "--database", name]
    try:
        for _ in range(2):
            done = subprocess.run([*command, *where], env=environment, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, "")

        with psycopg2.connect(pg_server.url(name)) as created:
            assert [len(rows) for rows in read_snapshot(created).values()] == [5, 8]
        created.close()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def test_the_password_may_come_from_a_file(
    command: list[str], environment: dict[str, str], pg_server: PostgresServer, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{pg_server.password}\n", encoding="utf-8")
    del environment["CUSTOMER_DB_PASSWORD"]

    done = subprocess.run(
        [*command, "--max-changes", "1", "--password-file", str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (["--port", "1"], "Connection refused"),
        (["--port", "1", "--create"], "Connection refused"),
        (["--user", "nobody-here"], "password authentication failed"),
        (["--user", "nobody-here", "--create"], "password authentication failed"),
        (["--host", "no-such-host.invalid"], "could not translate host name"),
        (["--database", "no-such-database"], 'database "no-such-database" does not exist'),
    ],
)
def test_a_bad_connection_exits_with_1_and_one_clear_line(
    pg_server: PostgresServer, environment: dict[str, str], broken: list[str], reason: str
) -> None:
    where = ["--host", pg_server.host, "--port", str(pg_server.port), "--user", pg_server.user, "--max-changes", "1"]

    done = subprocess.run(
        [sys.executable, "-m", "datasurface_yellow.simulator", *where, *broken],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    message, hint = done.stderr.splitlines()
    assert done.returncode == 1
    assert message.startswith("Error: cannot connect to ")
    assert reason in message
    assert hint.startswith("Hint: check host")
    assert pg_server.password not in done.stderr
