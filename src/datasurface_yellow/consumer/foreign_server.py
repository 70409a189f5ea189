"""The way from a consumer's database to the merge database: schema, foreign server, and the one user mapping."""

from collections.abc import Iterator, Mapping
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.credentials import Secret
from datasurface.errors import ApplyRefused
from datasurface.model import PostgresDatabase
from datasurface.results import Step
from datasurface_yellow.consumer.site import Site
from datasurface_yellow.deploy.grants import ensure_schemas
from datasurface_yellow.store.catalog import ensure_schema
from datasurface_yellow.store.connection import CONNECT_TIMEOUT, PlannedSession, bound, execute, one
from datasurface_yellow.store.statements import statement

_HIDDEN = "***"


def server_options(merge: PostgresDatabase) -> Mapping[str, str]:
    """How the merge database is reached and read from a consumer's database.

    Read only; costs are asked of the merge database, since nobody analyses a foreign table whose rows change with each
    batch; rows come by the thousand; queries of several servers wait for all of them at once.
    """
    options = {
        "host": merge.host,
        "port": str(merge.port),
        "dbname": merge.database,
        "sslmode": merge.sslmode,
        "sslrootcert": merge.sslrootcert,
        "connect_timeout": str(CONNECT_TIMEOUT),
        "updatable": "false",
        "truncatable": "false",
        "use_remote_estimate": "true",
        "fetch_size": "2000",
        "async_capable": "true",
    }
    return {name: value for name, value in options.items() if value is not None}


def ensure_way(session: Connection, site: Site, merge: PostgresDatabase, login: Secret) -> Iterator[Step]:
    """Make schemas, server and mapping exist; ApplyRefused, with the statement that an administrator must run, where
    the role may not."""
    _refuse_without_rights(session, site)
    yield from ensure_schemas(session, site.views)
    yield from ensure_schema(session, site.remote_schema)
    if site.copied:
        yield from ensure_schema(session, site.copied_schema)
    yield from _ensure_server(session, site.server, server_options(merge), site)
    yield from _ensure_mapping(session, site.server, login)


def remove_way(session: Connection, site: Site) -> Iterator[Step]:
    """Take the server away, with its mapping, and the schemas of foreign tables and copies once nobody has one."""
    context = {"server": site.server}
    if one(session, _sql("server"), context) is not None:
        if one(session, _sql("mapping"), context) is not None:
            execute(session, _sql("drop_mapping", **context))
        execute(session, _sql("drop_server", **context))
        yield Step("removed server", site.server)
    for schema in (site.copied_schema, site.remote_schema):
        drop_empty_schema(session, schema)


def drop_empty_schema(session: Connection, schema: str) -> None:
    """Take a schema away in which nobody has anything."""
    if one(session, _sql("is_empty"), {"any_schema": schema}) == (True,):
        execute(session, _sql("drop_schema", any_schema=schema))


def _refuse_without_rights(session: Connection, site: Site) -> None:
    name, database = site.container.name, site.container.database
    role = session.info.user
    if one(session, _sql("extension_exists")) != (True,):
        raise ApplyRefused(
            f"{name} has no extension postgres_fdw, by which it reads the merge database",
            hint=f"ask an administrator, in the database {database}: CREATE EXTENSION postgres_fdw; "
            f"GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {role}",
        )
    if one(session, _sql("may_use_wrapper")) != (True,):
        raise ApplyRefused(
            f"role {role} may not use postgres_fdw in {name}",
            hint=f"ask an administrator, in the database {database}: "
            f"GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {role}",
        )
    schemas = [site.schema, site.remote_schema, *([site.copied_schema] if site.copied else [])]
    if one(session, _sql("may_create_schema"), {"schemas": schemas, "count": len(schemas)}) != (True,):
        raise ApplyRefused(
            f"role {role} may not create schemas in {name}",
            hint=f"ask an administrator: GRANT CREATE ON DATABASE {database} TO {role}",
        )


def _ensure_server(session: Connection, server: str, options: Mapping[str, str], site: Site) -> Iterator[Step]:
    found = one(session, _sql("server"), {"server": server})
    if found is None:
        quoted = {name: _literal(session, value) for name, value in options.items()}
        execute(session, _sql("create_server", server=server, options=quoted))
        yield Step("created server", server)
        return
    is_own, standing = cast("tuple[bool, dict[str, str]]", found)
    if not is_own:
        raise ApplyRefused(
            f"server {server} in {site.container.name} belongs to another role than {session.info.user}",
            hint=f"ALTER SERVER {server} OWNER TO {session.info.user}, or DROP SERVER {server} where nobody needs it",
        )
    changes = [
        ("SET" if name in standing else "ADD", name, _literal(session, value))
        for name, value in options.items()
        if standing.get(name) != value
    ] + [("DROP", name, "") for name in standing if name not in options]
    if changes:
        execute(session, _sql("alter_server", server=server, changes=changes))
        yield Step("changed server", server)


def _ensure_mapping(session: Connection, server: str, login: Secret) -> Iterator[Step]:
    found = one(session, _sql("mapping"), {"server": server})
    standing = cast("tuple[dict[str, str]]", found)[0] if found else {}
    wanted = {"user": login.user, "password": login.password}
    if standing == wanted:
        return
    # What a dry run writes down is shown to people.
    shown = {**wanted, "password": _HIDDEN} if isinstance(session, PlannedSession) else wanted
    if found is None:
        execute(session, _sql("create_mapping", server=server), shown)
        yield Step("created user mapping", server)
    else:
        execute(session, _sql("alter_mapping", server=server, before=standing), shown)
        yield Step("changed user mapping", server)


def _literal(session: Connection, value: str) -> str:
    """A value as an option of a statement that takes no parameters of the server's."""
    return bound(session, "%(value)s", {"value": value}).replace("%", "%%")


def _sql(block: str, /, **context: object) -> str:
    return statement("consumer", "consumer.sql.j2", block, **context)
