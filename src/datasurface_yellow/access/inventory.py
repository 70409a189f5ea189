"""What there is in a database to be tried, and who is to try it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface_yellow.deploy.wanted import Place
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.statements import statement

_BUILT = ("r", "p", "f")
"""Kinds of relations: tables, partitioned ones, foreign ones."""


@frozen
class Relation:
    """A table, view or sequence, whoever made it."""

    place: Place
    kind: str
    owner: str
    columns: tuple[str, ...]


@frozen
class Remote:
    """The ways out of a consumer's database that are ours.

    Attributes:
        servers: foreign servers that lead to merge databases.
        schemas: of views, of functions, of foreign tables and of copies.
        copied: those of copies.
    """

    servers: frozenset[str]
    schemas: frozenset[str]
    copied: frozenset[str]

    @property
    def names(self) -> dict[str, object]:
        """As parameters of statements."""
        return {"servers": list(self.servers), "copied": list(self.copied)}


@frozen
class Inventory:
    """All that there is in a database to be tried.

    Attributes:
        schemas: with their owners.
        functions: with their owners.
    """

    schemas: Mapping[str, str]
    relations: tuple[Relation, ...]
    functions: Mapping[Place, str]

    @classmethod
    def of(cls, session: Connection, without: frozenset[Place]) -> "Inventory":
        """What a database holds, but for some views and functions."""
        schemas = cast("list[tuple[str, str]]", rows(session, _sql("schemas")))
        relations = cast("list[tuple[str, str, str, str, list[str]]]", rows(session, _sql("relations")))
        functions = cast("list[tuple[str, str, str, str]]", rows(session, _sql("functions")))
        return cls(
            dict(schemas),
            tuple(
                Relation(Place(schema, name), kind, owner, tuple(columns))
                for schema, name, kind, owner, columns in relations
                if Place(schema, name) not in without
            ),
            {
                Place(schema, name, signature): owner
                for schema, name, signature, owner in functions
                if Place(schema, name, signature) not in without
            },
        )

    @classmethod
    def of_remote(cls, session: Connection, remote: Remote, without: frozenset[Place]) -> "Inventory":
        """What a consumer's database holds that is ours or could show what is: its other objects are its own."""
        whole = cls.of(session, without)
        found = rows(session, _sql("beside_remote"), remote.names)
        beside = {Place(str(schema), str(name), cast("str | None", signature)) for schema, name, signature in found}
        return cls(
            {name: owner for name, owner in whole.schemas.items() if name in remote.schemas},
            tuple(each for each in whole.relations if each.place.schema in remote.schemas or each.place in beside),
            {
                place: owner
                for place, owner in whole.functions.items()
                if place.schema in remote.schemas or place in beside
            },
        )

    @property
    def all_schemas(self) -> list[str]:
        """Those in which something is."""
        places = [*(relation.place for relation in self.relations), *self.functions]
        return sorted({*self.schemas, *(place.schema for place in places)})

    @property
    def builders(self) -> list[str]:
        """Who owns tables here: they build what others read."""
        return sorted({relation.owner for relation in self.relations if relation.kind in _BUILT})


def members(
    session: Connection, roles: Iterable[str], prefix: str, builders: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """Who logs in as a member of some of these roles, with which; without those who build."""
    found = rows(session, _sql("members"), {"roles": list(roles), "prefix": prefix, "builders": builders})
    return dict(cast("list[tuple[str, list[str]]]", found))


def existing(session: Connection, roles: Iterable[str]) -> frozenset[str]:
    """Those of the roles that there are."""
    return frozenset(str(name) for (name,) in rows(session, _sql("existing"), {"roles": list(roles)}))


def _sql(block: str, /, **context: object) -> str:
    return statement("access", "access.sql.j2", block, **context)
