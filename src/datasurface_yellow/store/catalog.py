"""The platform's own tables, and the version they are in."""

from collections.abc import Iterator
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused
from datasurface.results import Step
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.statements import statement

VERSION = 3
"""Of the tables below. A later program migrates them forward; an earlier one refuses them."""

_ONLY_NEW_TABLES = {3}
"""Versions that change no table of the one before: what is missing is made like any table that is."""

_FILE = "catalog.sql.j2"


@frozen
class PlatformNames:
    """The names of one platform's own tables in one schema."""

    schema: str
    platform: str
    catalog: str
    batch_counter: str
    batch_metrics: str
    job_result: str
    layout: str


def platform_names(platform: str, schema: str) -> PlatformNames:
    """The names of a platform's own tables."""
    return PlatformNames(
        schema,
        platform,
        naming.catalog(platform),
        naming.batch_counter(platform),
        naming.batch_metrics(platform),
        naming.job_result(platform),
        naming.layout(platform),
    )


def ensure_schema(session: Connection, schema: str) -> Iterator[Step]:
    """Make a schema exist."""
    if one(session, statement("store", _FILE, "schema_exists"), {"schema": schema}) != (True,):
        execute(session, statement("store", _FILE, "create_schema", schema=schema))
        yield Step("created schema", schema)


def ensure_catalog(session: Connection, names: PlatformNames) -> Iterator[Step]:
    """Make the platform's own tables exist in this program's version; ApplyRefused when they are of a later one."""
    yield from ensure_schema(session, names.schema)
    if relation_exists(session, names.schema, names.catalog):
        yield from _migrate(session, names)
    for table in ("catalog", "batch_counter", "batch_metrics", "job_result", "layout"):
        name = getattr(names, table)
        if not relation_exists(session, names.schema, name):
            execute(session, _sql(f"create_{table}", names))
            if table == "catalog":
                execute(session, _sql("write_version", names), {"version": VERSION})
            yield Step("created table", name)


def _migrate(session: Connection, names: PlatformNames) -> Iterator[Step]:
    """Bring tables of an earlier version forward, a version at a time."""
    found = one(session, _sql("read_version", names))
    version = cast(int, found[0]) if found else 0
    if not 1 <= version <= VERSION:
        raise ApplyRefused(
            f"the tables of platform {names.platform} are of catalogue version {version}, this program knows {VERSION}",
            hint="use the version of DataSurface that applied them, or a later one",
        )
    for step in range(version + 1, VERSION + 1):
        if step not in _ONLY_NEW_TABLES:
            execute(session, _sql(f"migrate_to_{step}", names))
        execute(session, _sql("update_version", names), {"version": step})
        yield Step("migrated to catalogue version", str(step))


def relation_exists(session: Connection, schema: str, name: str) -> bool:
    """Whether a table, view or index of that name is there."""
    return one(session, statement("store", _FILE, "relation_exists"), {"schema": schema, "name": name}) == (True,)


def _sql(name: str, names: PlatformNames) -> str:
    return statement("store", _FILE, name, names=names, schema=names.schema)
