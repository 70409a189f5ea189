"""Who may do what with the consumers' views and functions: it outlasts that they are made again."""

from collections.abc import Collection, Iterator, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused
from datasurface.results import Step
from datasurface_yellow.deploy.wanted import Place, View
from datasurface_yellow.store.catalog import ensure_schema
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.statements import statement


@frozen
class Grant:
    """A privilege of a role (empty for all), on a column where one is named."""

    role: str
    privilege: str
    may_grant: bool
    column: str = ""


@frozen
class TakenView:
    """A view or function of ours that was taken away to be made again, and who could do what with it."""

    place: Place
    grants: tuple[Grant, ...]


def take_view_away(session: Connection, place: Place) -> TakenView:
    """Drop a view or function of ours, and remember who could do what with it."""
    kind = "view" if place.is_view else "function"
    found = cast("list[tuple[str, str, bool, str]]", rows(session, _sql(f"{kind}_grants"), {"object": place.quoted}))
    execute(session, _sql("drop", o=place))
    return TakenView(place, tuple(Grant(*grant) for grant in found))


def give_again(session: Connection, taken: TakenView, columns: Collection[str]) -> None:
    """What roles could do with a view or function before it was made again; of columns as far as it has these."""
    for grant in taken.grants:
        if not grant.column or grant.column in columns:
            _grant(session, taken.place, grant)


def let_read(session: Connection, place: Place, role: str) -> None:
    """Let a role read a view, or call a function."""
    _grant(session, place, Grant(role, "SELECT" if place.is_view else "EXECUTE", may_grant=False))


def let_nobody_call(session: Connection, place: Place) -> None:
    """Of a function that was just made."""
    execute(session, _sql("revoke_from_all", o=place))


def ensure_schemas(session: Connection, views: Sequence[View]) -> Iterator[Step]:
    """Make the workspaces' schemas exist, readable for their roles."""
    wanted = sorted({(view.schema, view.role) for view in views})
    parameters = {"schemas": [schema for schema, _ in wanted], "roles": [role for _, role in wanted]}
    found = cast("list[tuple[str, str, bool, bool, bool, bool]]", rows(session, _sql("schemas"), parameters))
    for schema, role, stands, may_create, has_role, may_use in found:
        if not stands:
            yield from ensure_schema(session, schema)
        elif not may_create:
            raise ApplyRefused(
                f"schema {schema} belongs to another role, and this one may not create views in it",
                hint=f"GRANT CREATE, USAGE ON SCHEMA {schema} to the role of this platform's credential, "
                "or make both roles members of its owner",
            )
        if not has_role:
            raise ApplyRefused(
                f"role {role}, which may read the views of schema {schema}, does not exist",
                hint=f"ask an administrator of the server: CREATE ROLE {role} NOLOGIN, then GRANT it to the consumers",
            )
        if not may_use:
            execute(session, _sql("grant_usage", schema=schema, role=role))


def _grant(session: Connection, place: Place, grant: Grant) -> None:
    context = {"privilege": grant.privilege, "column": grant.column, "to": grant.role, "may_grant": grant.may_grant}
    execute(session, _sql("grant", o=place, **context))


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "views.sql.j2", block, **context)
