"""The databases and roles of the customer360 example on one server, with the rights that the documentation lists and
no more."""

from collections.abc import Mapping
from secrets import token_urlsafe

from attrs import field, frozen
from psycopg2.extensions import connection as Connection

from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.naming import reader_role, workspace_schema
from datasurface_yellow.store.statements import statement

PRODUCER, MERGE, CONSUMER_DB = "customer_db", "datasurface_merge", "consumer_db"
"""The three databases."""

OWNER = "datasurface_owner"
"""The group of all that build in the merge database; it owns the schemas of the workspaces."""

WORKSPACE = "Consumer1"
CONSUMER = "consumer1"
"""A login that may read the views of the workspace in the consumer's database, and nothing else."""

READER = "customer-db-reader"
WRITERS = ("yellow-live-writer", "yellow-forensic-writer", "control-writer")
BUILDER, REMOTE = "consumer-db-owner", "consumer1-remote"
"""Credentials of the model; a credential's role has the same name with underscores. The last one is that by which the
consumer's database reads the merge database."""


@frozen
class Login:
    """A role that may log in."""

    user: str
    password: str = field(repr=False)


def role_of(credential: str) -> str:
    """The role that a credential of the example opens."""
    return credential.replace("-", "_")


def create_roles(server: Connection) -> Mapping[str, Login]:
    """Roles with new passwords: one per credential of the model, by the credential's name, and the consumer's.

    ``server``: an administrator's connection in autocommit. Roles that exist get the new password.
    """
    logins = {name: Login(role_of(name), token_urlsafe(24)) for name in (READER, *WRITERS, BUILDER, REMOTE, CONSUMER)}
    for role in (OWNER, reader_role(WORKSPACE), *(login.user for login in logins.values())):
        if one(server, _sql("role_exists"), {"role": role}) != (True,):
            execute(server, _sql("create_role", role=role))
    for login in logins.values():
        execute(server, _sql("give_password", role=login.user), {"password": login.password})
    for name in WRITERS:
        execute(server, _sql("make_member", group=OWNER, role=logins[name].user))
    for name in (REMOTE, CONSUMER):
        execute(server, _sql("make_member", group=reader_role(WORKSPACE), role=logins[name].user))
    return logins


def existing_databases(server: Connection) -> list[str]:
    """Those of the databases that are there already."""
    return [
        database
        for database in (PRODUCER, MERGE, CONSUMER_DB)
        if one(server, _sql("database_exists"), {"database": database}) == (True,)
    ]


def create_databases(server: Connection) -> None:
    """The databases, closed to everybody but their own roles."""
    for database in (PRODUCER, MERGE, CONSUMER_DB):
        if one(server, _sql("database_exists"), {"database": database}) != (True,):
            execute(server, _sql("create_database", database=database))
        execute(server, _sql("close_database", database=database))
    execute(server, _sql("may_connect", database=PRODUCER, role=role_of(READER)))
    execute(server, _sql("may_connect", database=MERGE, role=role_of(REMOTE)))
    execute(server, _sql("may_build", database=MERGE, role=OWNER))
    execute(server, _sql("may_connect", database=CONSUMER_DB, role=reader_role(WORKSPACE)))
    execute(server, _sql("may_make_schemas", database=CONSUMER_DB, role=role_of(BUILDER)))


def grant_in_producer(producer: Connection) -> None:
    """The reader's rights, once the producer's tables are there; commits."""
    with producer:
        execute(producer, _sql("may_read", role=role_of(READER)))
        execute(producer, _sql("may_read_tables", role=role_of(READER)))


def grant_in_merge(merge: Connection) -> None:
    """The builders' rights, and the workspace's schema; commits."""
    with merge:
        execute(merge, _sql("may_create", role=OWNER))
        execute(merge, _sql("create_schema", schema=workspace_schema(WORKSPACE), role=OWNER))


def grant_in_consumer(consumer: Connection) -> None:
    """What the builder of the consumer's database needs to read another one; commits."""
    with consumer:
        execute(consumer, _sql("create_extension"))
        execute(consumer, _sql("may_use_wrapper", role=role_of(BUILDER)))


def _sql(name: str, **context: str) -> str:
    return statement("local", "databases.sql.j2", name, **context)
