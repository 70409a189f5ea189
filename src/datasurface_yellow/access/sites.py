"""The check of a consumer's own database: what stands there for the views of a merge database, and what leads there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.access import AccessReport
from datasurface.model import PostgresDatabase
from datasurface_yellow.access.become import checker
from datasurface_yellow.access.check import with_schemas_of
from datasurface_yellow.access.expected import expected
from datasurface_yellow.access.inventory import Inventory, Remote
from datasurface_yellow.access.proving import Proof
from datasurface_yellow.consumer.foreign_server import server_options
from datasurface_yellow.consumer.merge_side import merge_side
from datasurface_yellow.consumer.site import Site
from datasurface_yellow.deploy.wanted import Place
from datasurface_yellow.store import connection
from datasurface_yellow.store.connection import one, rows
from datasurface_yellow.store.statements import statement

Columns = tuple[tuple[str, str], ...]
"""Name and type of each, in order."""


@frozen
class Standing:
    """What stands for one workspace in one database.

    Attributes:
        views: with their columns.
        functions: with all that tells one from another.
        version: of the server; each writes bodies of functions in words of its own.
    """

    views: Mapping[Place, Columns]
    functions: Mapping[Place, tuple[str, str]]
    version: int


def standing_in_merge_database(session: Connection, site: Site) -> Standing:
    """What a consumer's database is compared with."""
    columns = merge_side(session, site).columns
    views = {
        Place(site.schema, name): tuple((each.name, each.type) for each in found) for name, found in columns.items()
    }
    return Standing(views, _functions(session, site), _version(session))


def check_site_database(
    where: connection.Place,
    sites: Sequence[Site],
    others: Sequence[Site],
    merge: PostgresDatabase,
    standing: Mapping[str, Standing],
) -> AccessReport:
    """Try everything as every role that reads in one consumers' database.

    Args:
        where: the database, with the secret of a login that may become the roles.
        sites: what the platform has there.
        others: what other platforms have there; it is tried by their checks.
        standing: by workspace, what stands in the merge database; what is missing is not compared.
    """
    elsewhere = [view for site in others for view in site.views]
    wanted = with_schemas_of(elsewhere, expected((view for site in sites for view in site.views), ()))
    every = (*sites, *others)
    remote = Remote(
        frozenset(site.server for site in every),
        frozenset(schema for site in every for schema in (site.schema, site.remote_schema, site.copied_schema)),
        frozenset(site.copied_schema for site in every),
    )
    with checker(where) as check:
        inventory = Inventory.of_remote(check.session, remote, frozenset(view.place for view in elsewhere))
        changed = frozenset(
            place
            for site in sites
            if site.workspace in standing
            for place in changed_here(check.session, site, merge, standing[site.workspace])
        )
        return Proof(wanted, inventory, changed, remote=remote).report(check)


def changed_here(session: Connection, site: Site, merge: PostgresDatabase, there: Standing) -> Iterator[Place]:
    """The views and functions of a site that are not what was made for those of the merge database."""
    names = {**site.names, "copied": [view.name for view in site.copied]}
    found = one(session, statement("consumer", "consumer.sql.j2", "server"), names)
    leads_there = found is not None and found[1] == server_options(merge)
    views = dict(_views(session, names))
    functions, same_words = _functions(session, site), _version(session) == there.version
    for view in site.views:
        place = view.place
        if place.is_view:
            is_as_made = leads_there and place in views and views[place] == there.views.get(place)
        else:
            mine, theirs = functions.get(place), there.functions.get(place)
            is_as_made = mine == theirs if same_words else (mine and mine[0]) == (theirs and theirs[0])
        if not is_as_made:
            yield place


def _views(session: Connection, names: Mapping[str, object]) -> Iterator[tuple[Place, Columns]]:
    found = cast("Iterable[tuple[str, bool, list[str], list[str]]]", rows(session, _sql("views_of_site"), names))
    for name, is_as_made, columns, types in found:
        if is_as_made:
            yield Place(str(names["schema"]), name), tuple(zip(columns, types, strict=True))


def _functions(session: Connection, site: Site) -> Mapping[Place, tuple[str, str]]:
    found = rows(session, _sql("functions_of_schema"), {"schema": site.schema})
    return {
        Place(site.schema, name, signature): (is_what, body)
        for name, signature, is_what, body in cast("Iterable[tuple[str, str, str, str]]", found)
    }


def _version(session: Connection) -> int:
    return session.server_version // 10000


def _sql(block: str) -> str:
    return statement("access", "access.sql.j2", block)
