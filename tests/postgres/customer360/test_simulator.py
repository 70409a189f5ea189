"""The simulator on a real producer: what it writes, what it logs, and that one seed is one run."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import psycopg2
import pytest
from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface_yellow.simulator.changes import (
    ADDRESSES,
    CUSTOMERS,
    Change,
    ChangeKind,
    Snapshot,
    replay,
    visible,
)
from datasurface_yellow.simulator.database import read_snapshot
from datasurface_yellow.simulator.log import read_log
from datasurface_yellow.simulator.options import SimulatorOptions
from datasurface_yellow.simulator.simulator import run_simulator
from tests.postgres.customer360.conftest import MakeProducer
from tests.support.databases import Database


def quick(changes: int | None, seed: int = 1, log: Path | None = None) -> SimulatorOptions:
    return SimulatorOptions(max_changes=changes, min_interval=0, max_interval=0, seed=seed, log=log)


def run(
    database: Database,
    options: SimulatorOptions,
    on_change: Callable[[Change], None] = lambda _: None,
    stop: Event | None = None,
) -> int:
    return run_simulator(lambda: psycopg2.connect(database.url), options, on_change, stop or Event())


def timeless(changes: list[Change]) -> list[Change]:
    """The changes without what differs from run to run."""
    return [evolve(change, at=datetime.min.replace(tzinfo=UTC), xid=0) for change in changes]


@pytest.mark.short
def test_after_200_changes_the_log_replayed_is_what_the_tables_hold(
    producer: Database, connection: Connection, tmp_path: Path
) -> None:
    initial = read_snapshot(connection)
    seen: list[Change] = []

    made = run(producer, quick(200, log=tmp_path / "log"), seen.append)

    changes = read_log(tmp_path / "log")
    assert made == 200
    assert changes == seen
    assert [change.number for change in changes] == list(range(1, 201))
    assert {change.kind for change in changes} == set(ChangeKind)
    assert replay(initial, changes) == read_snapshot(connection)


def test_after_200_changes_every_customer_points_to_addresses_of_its_own(
    producer: Database, connection: Connection
) -> None:
    run(producer, quick(200))

    state = read_snapshot(connection)
    for key, row in state[CUSTOMERS].items():
        for reference in (row["primaryAddressId"], row["billingAddressId"]):
            assert reference is None or state[ADDRESSES][str(reference)]["customerId"] == key
    assert {row["customerId"] for row in state[ADDRESSES].values()} == set(state[CUSTOMERS])


def test_one_seed_on_the_same_rows_makes_the_same_changes_whatever_the_pauses(
    make_producer: MakeProducer, tmp_path: Path
) -> None:
    first, second, other = tmp_path / "first", tmp_path / "second", tmp_path / "other"

    run(make_producer(), quick(60, seed=11, log=first))
    run(make_producer(), evolve(quick(60, seed=11, log=second), max_interval=0.002))
    run(make_producer(), quick(60, seed=12, log=other))

    assert timeless(read_log(first)) == timeless(read_log(second))
    assert timeless(read_log(first)) != timeless(read_log(other))


def test_times_and_transactions_grow_with_the_number(producer: Database, tmp_path: Path) -> None:
    run(producer, quick(30, log=tmp_path / "log"))

    changes = read_log(tmp_path / "log")
    assert all(change.at.utcoffset() is not None for change in changes)
    for earlier, later in pairwise(changes):
        assert (earlier.at, earlier.xid) < (later.at, later.xid)


def test_a_snapshot_taken_meanwhile_is_the_replay_of_the_changes_that_it_sees(
    producer: Database, connection: Connection, tmp_path: Path
) -> None:
    initial = read_snapshot(connection)
    stop = Event()
    simulator = Thread(target=run, args=(producer, quick(None, log=tmp_path / "log")), kwargs={"stop": stop})
    simulator.start()
    taken = [_snapshot_with_rows(connection)]
    states = 1
    try:
        while states < 30:
            taken.append(_snapshot_with_rows(connection))
            states += taken[-1][1] != taken[-2][1]
    finally:
        stop.set()
        simulator.join()

    changes = read_log(tmp_path / "log")
    for text, rows in taken:
        assert replay(initial, [change for change in changes if visible(change.xid, text)]) == rows


def _snapshot_with_rows(connection: Connection) -> tuple[str, Snapshot]:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_current_snapshot()::text")
        [(text,)] = cursor.fetchall()
        rows = read_snapshot(connection)
        cursor.execute("ROLLBACK")
    return text, rows


def test_visibility_is_the_server_s(connection: Connection) -> None:
    snapshots = ["100:110:", "100:110:100", "100:110:101,105,109", "110:110:", "4294967300:4294967310:4294967305"]
    xids = [3, 99, *range(100, 112), *range(4294967299, 4294967312)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT x, s, pg_visible_in_snapshot(x::text::xid8, s::pg_snapshot)
            FROM unnest(%s::bigint[]) AS x, unnest(%s::text[]) AS s
            """,
            (xids, snapshots),
        )
        answers = cursor.fetchall()

    assert [(xid, text, visible(xid, text)) for xid, text, _ in answers] == answers


def test_a_change_is_committed_when_it_is_reported(producer: Database, connection: Connection) -> None:
    initial = read_snapshot(connection)
    seen: list[Change] = []

    def compare(change: Change) -> None:
        seen.append(change)
        assert read_snapshot(connection) == replay(initial, seen)

    assert run(producer, quick(20), compare) == 20


def test_no_changes_were_asked_for_and_none_are_made(
    producer: Database, connection: Connection, tmp_path: Path
) -> None:
    initial = read_snapshot(connection)

    assert run(producer, quick(0, log=tmp_path / "log")) == 0

    assert read_snapshot(connection) == initial
    assert read_log(tmp_path / "log") == []


def test_a_stop_ends_the_longest_pause_at_once(producer: Database) -> None:
    stop = Event()
    options = evolve(quick(None), min_interval=10_000, max_interval=10_000)

    assert run(producer, options, lambda _: stop.set(), stop) == 1


def test_a_stop_that_came_before_the_start_means_no_change(producer: Database) -> None:
    stop = Event()
    stop.set()

    assert run(producer, quick(None), stop=stop) == 0


def test_the_last_change_is_not_followed_by_a_pause(producer: Database) -> None:
    assert run(producer, evolve(quick(1), min_interval=10_000, max_interval=10_000)) == 1


def test_a_run_begins_in_an_empty_producer_too(producer: Database, connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE public.customers, public.addresses")

    assert run(producer, quick(20)) == 20

    assert {"C1001", "C1002"} <= set(read_snapshot(connection)[CUSTOMERS])
