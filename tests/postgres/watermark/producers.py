"""Producers with transactions of their own, and what a reader by watermark must make of them: the oracle."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg2
from attrs import define, field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.types import BigInt, DataType, Timestamp
from tests.postgres.watermark.reading import ORDERS
from tests.support.databases import Database
from tests.support.stage import TextRow

NEVER = None
"""The watermark of a row that has none."""


@frozen
class Clock:
    """How the tests' whole numbers are written as watermarks of a type."""

    type: DataType
    window: timedelta | int
    window_in_ticks: int

    def text(self, tick: int | None) -> str | None:
        """The watermark of a tick, as the server prints it."""
        if tick is None:
            return None
        if isinstance(self.type, BigInt):
            return str(tick)
        instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=tick)
        return f"{instant:%Y-%m-%d %H:%M:%S.%f}".rstrip("0").rstrip(".") + "+00"


CLOCKS = (
    Clock(BigInt(), 3, 3),
    Clock(Timestamp(timezone=True), timedelta(microseconds=3), 3),
)


@frozen
class Write:
    """A producer writes a row in its open transaction, or begins one with it.

    Attributes:
        lag: how far its watermark is behind the clock: None where it has none.
    """

    producer: int
    key: int
    lag: int | None


@frozen
class Delete:
    """A producer deletes a row in its open transaction."""

    producer: int
    key: int


@frozen
class End:
    """A producer commits its transaction, or takes it back."""

    producer: int
    commits: bool


@frozen
class Read:
    """A batch."""


Step = Write | Delete | End | Read

Row = tuple[str, int | None]
"""What is in a row, and its watermark in ticks."""


@define
class Model:
    """The rows that are committed, those that nobody has committed yet, and what was read of them.

    Attributes:
        live: what the merge table must hold.
        batches: the same after every batch.
        late: keys whose row became visible below the window, and was not written again since.
    """

    window: int
    now: int = 0
    committed: dict[int, Row] = field(factory=dict)
    open: dict[int, dict[int, Row | None]] = field(factory=dict)
    live: dict[int, Row] = field(factory=dict)
    mark: int | None = None
    batches: list[dict[int, Row]] = field(factory=list)
    late: set[int] = field(factory=set)

    def write(self, step: Write) -> Row:
        """The row that the producer writes now."""
        self.now += 1
        row = (f"written at {self.now}", None if step.lag is None else self.now - step.lag)
        self.open.setdefault(step.producer, {})[step.key] = row
        return row

    def delete(self, step: Delete) -> None:
        self.now += 1
        self.open.setdefault(step.producer, {})[step.key] = None

    def end(self, step: End) -> None:
        for key, row in self.open.pop(step.producer, {}).items():
            if not step.commits:
                continue
            self.late.discard(key)
            if row is None:
                self.committed.pop(key, None)
                continue
            self.committed[key] = row
            if row[1] is not None and self.mark is not None and row[1] < self.mark - self.window:
                self.late.add(key)

    def read(self) -> None:
        """What a batch must do: take what is in the window or has no watermark, and delete nothing."""
        low = None if self.mark is None else self.mark - self.window
        for key, (what, tick) in self.committed.items():
            if tick is None or low is None or tick >= low:
                self.live[key] = (what, tick)
        ticks = [tick for _, tick in self.committed.values() if tick is not None]
        self.mark = max([*ticks, *([] if self.mark is None else [self.mark])], default=None)
        self.batches.append(dict(self.live))


class Producers:
    """Sessions on the producer's table that write what the model says."""

    def __init__(self, sessions: Sequence[Connection], table: str, clock: Clock) -> None:
        self._sessions, self._table, self._clock = sessions, table, clock

    def write(self, step: Write, row: Row) -> None:
        """A row in the place of the one of its key."""
        self._execute(step.producer, f"DELETE FROM {self._table} WHERE id = %s", step.key)  # noqa: S608
        values = step.key, row[0], self._clock.text(row[1])
        self._execute(step.producer, f"INSERT INTO {self._table} VALUES (%s, %s, %s)", *values)  # noqa: S608

    def delete(self, step: Delete) -> None:
        """No row of the key."""
        self._execute(step.producer, f"DELETE FROM {self._table} WHERE id = %s", step.key)  # noqa: S608

    def end(self, step: End) -> None:
        """The end of the transaction."""
        session = self._sessions[step.producer]
        session.commit() if step.commits else session.rollback()

    def _execute(self, producer: int, statement: str, *values: object) -> None:
        with self._sessions[producer].cursor() as cursor:
            cursor.execute(statement, values)


@contextmanager
def producers(database: Database, table: str, clock: Clock, number: int) -> Iterator[Producers]:
    """So many producers of a table; what they have not committed at the end is lost."""
    sessions = [psycopg2.connect(database.url, options="-c timezone=UTC") for _ in range(number)]
    try:
        yield Producers(sessions, table, clock)
    finally:
        for session in sessions:
            session.close()


def as_rows(clock: Clock, held: Mapping[int, Row]) -> set[TextRow]:
    """The model's rows as the servers print them."""
    return {(str(key), what, clock.text(tick)) for key, (what, tick) in held.items()}


__all__ = ["CLOCKS", "ORDERS", "Clock", "Delete", "End", "Model", "Producers", "Read", "Step", "Write", "as_rows"]
