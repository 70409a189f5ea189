"""What is measured: applies of one model on a new server with PostgreSQL's own settings, from the loaded model to the
generation in force.
"""

from collections.abc import Iterator
from contextlib import closing
from time import perf_counter, process_time

import psycopg2
from attrs import frozen

from benchmarks.apply.model import CREDENTIAL, model, workspaces
from datasurface.credentials import Credentials, EnvironmentVariables, variable_prefix
from datasurface.graph import deployments
from datasurface.model import Ecosystem
from datasurface.operations.apply import apply
from datasurface.operations.model import CheckedModel
from datasurface.plugins.manager import installed_plugins
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.naming import reader_role

_RELATIONS = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_|^info'"
)

BOUNDS = {"first": 60, "one column more": 2}
"""Seconds that an apply of a thousand streams may take, once the model is loaded."""


@frozen
class Applied:
    """One apply.

    Attributes:
        what: was applied.
        seconds: by the clock, from the loaded model on.
        processor: seconds of this process alone; the rest is the server's.
        steps: how many were done.
        relations: tables, indexes and views that there are afterwards, functions left out.
    """

    run: int
    what: str
    seconds: float
    processor: float
    steps: int
    relations: int


def measure(server: PostgresServer, run: int, streams: int) -> Iterator[Applied]:
    """A first apply, the same again, and one column more in one dataset; on a new database."""
    with closing(psycopg2.connect(server.url("postgres"))) as session:
        session.autocommit = True
        with session.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS merge WITH (FORCE)")
            cursor.execute("CREATE DATABASE merge")
            for workspace in workspaces(streams):
                cursor.execute(f'DROP ROLE IF EXISTS "{reader_role(workspace)}"')
                cursor.execute(f'CREATE ROLE "{reader_role(workspace)}" NOLOGIN')
    before = model(streams, server.host, server.port)
    after = model(streams, server.host, server.port, changed=True)
    for what, applied in (("first", before), ("the same again", before), ("one column more", after)):
        yield _apply(server, run, what, applied)


def _apply(server: PostgresServer, run: int, what: str, ecosystem: Ecosystem) -> Applied:
    prefix = variable_prefix(CREDENTIAL)
    credentials = Credentials(
        [EnvironmentVariables({f"{prefix}_USER": server.user, f"{prefix}_PASSWORD": server.password})]
    )
    checked = CheckedModel(ecosystem, ecosystem, deployments(ecosystem), (), None)
    plugins = installed_plugins()
    begun, worked = perf_counter(), process_time()
    report = apply(checked, plugins, credentials)
    seconds, processor = perf_counter() - begun, process_time() - worked
    with closing(psycopg2.connect(server.url("merge"))) as session, session.cursor() as cursor:
        cursor.execute(_RELATIONS)
        [(relations,)] = cursor.fetchall()
    return Applied(run, what, seconds, processor, sum(map(len, report.steps.values())), relations)
