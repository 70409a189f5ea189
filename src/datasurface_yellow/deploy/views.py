"""The consumers' views: what stands, and the steps to what should."""

from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from typing import cast

import psycopg2
from attrs import define, field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.errors import ApplyRefused
from datasurface.results import Step, ViewSummary
from datasurface_yellow.deploy.shown import select_list, shown_columns
from datasurface_yellow.deploy.wanted import View, wanted_views
from datasurface_yellow.store.catalog import PlatformNames, ensure_schema, relation_exists
from datasurface_yellow.store.connection import (
    PlannedSession,
    bound,
    execute,
    execute_always,
    one,
    primary_message,
    rows,
)
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement


@frozen
class TakenView:
    """A view of ours that was taken away to be made again, and who could do what with it."""

    schema: str
    name: str
    grants: tuple[tuple[str, str, bool], ...]
    """Role (empty for all), privilege, and whether the role may grant it."""


@define
class _Outcome:
    created: list[str] = field(factory=list)
    updated: list[str] = field(factory=list)
    unchanged: list[str] = field(factory=list)
    removed: list[str] = field(factory=list)
    waiting: list[str] = field(factory=list)
    failed: list[str] = field(factory=list)
    reasons: dict[str, str] = field(factory=dict)

    def fail(self, label: str, error: psycopg2.Error) -> None:
        self.failed.append(label)
        self.reasons[label] = primary_message(error)

    def summary(self) -> ViewSummary:
        return ViewSummary(
            created=tuple(self.created),
            updated=tuple(self.updated),
            unchanged=tuple(self.unchanged),
            removed=tuple(self.removed),
            waiting=tuple(self.waiting),
            failed=tuple(self.failed),
            reasons=self.reasons,
        )


def ensure_schemas(session: Connection, views: Sequence[View]) -> Iterator[Step]:
    """Make the workspaces' schemas exist, readable for their roles."""
    for schema, role in sorted({(view.schema, view.role) for view in views}):
        made = list(ensure_schema(session, schema))
        yield from made
        if not made and one(session, _sql("may_create"), {"schema": schema}) != (True,):
            raise ApplyRefused(
                f"schema {schema} belongs to another role, and this one may not create views in it",
                hint=f"GRANT CREATE, USAGE ON SCHEMA {schema} to the role of this platform's credential, "
                "or make both roles members of its owner",
            )
        if one(session, _sql("role_exists"), {"role": role}) != (True,):
            raise ApplyRefused(
                f"role {role}, which may read the views of schema {schema}, does not exist",
                hint=f"ask an administrator of the server: CREATE ROLE {role} NOLOGIN, then GRANT it to the consumers",
            )
        if made or one(session, _sql("may_use"), {"role": role, "schema": schema}) != (True,):
            execute(session, _sql("grant_usage", schema=schema, role=role))


def take_view_away(session: Connection, schema: str, name: str) -> TakenView:
    """Drop a view of ours, and remember who could do what with it."""
    grants = cast("list[tuple[str, str, bool]]", rows(session, _sql("grants"), {"schema": schema, "name": name}))
    execute(session, _sql("drop", schema=schema, name=name))
    return TakenView(schema, name, tuple(grants))


