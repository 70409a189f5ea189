"""What stands for the views of the merge database in a consumer's: a foreign table each, and a view over it."""

from collections.abc import Collection

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface_yellow.consumer.merge_side import MergeSide
from datasurface_yellow.consumer.site import Site
from datasurface_yellow.deploy.definition import definition
from datasurface_yellow.deploy.making import digest_of
from datasurface_yellow.deploy.wanted import View
from datasurface_yellow.store.connection import PlannedSession, bound, execute, rows
from datasurface_yellow.store.statements import statement


@frozen
class OverForeignTables:
    """How views and functions are made in a consumer's database: a view over a foreign table of its own; a function as
    in the merge database, over the views that are here.

    Attributes:
        collation: for texts, where this database sorts otherwise than the merge database.
    """

    session: Connection
    site: Site
    side: MergeSide
    collation: str | None

    def missing(self, view: View) -> str | None:
        """Why one has to wait: what it stands for is not there."""
        needed = view if view.place.is_view else view.beside(view.below)
        return None if needed.name in self.side.columns else f"{needed.label} does not exist in the merge database"

    def digest(self, view: View) -> str:
        """Of the statement itself."""
        return digest_of(self.statement(view))

    def statement(self, view: View) -> str:
        """What makes it. A foreign table that is left from before goes: its view has gone already."""
        if not view.place.is_view:
            return definition(self.session, view, None)
        context = _context(self.site, view.name) | {"columns": self.side.columns[view.name]}
        table = bound(
            self.session,
            _sql("create_foreign_table", **context, collation=self.collation),
            {"schema": view.schema, "name": view.name},
        )
        return ";\n".join(
            (_as_sent(_sql("drop_foreign_table", **context)), table, _as_sent(_sql("create_view", **context)))
        )


def drop_left_tables(session: Connection, site: Site, removed: Collection[str]) -> None:
    """Take away foreign tables of the site whose views are gone; ``removed``: labels of views that just went."""
    parameters = {"schema": site.schema, "remote_schema": site.remote_schema, "server": site.server}
    names = [str(name) for (name,) in rows(session, _sql("left_tables"), parameters)]
    if isinstance(session, PlannedSession):  # the views stand
        names += [label.removeprefix(f"{site.schema}.") for label in removed if "(" not in label]
    for name in names:
        execute(session, _sql("drop_foreign_table", **_context(site, name)))


def _as_sent(sql: str) -> str:
    """A statement without parameters as the driver would send it."""
    return sql.replace("%%", "%")


def _context(site: Site, name: str) -> dict[str, object]:
    return {"schema": site.schema, "remote_schema": site.remote_schema, "server": site.server, "name": name}


def _sql(block: str, /, **context: object) -> str:
    return statement("consumer", "consumer.sql.j2", block, **context)
