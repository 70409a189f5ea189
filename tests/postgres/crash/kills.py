"""How work is killed at one of its moments."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from multiprocessing import get_context

import psycopg2
from psycopg2.extensions import connection as Connection

from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.runtime import YellowRuntime
from datasurface_yellow.store.statements import _blocks
from tests.postgres.crash.field import Field, places_of
from tests.postgres.crash.kinds import kind_of
from tests.support.pipeline import Pipeline
from tests.support.sessions import Watch, until
from tests.support.statements import At, HeardConnection, Moment, heard

_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])
for _package in ("batch", "capture", "erasure", "merge"):
    for _file in (files(f"datasurface_yellow.{_package}") / "sql").iterdir():
        _blocks(_package, _file.name)  # compiled in the process that the others are forked from

Kill = Callable[[Field, Moment], None]
"""Begin the work of a field and kill it at a moment."""


def kill_client(field: Field, moment: Moment) -> None:
    """The job's process is killed with SIGKILL. It is forked from one that has imported all it needs."""
    runtime = field.pipeline.runtime(field.kind.platform)
    process = _PROCESSES.Process(
        target=_die_at_work, args=(field.kind.name, runtime, places_of(field.pipeline), moment)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL, f"the process ended with {process.exitcode}"
    process.close()
    _wait_until_deserted(field.pipeline)


def _die_at_work(kind: str, runtime: YellowRuntime, places: Mapping[str, str], moment: Moment) -> None:
    dying = At(moment, lambda _session: os.kill(os.getpid(), signal.SIGKILL))
    with heard(lambda _: dying, places):
        kind_of(kind).begin(runtime)


def kill_backend(field: Field, moment: Moment) -> None:
    """The server ends the session, as an administrator may."""
    with _administrator(field.pipeline.server) as administrator:
        _work(field, moment, partial(_terminate, administrator))
    _wait_until_deserted(field.pipeline)


def lose_reply(field: Field, moment: Moment) -> None:
    """The statement is done, and the session ends before the job hears of it: the job cannot know that it was done."""

    def lose(session: HeardConnection) -> None:
        _terminate(administrator, session)
        session.listener = None
        with session.cursor() as cursor:
            cursor.execute("SELECT")  # raises what the driver says of a session that has ended

    with _administrator(field.pipeline.server) as administrator:
        _work(field, moment, lose)
    _wait_until_deserted(field.pipeline)


def crash_server(field: Field, moment: Moment) -> None:
    """The session's process at the server is killed with SIGKILL: the server ends all sessions and recovers from its
    log.
    """
    with _administrator(field.pipeline.server) as witness:
        _work(field, moment, lambda session: os.kill(session.info.backend_pid, signal.SIGKILL))
        until(partial(_has_ended, witness))  # a busy server takes connections for a while before it notices
    until(partial(_is_up, field.pipeline.server))


def _work(field: Field, moment: Moment, kill: Callable[[HeardConnection], None]) -> None:
    came = []

    def once(session: HeardConnection) -> None:
        came.append(moment)
        kill(session)

    with heard(lambda _: At(moment, once), places_of(field.pipeline)):
        field.kind.begin(field.pipeline.runtime(field.kind.platform))
    assert came == [moment], "the moment came once"


def _terminate(administrator: Connection, session: HeardConnection) -> None:
    process = session.info.backend_pid
    with administrator.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", (process,))
        while cursor.rowcount:
            cursor.execute("SELECT FROM pg_stat_activity WHERE pid = %s", (process,))


def _wait_until_deserted(pipeline: Pipeline) -> None:
    with Watch.over(pipeline.server) as watch:
        until(watch.is_deserted(pipeline.source, pipeline.target))


@contextmanager
def _administrator(server: PostgresServer) -> Iterator[Connection]:
    connection = psycopg2.connect(server.url("postgres"))
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def _has_ended(session: Connection) -> bool:
    try:
        with session.cursor() as cursor:
            cursor.execute("SELECT")
    except psycopg2.Error:
        return True
    return False


def _is_up(server: PostgresServer) -> bool:
    try:
        psycopg2.connect(server.url("postgres")).close()
    except psycopg2.OperationalError:
        return False
    return True
