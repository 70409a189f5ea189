"""How the consumers' views and functions are made, and by what one that stands is known to be made so."""

from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Protocol

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface_yellow.deploy.definition import definition
from datasurface_yellow.deploy.standing import mark
from datasurface_yellow.deploy.wanted import View
from datasurface_yellow.store.catalog import PlatformNames, relations


class Maker(Protocol):
    """How the views and functions are made that a reconciliation is about."""

    def missing(self, view: View) -> str | None:
        """Why one has to wait for what it stands on; None where nothing is missing."""
        ...

    def statement(self, view: View) -> str:
        """What makes it, with nothing left to bind. What stands in its place is gone then."""
        ...


@frozen
class OverMergeTables:
    """In the merge database. ``tables``: the merge tables that there are."""

    session: Connection
    names: PlatformNames
    tables: Collection[str]

    @classmethod
    def of(
        cls, session: Connection, names: PlatformNames, views: Sequence[View], made: Collection[str] = ()
    ) -> "OverMergeTables":
        """For these views. ``made``: merge tables that this transaction has made sure of."""
        tables = {view.table.merge for view in views} - {*made}
        return cls(session, names, {*made, *relations(session, names.schema, tables)})

    def missing(self, view: View) -> str | None:
        """The merge table may be."""
        return None if view.table.merge in self.tables else f"table {view.table.merge} does not exist"

    def statement(self, view: View) -> str:
        """Over the merge table and the log of batches."""
        return definition(self.session, view, self.names.batch_metrics)


@frozen(eq=False)
class MadeView:
    """A view or function as it should be made, with the mark that says so."""

    view: View
    create: str
    mark: str


def as_made(view: View, deployment: Deployment, maker: Maker) -> MadeView:
    """A view or function as a maker would make it."""
    create = maker.statement(view)
    return MadeView(view, create, mark(deployment, blake2b(create.encode(), digest_size=8).hexdigest()))
