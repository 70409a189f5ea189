"""How the consumers' views and functions are made, and by what one that stands is known to be made so."""

from collections.abc import Collection, Sequence
from hashlib import blake2b
from typing import Protocol

from attrs import field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface_yellow.deploy.definition import DEFINITIONS, definition, ingredients
from datasurface_yellow.deploy.described import described
from datasurface_yellow.deploy.standing import mark
from datasurface_yellow.deploy.wanted import View
from datasurface_yellow.store.catalog import PlatformNames, relations


class Maker(Protocol):
    """How the views and functions are made that a reconciliation is about."""

    def missing(self, view: View) -> str | None:
        """Why one has to wait for what it stands on; None where nothing is missing."""
        ...

    def digest(self, view: View) -> str:
        """Another one for another statement; it is asked for far more often."""
        ...

    def statement(self, view: View) -> str:
        """What makes it, with nothing left to bind. What stands in its place is gone then."""
        ...


@frozen
class OverMergeTables:
    """In the merge database. ``tables``: the merge tables that there are, or will be before the views are made."""

    session: Connection
    names: PlatformNames
    tables: Collection[str]
    digests: dict[View, str] = field(factory=dict)
    """That were made already."""

    @classmethod
    def of(cls, session: Connection, names: PlatformNames, views: Sequence[View]) -> "OverMergeTables":
        """For these views."""
        return cls(session, names, relations(session, names.schema, {view.table.merge for view in views}))

    def missing(self, view: View) -> str | None:
        """The merge table may be."""
        return None if view.table.merge in self.tables else f"table {view.table.merge} does not exist"

    def digest(self, view: View) -> str:
        """Of all that the statement is made of."""
        if view not in self.digests:
            self.digests[view] = digest_of(DEFINITIONS, ingredients(view, self.names))
        return self.digests[view]

    def statement(self, view: View) -> str:
        """Over the merge table and the log of batches."""
        return definition(self.session, view, self.names)


@frozen(eq=False)
class MadeView:
    """A view or function as it should be made, with the mark that says so, and what is said of it."""

    view: View
    maker: Maker
    mark: str
    description: str

    @property
    def create(self) -> str:
        """The statement that makes it."""
        return self.maker.statement(self.view)


def as_made(view: View, deployment: Deployment, maker: Maker) -> MadeView:
    """A view or function as a maker would make it."""
    return MadeView(view, maker, mark(deployment, maker.digest(view)), described(view))


def digest_of(*parts: object) -> str:
    """What a mark tells definitions apart by."""
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()
