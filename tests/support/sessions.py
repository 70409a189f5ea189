"""Jobs at work beside a test, sessions that hold locks, and a look at who waits: how a test stops a job exactly where
it wants it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, suppress
from subprocess import Popen, TimeoutExpired
from time import monotonic
from typing import TypeVar

import psycopg2
import pytest
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.results import JobResult
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.databases import Database
from tests.support.people import PAUSE
from tests.support.pipeline import Pipeline

PATIENCE = 60.0
"""Seconds after which a test stops waiting for something that should have happened."""
_PAUSE = 0.005
"""Seconds between two looks; a job that ends meanwhile ends the wait."""

_SESSIONS = """
    SELECT pid, application_name, wait_event_type FROM pg_stat_activity
    WHERE datname = %s AND starts_with(application_name, 'datasurface ')"""

T = TypeVar("T")
ReadyTest = Callable[[], bool]


@frozen
class Watch:
    """A session that looks at the others of its server."""

    connection: Connection

    @classmethod
    @contextmanager
    def over(cls, server: PostgresServer) -> Iterator["Watch"]:
        """Watch the sessions of a server."""
        connection = psycopg2.connect(server.url("postgres"))
        connection.autocommit = True
        try:
            yield cls(connection)
        finally:
            connection.close()

    def waits_for_lock(self, database: Database) -> ReadyTest:
        """Whether some session of the engine in this database waits for a lock."""
        return lambda: self.count_waiting(database) > 0

    def count_waiting(self, database: Database) -> int:
        """How many sessions of the engine in this database wait for a lock."""
        return sum(kind == "Lock" for _, _, kind in self._sessions(database))

    def is_here(self, database: Database, application: str) -> ReadyTest:
        """Whether a session of that application is connected to this database."""
        return lambda: any(name == application for _, name, _ in self._sessions(database))

    def is_deserted(self, *databases: Database) -> ReadyTest:
        """Whether no session of the engine is left in these databases."""
        return lambda: not any(self._sessions(database) for database in databases)

    def end(self, database: Database) -> None:
        """End the engine's sessions in a database, as an administrator would."""
        with self.connection.cursor() as cursor:
            for process, _, _ in self._sessions(database):
                cursor.execute("SELECT pg_terminate_backend(%s)", (process,))

    def _sessions(self, database: Database) -> list[tuple[int, str, str | None]]:
        """Process id, application and kind of wait of the engine's sessions in a database."""
        with self.connection.cursor() as cursor:
            cursor.execute(_SESSIONS, (database.name,))
            return cursor.fetchall()


def until(ready: ReadyTest, job: "Future[JobResult] | Popen[str] | None" = None) -> None:
    """Wait until something is so; a failure when the job ends before, or patience does."""
    end = monotonic() + PATIENCE
    while not ready():
        if isinstance(job, Popen):
            with suppress(TimeoutExpired):
                job.wait(_PAUSE)
                pytest.fail(f"the process ended before: {job.communicate()}")
        else:
            wait([job if job is not None else Future()], timeout=_PAUSE)
            if job is not None and job.done():
                pytest.fail(f"the job ended before: {job.result()}")
        if monotonic() > end:
            pytest.fail("it did not happen")


@contextmanager
def beside(work: Callable[[], T]) -> "Iterator[Future[T]]":
    """Work in a thread beside the test; waited for at the end, unless a failed test holds what it waits for."""
    executor = ThreadPoolExecutor(1, "beside")
    done = False
    try:
        yield executor.submit(work)
        done = True
    finally:
        executor.shutdown(wait=done)


def at_work(
    pipeline: Pipeline, platform: str, *, allow_deletes: bool = True, budget: float | None = None
) -> "AbstractContextManager[Future[JobResult]]":
    """A job on the store, in a thread beside the test."""
    return beside(lambda: pipeline.run(platform, allow_deletes=allow_deletes, budget=budget))


@contextmanager
def holding(database: Database, *statements: str) -> Iterator[Connection]:
    """A superuser's session with an open transaction that has done these statements; rolled back at the end unless the
    test commits it.
    """
    connection = psycopg2.connect(database.url)
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        yield connection
    finally:
        connection.close()


@frozen
class Pause:
    """What stops every read of the views that ``with_pause`` made."""

    connection: Connection

    def let_one_pass(self) -> None:
        """Let the read that waits go on; the next one stops again, however soon it comes: this waits in line before
        it.
        """
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (PAUSE,))
            cursor.execute("SELECT pg_advisory_lock(%s)", (PAUSE,))


@contextmanager
def pausing(database: Database) -> Iterator[Pause]:
    """Stop the reads of the views that ``with_pause`` made until the block ends."""
    with holding(database, f"SELECT pg_advisory_lock({PAUSE})") as connection:
        yield Pause(connection)
