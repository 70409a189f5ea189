"""How an apply is disturbed at one of its moments."""

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from multiprocessing import get_context

import psycopg2
from psycopg2.extensions import connection as Connection

from datasurface.errors import DataSurfaceError
from tests.postgres.apply_faults.ground import CONTROL, Ground
from tests.support.sessions import until
from tests.support.statements import At, HeardConnection, Moment, When, heard

_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])

Fault = Callable[[Ground, Moment], None]
"""Begin an apply and disturb it at a moment."""


class Injected(psycopg2.OperationalError):
    """The error that a session has all of a sudden."""


def moments_of(ground: Ground) -> Sequence[Moment]:
    """All moments of an apply: before and after each statement, commits too, of each session in each database."""
    found: list[Moment] = []

    def note(moment: Moment, _session: HeardConnection) -> None:
        found.append(moment)

    ground.put_back()
    with heard(lambda _: note, ground.names):
        ground.apply()
    return found


def raise_error(ground: Ground, moment: Moment) -> None:
    """The session fails: before the statement is sent, or when it was done and nobody heard of it."""

    def fail(session: HeardConnection) -> None:
        session.listener = None
        session.close()
        raise Injected("injected")

    _disturbed(ground, moment, fail)


def kill_process(ground: Ground, moment: Moment) -> None:
    """The process of apply is killed with SIGKILL. It is forked from one that has imported all it needs."""
    process = _PROCESSES.Process(target=_die, args=(ground, moment))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL, f"the process ended with {process.exitcode}"
    process.close()


def crash_server(ground: Ground, moment: Moment) -> None:
    """The session's process at the server is killed with SIGKILL: the server ends all sessions and recovers from its
    log."""

    def crash(session: HeardConnection) -> None:
        session.listener = None
        os.kill(session.info.backend_pid, signal.SIGKILL)
        until(lambda: _has_ended(session))

    with closing(psycopg2.connect(ground.administrators[CONTROL])) as witness:
        _disturbed(ground, moment, crash)
        until(lambda: _has_ended(witness))  # a busy server takes connections for a while before it notices
    until(lambda: _is_up(ground))


def _die(ground: Ground, moment: Moment) -> None:
    dying = At(moment, lambda _session: os.kill(os.getpid(), signal.SIGKILL))
    with heard(lambda _: dying, ground.names):
        ground.apply()


def _disturbed(ground: Ground, moment: Moment, disturb: Callable[[HeardConnection], None]) -> None:
    came = []

    def once(session: HeardConnection) -> None:
        came.append(moment)
        disturb(session)

    disturbing = At(moment, once)
    with heard(lambda _: disturbing, ground.names), suppress(DataSurfaceError):  # no error of the driver
        ground.apply()
    assert came == [moment], "the moment came once"


def _has_ended(session: Connection) -> bool:
    try:
        with session.cursor() as cursor:
            cursor.execute("SELECT")
    except psycopg2.Error:
        return True
    return False


def _is_up(ground: Ground) -> bool:
    try:
        for administrator in ground.administrators.values():
            psycopg2.connect(administrator).close()
    except psycopg2.OperationalError:
        return False
    return True


def is_boundary(moment: Moment) -> bool:
    """Whether a kill finds another state than at the moment before it."""
    return moment.when is not When.AFTER
