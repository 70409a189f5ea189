"""The check of a platform: become each role that reads in its merge database, and try everything there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import psycopg2
from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.access import AccessReport
from datasurface.deployment import Deployment
from datasurface.model import Container, PostgresDatabase
from datasurface_yellow.access.become import checker
from datasurface_yellow.access.expected import Expected, expected
from datasurface_yellow.access.inventory import Inventory
from datasurface_yellow.access.proving import Proof
from datasurface_yellow.deploy.definition import can_be_made, definition
from datasurface_yellow.deploy.wanted import Place, View, wanted_views
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import connection, naming
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import execute_always, one
from datasurface_yellow.store.statements import statement

_TEMPORARY = "pg_temp"


def check_merge_database(
    owner: Connection,
    where: connection.Place,
    deployment: Deployment,
    views: Sequence[View],
    all_deployments: Sequence[Deployment],
    names: PlatformNames,
    readers: Mapping[str, str],
) -> AccessReport:
    """Try everything as every role that reads there.

    What other platforms of the generation show in the same database is tried by their checks: but their roles must not
    see what this one has.

    Args:
        owner: a session of the platform's own role.
        where: the merge database, with the secret of a login that may become the roles.
        views: what should stand there.
        readers: the logins by which databases of workspaces' own read this one, each with its workspace's role.
    """
    others = _beside(deployment, all_deployments)
    elsewhere = {
        naming.reader_role(view.workspace) for view in deployment.views if isinstance(view.container, PostgresDatabase)
    }
    changed = changed_views(owner, views, names)
    owner.rollback()
    wanted = with_schemas_of(others, expected(views, elsewhere))
    logins = {login: evolve(wanted.get(role, Expected()), connects=True) for login, role in readers.items()}
    with checker(where) as check:
        inventory = Inventory.of(check.session, frozenset(view.place for view in others))
        return Proof(wanted, inventory, changed, logins).report(check)


def made(views: Iterable[View]) -> list[View]:
    """Those that can stand."""
    return [view for view in views if can_be_made(view)]


def other_views(
    deployment: Deployment, all_deployments: Iterable[Deployment]
) -> Iterator[tuple[Deployment, list[View]]]:
    """What the other platforms of the generation show, wherever."""
    for other in all_deployments:
        platform = other.platform
        if isinstance(platform, YellowDataPlatform) and platform.name != deployment.platform.name:
            yield other, made(wanted_views(other, platform.schema))


def with_schemas_of(others: Iterable[View], wanted: Mapping[str, Expected]) -> dict[str, Expected]:
    """What roles may do where views of other platforms are, too."""
    found = dict(wanted)
    for view in others:
        found[view.role] = found.get(view.role, Expected()) | Expected(frozenset({view.schema}))
    return found


def _beside(deployment: Deployment, all_deployments: Iterable[Deployment]) -> list[View]:
    """What the other platforms show in the same merge database."""
    here = _address(deployment.platform.merge_store)
    found = other_views(deployment, all_deployments)
    return [view for other, views in found if _address(other.platform.merge_store) == here for view in views]


def _address(container: Container) -> tuple[str, int, str] | None:
    if not isinstance(container, PostgresDatabase):
        return None
    return container.host, container.port, container.database


def changed_views(owner: Connection, views: Sequence[View], names: PlatformNames) -> frozenset[Place]:
    """The views and functions that stand and are not as they should be: each is made again as a temporary one, over the
    same, compared, and taken back."""
    changed = set()
    for view in views:
        stands, made = view.place, evolve(view.place, schema=_TEMPORARY)
        compared = "is_view_as_made" if stands.is_view else "is_function_as_made"
        execute_always(owner, "SAVEPOINT one_view")
        try:
            execute_always(owner, definition(owner, view, names, _TEMPORARY).replace("%", "%%"))
            places = {"stands": stands.quoted, "made": made.quoted}
            is_as_made = one(owner, statement("access", "access.sql.j2", compared), places)
        except psycopg2.Error:  # a table or view under it is gone: what stands is not over that
            is_as_made = (False,)
        execute_always(owner, "ROLLBACK TO SAVEPOINT one_view")
        if is_as_made not in (None, (True,)):
            changed.add(stands)
    return frozenset(changed)
