"""What the consumer must not reach: tried with its own login, here and in the other databases."""

from collections.abc import Iterator
from contextlib import closing

import psycopg2
import psycopg2.errors

from datasurface_yellow.demo.report import Check
from datasurface_yellow.demo.stage import Stage
from datasurface_yellow.local.databases import CONSUMER_DB, MERGE, PRODUCER, WORKSPACE
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import primary_message
from datasurface_yellow.store.statements import block_names, statement


def nothing_else(stage: Stage) -> Check:
    """The consumer connects to no other database, and in its own reads nothing but its views, and changes nothing."""
    tried = [*_tried_in_its_own(stage), *_tried_elsewhere(stage)]
    allowed = [what for what, is_refused in tried if not is_refused]
    counts = {"tried": len(tried), "allowed": len(allowed)}
    return Check(f"{WORKSPACE}: nothing else is allowed", not allowed, counts, "; ".join(allowed))


def _tried_in_its_own(stage: Stage) -> Iterator[tuple[str, bool]]:
    view = naming.consumers_name("YellowLive", WORKSPACE, "LiveDSG", "customers", "view")
    context = {
        "schema": naming.workspace_schema(WORKSPACE),
        "remote_schema": naming.remote_schema(WORKSPACE),
        "server": naming.foreign_server("YellowLive", WORKSPACE),
        "view": view,
    }
    with closing(stage.connect(CONSUMER_DB, stage.consumer)) as session:
        for block in block_names("demo", "forbidden.sql.j2"):
            what = block.replace("_", " ")
            try:
                with session.cursor() as cursor:
                    cursor.execute(statement("demo", "forbidden.sql.j2", block, **context))
                yield what, False
            except psycopg2.errors.InsufficientPrivilege:
                yield what, True
            except psycopg2.Error as error:  # it is not allowed, but by what stands in its way otherwise
                yield f"{what}: {primary_message(error)}", False
            session.rollback()


def _tried_elsewhere(stage: Stage) -> Iterator[tuple[str, bool]]:
    for database in (MERGE, PRODUCER):
        try:
            stage.connect(database, stage.consumer).close()
        except psycopg2.OperationalError as error:
            yield f"connect to {database}", "permission denied" in str(error)
        else:
            yield f"connect to {database}", False
