"""What others notice of an apply: the locks that it holds, and how long a reader waits."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from itertools import pairwise
from time import monotonic

from attrs import define, field, frozen
from psycopg2.extensions import connection as Connection

from benchmarks.merge.servers import session_of
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.connection import execute, rows

_LOCKS = files(__package__).joinpath("sql/locks.sql").read_text(encoding="utf-8")
_PAUSE = 0.0005
"""Seconds between two looks: what is held for less may be missed."""


@frozen
class Look:
    """What was held at one moment.

    Attributes:
        begun, ended: seconds by the monotonic clock, before and after the server was asked.
        modes: the modes of locks.
    """

    begun: float
    ended: float
    modes: frozenset[str]


def held(looks: Sequence[Look]) -> dict[str, float]:
    """For how many seconds each mode was held at most: from the last look before that did not find it, or the first
    look of all, to the first one after."""
    found: dict[str, float] = {}
    for mode in sorted(frozenset[str]().union(*(look.modes for look in looks))):
        seconds, since = 0.0, None
        for before, look in pairwise([looks[0], *looks]):
            if mode in look.modes and since is None:
                since = before.begun
            elif mode not in look.modes and since is not None:
                seconds, since = seconds + look.ended - since, None
        found[mode] = seconds + (looks[-1].ended - since if since is not None else 0.0)
    return found


@define
class Watch:
    """What was seen while something else ran."""

    looks: list[Look] = field(factory=list)
    reads: list[float] = field(factory=list)

    def held(self) -> dict[str, float]:
        """For how many seconds each mode of lock was held at most."""
        return held(self.looks)

    @property
    def longest_read(self) -> float:
        """Seconds that the slowest query of the reader took."""
        return max(self.reads)


@contextmanager
def watching(server: PostgresServer, application: str, tables: Iterable[str], query: str) -> Iterator[Watch]:
    """Watch an application's locks on some tables of the merge database, and run a query again and again beside it."""
    watch, ended = Watch(), threading.Event()
    parameters = {"application": application, "tables": list(tables)}

    def look(session: Connection) -> None:
        begun = monotonic()
        modes = frozenset(str(mode) for (mode,) in rows(session, _LOCKS, parameters))
        watch.looks.append(Look(begun, monotonic(), modes))
        ended.wait(_PAUSE)

    def read(session: Connection) -> None:
        begun = monotonic()
        execute(session, query)
        watch.reads.append(monotonic() - begun)
        ended.wait(_PAUSE)

    threads = [_Repeating(server, act, ended) for act in (look, read)]
    for thread in threads:
        thread.start()
        thread.ready.wait()
    try:
        yield watch
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    for thread in threads:
        if thread.error is not None:
            raise thread.error


class _Repeating(threading.Thread):
    """Does something in a session of its own until the end; once at least before it is ready."""

    def __init__(self, server: PostgresServer, act: Callable[[Connection], None], ended: threading.Event) -> None:
        super().__init__(daemon=True)
        self._server, self._act, self._ended = server, act, ended
        self.ready = threading.Event()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with session_of(self._server, "merge") as session:
                session.autocommit = True
                self._act(session)
                self.ready.set()
                while not self._ended.is_set():
                    self._act(session)
                self._act(session)
        except Exception as error:
            self.error = error
        finally:
            self.ready.set()
