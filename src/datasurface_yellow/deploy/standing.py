"""What stands of the consumers' views and functions, and by what it is known to be as it should."""

from collections.abc import Iterable, Mapping
from hashlib import md5
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface_yellow.deploy.wanted import Place
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.statements import statement

_DIGITS = 16
"""Of a digest."""

_OF_VIEW = "w.ev_action, c.reloptions"
_OF_FUNCTION = "p.prosrc, p.prosqlbody, p.prolang, p.provolatile, p.prosecdef, p.proconfig"
DEFINED = {
    "VIEW_IS": f"substr(md5(concat_ws(' ', {_OF_VIEW})), 1, {_DIGITS})",
    "FUNCTION_IS": f"substr(md5(concat_ws(' ', {_OF_FUNCTION})), 1, {_DIGITS})",
}
"""Expressions: some digits of how the server keeps the definition of a view (its rule w, its relation c) and of a
function p. They are the same in one database; in one that was restored from a dump they are others."""


@frozen
class Standing:
    """A view or function of ours that stands.

    Attributes:
        mark: that its comment carries, in the first line.
        readers: the roles that were let read it.
        is_replaced: whether its definition is another than the one that got the mark; then the mark says nothing.
        description: the digest of the comment's other lines; empty without any.
    """

    place: Place
    mark: str
    readers: tuple[str, ...]
    is_replaced: bool
    description: str

    def says(self, description: str) -> bool:
        """Whether its comment says this of it."""
        return self.description == (md5(description.encode(), usedforsecurity=False).hexdigest() if description else "")


def standing_views(session: Connection, deployment: Deployment) -> Mapping[Place, Standing]:
    """What this platform has made for consumers; what stands on another comes before that."""
    parameters = {"mark": mark_of(deployment.platform.name), "ending": _ending(deployment)}
    found = cast(
        "list[tuple[str, str, str | None, str, list[str], str, str, int]]",
        rows(session, _sql("ours", **DEFINED), parameters),
    )
    return {
        Place(schema, name, signature): _standing(
            Place(schema, name, signature), comment, deployment.platform.name, tuple(readers), is_now, more
        )
        for schema, name, signature, comment, readers, is_now, more, _ in found
    }


def _standing(
    place: Place, comment: str, platform: str, readers: tuple[str, ...], is_now: str, description: str
) -> Standing:
    begin, rest = split(comment, platform)
    was, ending = rest[1 : 1 + _DIGITS], rest[1 + _DIGITS :]
    if not rest.startswith("-"):  # made by a version that did not look at definitions
        return Standing(place, "", readers, False, description)
    return Standing(place, begin + ending, readers, was != is_now, description)


def split(mark: str, platform: str) -> tuple[str, str]:
    """A mark up to the end of its digest, and the rest of it."""
    end = len(mark_of(platform)) + _DIGITS
    return mark[:end], mark[end:]


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
