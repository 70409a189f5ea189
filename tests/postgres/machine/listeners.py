"""What hears of a job's statements and does something once, from a moment on: end its session, or let another overtake
it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from tests.support.pipeline import Pipeline
from tests.support.statements import HeardConnection, Moment, When, heard

SOURCE, TARGET = "source", "target"


class From:
    """A listener that does something once, from a moment on."""

    def __init__(self, at: int, do: Callable[[HeardConnection], None], *, between_transactions: bool = False) -> None:
        self._left, self._do, self._between = at, do, between_transactions
        self._target: HeardConnection | None = None
        self.has_come = False

    def __call__(self, moment: Moment, session: HeardConnection) -> None:
        if self.has_come or moment.when is not When.BEFORE:
            return
        self._left -= 1
        if moment.place == TARGET:
            self._target = session
        if self._left <= 0 and (not self._between or self._loses_lock()):
            self.has_come = True
            self._do(session)

    def _loses_lock(self) -> bool:
        """Let the job's session in the merge database lose its locks, where it is in no transaction."""
        if self._target is None or self._target.info.transaction_status != TRANSACTION_STATUS_IDLE:
            return False
        with Cursor(self._target) as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        Connection.rollback(self._target)
        return True


def killing(administrator: Connection, at: int) -> From:
    """What ends a session at a moment."""

    def end(session: HeardConnection) -> None:
        process = session.info.backend_pid
        with administrator.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", (process,))
            while cursor.rowcount:
                cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", (process,))

    return From(at, end)


def heard_by(listener: From, pipeline: Pipeline) -> AbstractContextManager[None]:
    """Let it hear of all that the engine says to the databases of a pipeline."""
    return heard(lambda _: listener, {pipeline.source.name: SOURCE, pipeline.target.name: TARGET})
