"""What stands for the views of the merge database in a consumer's: a foreign table each, a copy of it where one is
asked for, and a view over the one or the other."""

from collections.abc import Collection

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface_yellow.consumer.merge_side import MergeSide
from datasurface_yellow.consumer.site import Site
from datasurface_yellow.deploy.definition import definition, ingredients
from datasurface_yellow.deploy.making import digest_of
from datasurface_yellow.deploy.wanted import Kind, View
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import PlannedSession, bound, execute, rows
from datasurface_yellow.store.statements import statement


@frozen
class OverForeignTables:
    """How views and functions are made in a consumer's database: a view over a foreign table of its own, or over the
    copy of one; a function as in the merge database, over the views that are here.

    Attributes:
        names: of the platform's tables, which the views in the merge database read.
        collation: for texts, where this database sorts otherwise than the merge database.
    """

    session: Connection
    site: Site
    side: MergeSide
    names: PlatformNames
    collation: str | None

    def missing(self, view: View) -> str | None:
        """Why one has to wait: what it stands for is not there."""
        needed = view if view.place.is_view else view.beside(view.below)
        return None if needed.name in self.side.columns else f"{needed.label} does not exist in the merge database"

    def digest(self, view: View) -> str:
        """Of the statement itself; of a copy also of the view in the merge database, so that it is made anew where that
        masks or filters otherwise."""
        if view.is_copied and view.place.is_view:
            return digest_of(self.statement(view), ingredients(view, self.names))
        return digest_of(self.statement(view))

    def statement(self, view: View) -> str:
        """What makes it. A foreign table or a copy that is left from before goes: its view has gone already."""
        if not view.place.is_view:
            return definition(self.session, view, None)
        context = {**self.site.names, "name": view.name, "columns": self.side.columns[view.name]}
        below = self.site.copied_schema if view.is_copied else self.site.remote_schema
        parts = [
            _as_sent(_sql("drop_foreign_table", **context)),
            bound(
                self.session,
                _sql("create_foreign_table", **context, collation=self.collation),
                {"schema": view.schema, "name": view.name},
            ),
            *([self._copy(view, context)] if view.is_copied else []),
            _as_sent(_sql("create_view", **context, below=below)),
        ]
        return ";\n".join(parts)

    def _copy(self, view: View, context: dict[str, object]) -> str:
        """A table with an index on the key, as far as it is shown."""
        keys = [column for column in view.columns if column.is_key] if view.kind is not Kind.BATCHES else []
        sql = statement("consumer", "copies.sql.j2", "create_copy", **context, keys=keys, collation=self.collation)
        return bound(self.session, sql, {"name": view.name})


def drop_left_tables(session: Connection, site: Site, removed: Collection[str]) -> None:
    """Take away foreign tables of the site whose views are gone; ``removed``: labels of views that just went."""
    names = [str(name) for (name,) in rows(session, _sql("left_tables"), site.names)]
    if isinstance(session, PlannedSession):  # the views stand
        names += [label.removeprefix(f"{site.schema}.") for label in removed if "(" not in label]
    for name in names:
        execute(session, _sql("drop_foreign_table", **site.names, name=name))


def _as_sent(sql: str) -> str:
    """A statement without parameters as the driver would send it."""
    return sql.replace("%%", "%")


def _sql(block: str, /, **context: object) -> str:
    return statement("consumer", "consumer.sql.j2", block, **context)