def reconcile(
    session: Connection,
    deployment: Deployment,
    names: PlatformNames,
    *,
    may_remove: bool = True,
    taken: Sequence[TakenView] = (),
    made: Collection[str] = (),
) -> ViewSummary:
    """Make the views be exactly those of the deployment. One that cannot be made keeps no other from being made.

    Commits nothing; each view has its own savepoint. Without ``may_remove`` the views that should go stay, and it is
    only tried whether they could go. ``taken``: views that this transaction has taken away. ``made``: merge tables
    that it has made sure of.
    """
    views = wanted_views(deployment, names.schema)
    mark = f"datasurface {deployment.platform.name} "
    found = {
        (str(schema), str(name)): str(comment) for schema, name, comment in rows(session, _sql("ours"), {"mark": mark})
    }
    away = {(view.schema, view.name): view for view in taken}
    found = {place: comment for place, comment in found.items() if place not in away}  # in a planned session it stands
    outcome = _Outcome()
    for view in views:
        place = view.schema, view.name
        stands = view.table.merge in made or relation_exists(session, view.table.schema, view.table.merge)
        if not stands:
            outcome.waiting.append(view.label)
            outcome.reasons[view.label] = f"table {view.table.merge} does not exist"
            continue
        _reconcile_one(session, view, names, mark, found.get(place), away.get(place), outcome)
    for schema, name in sorted(found.keys() - {(view.schema, view.name) for view in views}):
        _remove(session, schema, name, outcome, only_try=not may_remove)
    return outcome.summary()


def _reconcile_one(
    session: Connection,
    view: View,
    names: PlatformNames,
    mark: str,
    comment: str | None,
    taken: TakenView | None,
    outcome: _Outcome,
) -> None:
    kind = "create_history" if view.is_history else "create_live"
    columns = select_list(shown_columns(view))
    context = {
        "schema": view.schema,
        "name": view.name,
        "columns": columns,
        "t": view.table,
        "metrics": names.batch_metrics,
    }
    create = bound(session, _sql(kind, **context), {"stream": view.stream})
    full_mark = mark + blake2b(create.encode(), digest_size=8).hexdigest()
    execute_always(session, "SAVEPOINT one_view")
    try:
        if comment not in (None, full_mark):  # columns of a view cannot be reordered or retyped in place
            taken = take_view_away(session, view.schema, view.name)
        if comment != full_mark:
            execute(session, create.replace("%", "%%"))
            execute(session, _sql("mark", **context), {"mark": full_mark})
            for role, privilege, may_grant in taken.grants if taken else ():
                execute(session, _sql("grant_again", to=role, privilege=privilege, may_grant=may_grant, **context))
        may_select = comment == full_mark and one(
            session, _sql("may_select"), {"role": view.role, "schema": view.schema, "name": view.name}
        )
        if may_select != (True,):
            execute(session, _sql("grant_select", role=view.role, **context))
    except psycopg2.Error as error:
        execute_always(session, "ROLLBACK TO SAVEPOINT one_view")
        outcome.fail(view.label, error)
        return
    if isinstance(session, PlannedSession):
        session.label(view.label)
    if comment is None and taken is None:
        outcome.created.append(view.label)
    elif comment != full_mark or may_select != (True,):
        outcome.updated.append(view.label)
    else:
        outcome.unchanged.append(view.label)


def _remove(session: Connection, schema: str, name: str, outcome: _Outcome, *, only_try: bool) -> None:
    if isinstance(session, PlannedSession):
        _plan_removal(session, schema, name, outcome)
        return
    execute(session, "SAVEPOINT one_view")
    try:
        execute(session, _sql("drop", schema=schema, name=name))
    except psycopg2.Error as error:
        execute(session, "ROLLBACK TO SAVEPOINT one_view")
        outcome.fail(f"{schema}.{name}", error)
        return
    if only_try:
        execute(session, "ROLLBACK TO SAVEPOINT one_view")
    else:
        outcome.removed.append(f"{schema}.{name}")


def _plan_removal(session: PlannedSession, schema: str, name: str, outcome: _Outcome) -> None:
    """What a removal would come to: it fails where something stands on the view."""
    label = f"{schema}.{name}"
    on_it = {"relations": [qualified(schema, name)], "columns": None}
    if rows(session, statement("deploy", "alter.sql.j2", "who_stands_on"), on_it):
        outcome.failed.append(label)
        outcome.reasons[label] = f"cannot drop view {label} because other objects depend on it"
        return
    execute(session, _sql("drop", schema=schema, name=name))
    session.label(label)
    outcome.removed.append(label)


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "views.sql.j2", block, **context)
