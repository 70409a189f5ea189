"""The tables of a transformer, and what its login may do: made and looked at by apply, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import psycopg2
import psycopg2.errors
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused
from datasurface.hints import listed
from datasurface.results import Step
from datasurface_yellow.store import naming
from datasurface_yellow.store.catalog import ensure_schema, relation_exists
from datasurface_yellow.store.connection import execute, one, primary_message, rows
from datasurface_yellow.store.statements import statement
from datasurface_yellow.transform.workshop import Output, OutputColumn, Workshop

_CANNOT_BECOME = (
    psycopg2.DataError,
    psycopg2.errors.CannotCoerce,
    psycopg2.errors.DatatypeMismatch,
    psycopg2.errors.DependentObjectsStillExist,
    psycopg2.errors.FeatureNotSupported,
)
"""What the server says of a column whose type cannot change."""

_ORDINARY = "r"
"""The kind of a plain table in ``pg_class``."""


@frozen
class StandingOutput:
    """A table that stands where an output belongs: its kind and comment, its key, and its columns with their types."""

    kind: str
    comment: str
    keys: tuple[str, ...]
    columns: Mapping[str, str]


def ensure_workshop(session: Connection, shop: Workshop, login: str) -> Iterator[Step]:
    """Make the tables of a transformer exist, and let its login do what it has to; ApplyRefused where one of another
    kind is in the way, or the login could do more."""
    _refuse_without_rights(session, shop)
    _refuse_login(session, shop, login)
    yield from ensure_schema(session, shop.work_schema)
    if not relation_exists(session, shop.work_schema, naming.TRANSFORM_STATE):
        execute(session, sql("create_state", shop))
        execute(session, sql("first_state", shop))
        yield Step("created table", f"{shop.work_schema}.{naming.TRANSFORM_STATE}")
    standing = standing_outputs(session, shop)
    for output in shop.outputs:
        found = standing.get(output.name)
        if found is None:
            execute(session, sql("create_output", shop, o=output))
            execute(session, sql("mark_output", shop, o=output), {"mark": shop.mark})
            yield Step("created table", f"{shop.schema}.{output.name}")
        else:
            _refuse_other(shop, output, found)
            yield from _evolved(session, shop, output, found)
    yield from _let(session, shop, login)


def standing_outputs(session: Connection, shop: Workshop) -> Mapping[str, StandingOutput]:
    """What stands where the outputs belong, by name."""
    found = cast(
        "list[tuple[str, str, str, list[str], dict[str, str]]]", rows(session, sql("standing", shop), _of(shop))
    )
    return {name: StandingOutput(kind, comment, tuple(keys), columns) for name, kind, comment, keys, columns in found}


def changes_of(output: Output, found: StandingOutput) -> tuple[Sequence[OutputColumn], Sequence[OutputColumn]]:
    """The columns that a table lacks, and those that it has with another type. What else it has is left alone."""
    added = [column for column in output.columns if column.name not in found.columns]
    retyped = [
        column
        for column in output.columns
        if column.name in found.columns and _plain(found.columns[column.name]) != _plain(column.type)
    ]
    return added, retyped


_SHORT = {
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "time without time zone": "time",
}


def _plain(printed: str) -> str:
    """A type as we write it, of one that the server prints."""
    element, array = (printed[:-2], "[]") if printed.endswith("[]") else (printed, "")
    return _SHORT.get(element, element) + array


def _evolved(session: Connection, shop: Workshop, output: Output, found: StandingOutput) -> Iterator[Step]:
    added, retyped = changes_of(output, found)
    for column in added:
        execute(session, sql("add_column", shop, o=output, column=column))
        yield Step("added column", f"{shop.schema}.{output.name}.{column.name}")
    for column in retyped:
        try:
            execute(session, sql("change_type", shop, o=output, column=column))
        except _CANNOT_BECOME as error:
            raise ApplyRefused(
                f"column {column.name} of {shop.schema}.{output.name} in {shop.container.name} cannot become "
                f"{column.type}: {primary_message(error)}",
                hint="its rows are made again by the next run: drop the table and apply again",
            ) from error
        yield Step("changed type", f"{shop.schema}.{output.name}.{column.name}")


def _refuse_other(shop: Workshop, output: Output, found: StandingOutput) -> None:
    where = f"{shop.schema}.{output.name} in {shop.container.name}"
    if found.kind != _ORDINARY or found.comment != shop.mark:
        raise ApplyRefused(
            f"{where}, which transformer {shop.name} would write, is not its table",
            hint="its rows would be replaced: rename the dataset, give the transformer another database, or drop what "
            "stands there",
        )
    keys = tuple(column.name for column in output.keys)
    if set(found.keys) != set(keys):
        raise ApplyRefused(
            f"the key of {where} is ({', '.join(found.keys)}), and of the dataset it is ({', '.join(keys)})",
            hint="its rows are made again by the next run: drop the table and apply again",
        )


def _let(session: Connection, shop: Workshop, login: str) -> Iterator[Step]:
    has_usage, readable = cast(
        "tuple[bool, list[str]]", one(session, sql("grants", shop), {**_of(shop), "login": login})
    )
    if not has_usage:
        execute(session, sql("grant_work", shop, login=login))
        yield Step("granted", f"{shop.work_schema} to {login}")
    for output in shop.outputs:
        if output.name not in readable:
            execute(session, sql("grant_output", shop, o=output, login=login))
            yield Step("granted", f"{shop.schema}.{output.name} to {login}")


def _refuse_without_rights(session: Connection, shop: Workshop) -> None:
    may_have_schema, may_have_tables = cast("tuple[bool, bool]", one(session, sql("may_create", shop), _of(shop)))
    if not may_have_schema or not may_have_tables:
        credential = shop.container.credential.name if shop.container.credential else "?"
        raise ApplyRefused(
            f"the role of credential '{credential}' may not make what transformer {shop.name} needs in "
            f"{shop.container.name}",
            hint=f"GRANT CREATE ON DATABASE {session.info.dbname} and USAGE, CREATE ON SCHEMA {shop.schema} to it",
        )


def _refuse_login(session: Connection, shop: Workshop, login: str) -> None:
    """Where it writes, a login may do no more than that."""
    who = f"role {login}, as which transformer {shop.name} is to run, in {shop.container.name}"
    database, reader = session.info.dbname, naming.reader_role(shop.config.workspace)
    found = one(session, sql("login", shop), {"login": login})
    if found is None:
        raise ApplyRefused(
            f"{who} does not exist",
            hint=f"ask an administrator of that server: CREATE ROLE {login} LOGIN PASSWORD '…'; "
            f"GRANT CONNECT ON DATABASE {database} TO {login}",
        )
    is_special, may_connect, member_of = cast("tuple[bool, bool, list[str]]", found)
    if not may_connect:
        raise ApplyRefused(f"{who} may not connect", hint=f"GRANT CONNECT ON DATABASE {database} TO {login}")
    # The server may be that of the merge database, where the login is a member of the workspace's role.
    more = [f"membership of {role}" for role in member_of if role != reader]
    more += ["rights of an administrator"] if is_special else []
    more += [str(name) for (name,) in rows(session, sql("may_too_much", shop), {**_of(shop), "login": login})]
    if more:
        raise ApplyRefused(
            f"{who} may do more than write what the transformer makes: {listed(more)}",
            hint="revoke it, from PUBLIC where everybody has it, or give the transformer a login of its own",
        )


def _of(shop: Workshop) -> dict[str, object]:
    return {
        "schema": shop.schema,
        "work_name": shop.work_schema,
        "outputs": [output.name for output in shop.outputs],
    }


def sql(block: str, shop: Workshop, /, **context: object) -> str:
    """A statement about the tables of a transformer."""
    return statement("transform", "transform.sql.j2", block, **{**shop.names, **context})
