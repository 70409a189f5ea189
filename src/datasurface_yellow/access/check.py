"""The check of a platform: become each role that reads in its merge database, and try everything there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_

import psycopg2
from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.access import AccessCell, AccessReport, Seen
from datasurface.deployment import Deployment
from datasurface.model import Container, PostgresDatabase
from datasurface_yellow.access.become import PREFIX, Checker, checker, may_not_connect, unchecked
from datasurface_yellow.access.expected import Expected, expected
from datasurface_yellow.access.observed import Inventory, Trial, existing, members
from datasurface_yellow.deploy.definition import can_be_made, definition
from datasurface_yellow.deploy.wanted import Kind, Place, View, wanted_views
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import connection, naming
from datasurface_yellow.store.catalog import PlatformNames, platform_names
from datasurface_yellow.store.connection import ConnectionFailed, execute_always, one
from datasurface_yellow.store.layouts import read_layouts
from datasurface_yellow.store.statements import statement


def check_access(
    owner: Connection,
    where: connection.Place,
    deployment: Deployment,
    all_deployments: Sequence[Deployment],
    schema: str,
) -> AccessReport:
    """Try everything as every role that reads.

    What other platforms of the generation show in the same database is tried by their checks: but their roles must not
    see what this one has.

    Args:
        owner: a session of the platform's own role.
        where: the merge database, with the secret of a login that may become the roles.
        schema: of the platform's tables.

    Raises:
        AccessUnchecked: the login can become none of the roles.
    """
    names = platform_names(deployment.platform.name, schema)
    views = _made(wanted_views(deployment, schema, read_layouts(owner, names)))
    others = _made(_views_of_others(deployment, all_deployments))
    elsewhere = {
        naming.reader_role(view.workspace) for view in deployment.views if isinstance(view.container, PostgresDatabase)
    }
    changed = changed_views(owner, views, names)
    owner.rollback()
    wanted = expected(views, elsewhere)
    for view in others:
        wanted[view.role] = wanted.get(view.role, Expected()) | Expected(frozenset({view.schema}))
    with checker(where) as check:
        there = existing(check.session, wanted)
        by_role = {role: wanted[role] for role in sorted(there)}
        for member, of in members(check.session, there, PREFIX).items():
            by_role[member] = reduce(or_, (wanted[role] for role in of))
        inventory = Inventory.of(check.session, frozenset(view.place for view in others))
        report = _tried(check, by_role, inventory, changed)
    if wanted and not report.roles:
        raise unchecked(where, sorted(wanted))
    missing = dict.fromkeys(sorted(wanted.keys() - there), "there is no such role")
    return AccessReport(report.cells, report.roles, {**missing, **report.unchecked})


def _made(views: Iterable[View]) -> list[View]:
    return [view for view in views if can_be_made(view)]


def _views_of_others(deployment: Deployment, all_deployments: Iterable[Deployment]) -> Iterator[View]:
    """What the other platforms show in the same merge database."""
    for other in all_deployments:
        platform = other.platform
        if (
            isinstance(platform, YellowDataPlatform)
            and platform.name != deployment.platform.name
            and _address(platform.merge_store) == _address(deployment.platform.merge_store)
        ):
            yield from wanted_views(other, platform.schema)


def _address(container: Container) -> tuple[str, int, str] | None:
    if not isinstance(container, PostgresDatabase):
        return None
    return container.host, container.port, container.database


def _tried(
    check: Checker, by_role: Mapping[str, Expected], inventory: Inventory, changed: frozenset[Place]
) -> AccessReport:
    cells: list[AccessCell] = []
    ways: dict[str, str] = {}
    failed: dict[str, str] = {}
    for role, wanted in by_role.items():
        way = check.way_to(role)
        if way is None:
            failed[role] = f"{check.where.secret.user} may not become it"
            continue
        ways[role] = way
        try:
            with check.as_role(role, way) as session:
                cells += Trial(session, role, wanted, inventory, changed).cells()
        except ConnectionFailed as error:
            if not may_not_connect(error):
                raise
            should = Seen.ALLOWED if wanted.connects else Seen.DENIED
            cells.append(AccessCell(role, "the database", None, "CONNECT", should, Seen.DENIED))
    return AccessReport(tuple(cells), ways, failed)


def changed_views(owner: Connection, views: Sequence[View], names: PlatformNames) -> frozenset[Place]:
    """The views that stand and are not as they should be: each is made again as a temporary one, compared, and taken
    back."""
    changed = set()
    for view in views:
        if view.kind not in (Kind.LIVE, Kind.HISTORY):
            continue
        execute_always(owner, "SAVEPOINT one_view")
        temporary = evolve(view, schema="pg_temp")
        try:
            execute_always(owner, definition(owner, temporary, names).replace("%", "%%"))
            places = {"view": view.place.quoted, "made": temporary.place.quoted}
            is_as_made = one(owner, statement("access", "access.sql.j2", "is_as_made"), places)
        except psycopg2.Error:  # a table under it is gone: what stands is no view of it
            is_as_made = (False,)
        execute_always(owner, "ROLLBACK TO SAVEPOINT one_view")
        if is_as_made not in (None, (True,)):
            changed.add(view.place)
    return frozenset(changed)
