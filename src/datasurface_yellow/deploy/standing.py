"""What stands of the consumers' views and functions, and by what it is known to be as it should."""

from collections.abc import Iterable, Mapping
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface_yellow.deploy.wanted import Place
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.statements import statement


@frozen
class Standing:
    """A view or function of ours that stands: the mark in its comment, and the roles that were let read it."""

    place: Place
    mark: str
    readers: tuple[str, ...]


def standing_views(session: Connection, deployment: Deployment) -> Mapping[Place, Standing]:
    """What this platform has made for consumers; what stands on another comes before that."""
    parameters = {"mark": mark_of(deployment.platform.name), "ending": _ending(deployment)}
    found = cast("list[tuple[str, str, str | None, str, list[str], int]]", rows(session, _sql("ours"), parameters))
    return {
        Place(schema, name, signature): Standing(Place(schema, name, signature), mark, tuple(readers))
        for schema, name, signature, mark, readers, _ in found
    }


def standing_columns(session: Connection, places: Iterable[Place]) -> Mapping[Place, tuple[tuple[str, str], ...]]:
    """Name and type of the columns of views that stand, and of the rows of functions."""
    found = cast(
        "list[tuple[str, str, str | None, str, str, int]]", rows(session, _sql("columns"), arrays("of", places))
    )
    columns: dict[Place, tuple[tuple[str, str], ...]] = {}
    for schema, name, signature, column, kind, _ in found:
        place = Place(schema, name, signature)
        columns[place] = (*columns.get(place, ()), (column, kind))
    return columns


def mark_of(platform: str) -> str:
    """How the comment of every view and function of a platform begins."""
    return f"datasurface {platform} "


def mark(deployment: Deployment, digest: str) -> str:
    """The comment of a view or function that was made by a statement with this digest."""
    return f"{mark_of(deployment.platform.name)}{digest}{_ending(deployment)}"


def _ending(deployment: Deployment) -> str:
    """How it ends: platforms of two ecosystems may have one name."""
    return f" of {deployment.ecosystem}"


def arrays(which: str, places: Iterable[Place]) -> dict[str, list[str]]:
    """The views and the functions among them, as parameters of a statement."""
    held = tuple(places)
    return {
        f"{which}_views": [place.quoted for place in held if place.is_view],
        f"{which}_functions": [place.quoted for place in held if not place.is_view],
    }


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "views.sql.j2", block, **context)
