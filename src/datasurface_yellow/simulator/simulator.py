"""Changes the producer, one transaction after another, until told to stop."""

from collections.abc import Callable
from contextlib import closing, nullcontext
from random import Random
from threading import Event

import psycopg2
from attrs import define, field

from datasurface_yellow.simulator.changes import Change
from datasurface_yellow.simulator.database import (
    NEXT_TRY_MAY_WORK,
    Connection,
    RowsMoved,
    read_snapshot,
    settle,
    take_turn,
    write_rows,
)
from datasurface_yellow.simulator.errors import SimulatorError
from datasurface_yellow.simulator.log import ChangeLog
from datasurface_yellow.simulator.options import SimulatorOptions
from datasurface_yellow.simulator.plan import Planner, ProducerState

_TRIES = 10


def run_simulator(
    connect: Callable[[], Connection], options: SimulatorOptions, on_change: Callable[[Change], None], stop: Event
) -> int:
    """Makes changes and returns how many.

    Args:
        connect: opens a connection to the producer; it is closed at the end.
        on_change: called after the commit of each change.
        stop: when set, the change at hand is finished and the call returns; a pause ends at once.

    Raises:
        SimulatorError: the producer cannot be reached or refuses, or the connection is lost. A change in hand is rolled
            back; if the connection breaks in the commit itself, the next start with the same log finds out.
        ChangeLogError: the log cannot be written, or does not belong to this producer.
    """
    try:
        with closing(connect()) as connection:
            connection.autocommit = False
            take_turn(connection)
            with nullcontext() if options.log is None else ChangeLog(options.log) as log:
                if log is not None:
                    settle(connection, log)
                state = ProducerState.of(read_snapshot(connection))
                writer = _Writer(connection, log, state, Planner(options.seed, options.weights))
                return _make_changes(writer, options, on_change, stop)
    except psycopg2.Error as error:
        raise _explained(error) from error


def _make_changes(
    writer: "_Writer", options: SimulatorOptions, on_change: Callable[[Change], None], stop: Event
) -> int:
    # Pauses have a chance of their own, so that their range has no influence on what is changed.
    pauses = Random(f"{options.seed} pauses")  # noqa: S311 (no secret)
    made = 0
    while made != options.max_changes and not stop.is_set():
        on_change(writer.make_change())
        made += 1
        if made != options.max_changes:
            stop.wait(pauses.uniform(options.min_interval, options.max_interval))
    return made


@define
class _Writer:
    connection: Connection
    log: ChangeLog | None
    state: ProducerState
    planner: Planner
    next_number: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.next_number = 1 if self.log is None or self.log.last is None else self.log.last.number + 1

    def make_change(self) -> Change:
        """Plans, writes and commits one change; plans anew when another program was in the way."""
        reason = ""
        for _ in range(_TRIES):
            try:
                return self._commit_next()
            except (RowsMoved, *NEXT_TRY_MAY_WORK) as error:
                self.connection.rollback()
                reason = str(error).split("\n")[0]
                self.state = self.state.reloaded(read_snapshot(self.connection))
        raise SimulatorError(
            f"no change could be written in {_TRIES} tries; the last one failed: {reason}",
            hint="stop other programs that write to the producer; use tables as --create makes them",
        )

    def _commit_next(self) -> Change:
        planned = self.planner.next_change(self.state)
        xid, at = write_rows(self.connection, planned.rows)
        change = Change(self.next_number, at, xid, planned.kind, planned.rows)
        if self.log is not None:
            self.log.write(change)
        self.connection.commit()
        self.state = self.state.after(planned.rows)
        self.next_number += 1
        return change


def _explained(error: psycopg2.Error) -> SimulatorError:
    reason = error.diag.message_primary or " ".join(str(error).split())
    match error:
        case psycopg2.errors.UndefinedTable() | psycopg2.errors.UndefinedColumn():
            return SimulatorError(f"the producer lacks a table or column: {reason}", hint="create them with --create")
        case psycopg2.errors.InsufficientPrivilege():
            return SimulatorError(
                f"the producer refuses: {reason}", hint="use a role that may read and write customers and addresses"
            )
        case psycopg2.OperationalError() | psycopg2.InterfaceError():
            return SimulatorError(
                f"no connection to the producer: {reason}",
                hint="start again when the server is back; with the same --log it goes on where this one stopped",
            )
    return SimulatorError(f"the producer refuses a change: {reason}", hint="use tables as --create makes them")
