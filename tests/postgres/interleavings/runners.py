"""Runners whose every statement is let go by a schedule: one takes a step at a time, nothing else happens meanwhile.

A runner is a thread with jobs to do, which stops before each statement. A step lets one statement go and ends when the
runner stops before the next, has no more to do, or waits for a lock that another session holds.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from threading import Semaphore, Thread, current_thread

from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from datasurface.results import JobResult
from tests.support.statements import HeardConnection, Moment, When

_A_WHILE = 0.002
"""Seconds that a statement may take before somebody asks whether it waits for a lock."""
_PATIENCE = 20_000
"""How often somebody asks."""


class State(Enum):
    """What a runner that does not run does."""

    STOPPED = "stopped before a statement"
    BLOCKED = "waits for a lock"
    ENDED = "has done its jobs"


class Runner:
    """A thread that does jobs one after another, a statement at a time."""

    def __init__(self, jobs: Sequence[Callable[[], JobResult]]) -> None:
        self.results: list[JobResult] = []
        self.state = State.STOPPED
        self._jobs = jobs
        self._sessions: dict[str, HeardConnection] = {}
        self._at_work: HeardConnection | None = None
        self._may_go, self._stands = Semaphore(0), Semaphore(0)
        self._is_free = self._has_ended = False
        self._crash: BaseException | None = None
        self._thread = Thread(target=self._run, name="runner", daemon=True)
        self._thread.start()

    def __call__(self, moment: Moment, session: HeardConnection) -> None:
        """Stop before a statement. What other threads of a job send belongs to a statement of its own."""
        if moment.when is When.BEFORE and not self._is_free and current_thread() is self._thread:
            self._sessions[moment.place] = self._at_work = session
            self._stands.release()
            self._may_go.acquire()

    def is_this_thread(self) -> bool:
        """Whether the runner asks."""
        return current_thread() is self._thread

    def step(self, administrator: Connection) -> None:
        """Let one statement go."""
        self.state = State.BLOCKED  # until it is known better
        self._may_go.release()
        self.settle(administrator)

    def settle(self, administrator: Connection) -> None:
        """Wait until a statement that was let go has ended or waits for a lock."""
        for _ in range(_PATIENCE if self.state is State.BLOCKED else 0):
            if self._stands.acquire(timeout=_A_WHILE):
                if self._crash is not None:
                    raise self._crash
                self.state = State.ENDED if self._has_ended else State.STOPPED
                return
            if self._waits_for_lock(administrator):
                return
        assert self.state is not State.BLOCKED, "a statement neither ended nor waited for a lock"

    def lose_lock(self, place: str) -> None:
        """Let its session lose its advisory locks, as a pooler that lends it to somebody else would."""
        session = self._sessions.get(place)
        if session is None or session.closed or session.info.transaction_status == TRANSACTION_STATUS_INERROR:
            return
        with Cursor(session) as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")

    def let_go(self) -> None:
        """Run to the end without a schedule."""
        self._is_free = True
        self._may_go.release()
        self._thread.join()

    def _run(self) -> None:
        self._may_go.acquire()
        try:
            for job in self._jobs:
                self.results.append(job())
        except BaseException as error:
            self._crash = error
        self._has_ended = True
        self._stands.release()

    def _waits_for_lock(self, administrator: Connection) -> bool:
        if self._at_work is None or self._at_work.closed:
            return False
        with administrator.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", (self._at_work.info.backend_pid,))
            return cursor.fetchone() != (0,)
