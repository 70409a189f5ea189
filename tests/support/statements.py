"""The statements that the engine's sessions send, one by one: a listener hears of each before it is sent and after it
was answered, in the thread that sends it, and may end the session, the process, or wait.

The engine is as it is: only the driver's ``connect`` makes connections and cursors of other classes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, BinaryIO, Protocol

import psycopg2
import pytest
from attrs import frozen
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor


class When(Enum):
    """Where in a statement's life a moment is."""

    BEFORE = "before"
    WITHIN = "within"
    """Rows have come into a COPY FROM, and it is not known yet whether more will."""
    AFTER = "after"


@frozen
class Moment:
    """A moment in the life of a session.

    Attributes:
        place: what the database is called.
        session: which session of the job in that database it is, from 1.
        number: of the statement in its session, from 1.
        statement: its first words.
    """

    place: str
    session: int
    number: int
    when: When
    statement: str


class Listener(Protocol):
    """What hears of the moments."""

    def __call__(self, moment: Moment, session: "HeardConnection", /) -> None:
        """The moment has come; the statement goes on when this returns."""
        ...


class HeardConnection(Connection):
    """A session whose statements are heard. Commits and rollbacks are statements too."""

    place = ""
    ordinal = 0
    count = 0
    listener: Listener | None = None

    def commit(self) -> None:
        self.around("COMMIT", super().commit)

    def rollback(self) -> None:
        self.around("ROLLBACK", super().rollback)

    def around(self, statement: str, send: Callable[[], None]) -> None:
        """Send a statement, and let the listener hear of it."""
        self.count += 1
        self.tell(When.BEFORE, statement)
        send()
        self.tell(When.AFTER, statement)

    def tell(self, when: When, statement: str) -> None:
        """Tell of the statement that is at work."""
        if self.listener is not None:
            self.listener(Moment(self.place, self.ordinal, self.count, when, _first_words(statement)), self)


@frozen
class At:
    """A listener that does something when one moment comes."""

    moment: Moment
    do: Callable[[HeardConnection], None]

    def __call__(self, moment: Moment, session: HeardConnection) -> None:
        if moment == self.moment:
            self.do(session)


class _HeardCursor(Cursor):
    def execute(self, query: Any, vars: Any = None) -> None:
        session, send = self.connection, super().execute
        if isinstance(session, HeardConnection):
            session.around(str(query), lambda: send(query, vars))

    def copy_expert(self, sql: Any, file: Any, size: int = 8192) -> None:
        session, send = self.connection, super().copy_expert
        if isinstance(session, HeardConnection):
            pipe = _HeardPipe(file, session, str(sql)) if "FROM STDIN" in str(sql) else file
            session.around(str(sql), lambda: send(sql, pipe, size))


class _HeardPipe:
    """What a COPY FROM reads from; tells when the first rows have been taken and the next are asked for."""

    def __init__(self, pipe: BinaryIO, session: HeardConnection, statement: str) -> None:
        self._pipe, self._session, self._statement = pipe, session, statement
        self._reads = 0

    def read(self, size: int = -1, /) -> bytes:
        self._reads += 1
        if self._reads == 2:
            self._session.tell(When.WITHIN, self._statement)
        return self._pipe.read(size)

    def readline(self, size: int = -1, /) -> bytes:
        return self._pipe.readline(size)


@contextmanager
def heard(listener_for: Callable[[str], Listener | None], places: Mapping[str, str]) -> Iterator[None]:
    """Let all sessions that the engine opens in this block be heard.

    Args:
        listener_for: called in the thread that opens a session, with the place's name.
        places: what to call a database, by its name.
    """
    connect = psycopg2.connect
    ordinals: dict[tuple[Listener | None, str], int] = {}

    def listening(*args: Any, **settings: Any) -> Connection:
        if not str(settings.get("application_name", "")).startswith("datasurface "):
            other: Connection = connect(*args, **settings)
            return other
        kind = _heard_kind(settings.get("connection_factory", Connection))
        session: HeardConnection = connect(
            *args, **{**settings, "connection_factory": kind, "cursor_factory": _HeardCursor}
        )
        place = places[str(settings["dbname"])]
        session.place, session.listener = place, listener_for(place)
        session.ordinal = ordinals[session.listener, place] = ordinals.get((session.listener, place), 0) + 1
        return session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg2, "connect", listening)
        yield


def _heard_kind(kind: type[Connection]) -> type[HeardConnection]:
    """A heard session that is of this kind, too."""
    return HeardConnection if kind is Connection else type(f"Heard{kind.__name__}", (HeardConnection, kind), {})


def _first_words(statement: str) -> str:
    lines = [line for line in statement.splitlines() if line.strip() and not line.lstrip().startswith("--")]
    return " ".join(" ".join(lines).split())[:200]
