"""What a role gets when it tries. Nothing that is tried changes anything: the session is read-only, and a write is only
explained, for which the server asks the same rights."""

from collections.abc import Iterator, Mapping

import psycopg2
import psycopg2.errors
from attrs import field, frozen
from psycopg2.errorcodes import LOCK_NOT_AVAILABLE
from psycopg2.extensions import connection as Connection

from datasurface.access import AccessCell, Seen
from datasurface_yellow.access.expected import SEEN, Expected, SeenView, is_masked_by
from datasurface_yellow.access.inventory import Inventory, Relation, Remote
from datasurface_yellow.deploy.filters import conditions, parameters_of
from datasurface_yellow.deploy.wanted import Place
from datasurface_yellow.store.connection import primary_message, rows
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement

SAMPLE = 100
"""Rows of which the masks are looked at."""
_CATALOGUE = ("pg_authid", "pg_statistic", "pg_statistic_ext_data", "pg_user_mapping", "pg_largeobject")
"""Tables of the server that hold secrets, or values of other tables."""
_WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
_PUBLIC = "public"
FILTERED_ROWS = "SELECT FILTERED ROWS"
"""The operation of a cell that is about rows which a view must not show."""
_NO_ANSWER = ("08", "53", "57")
"""Classes of errors that say nothing of rights: of connections, of resources, of an operator."""
_Parameters = Mapping[str, object] | None


@frozen
class Trial:
    """One role at work in one database.

    Attributes:
        changed: views and functions of ours that are not as they were made, whatever their rows show.
        remote: of a consumer's database.
        unreachable: by schema, why its views have no answer: their server does not reach the merge database.
    """

    session: Connection
    role: str
    expected: Expected
    inventory: Inventory
    changed: frozenset[Place]
    remote: Remote | None = None
    unreachable: dict[str, str] = field(factory=dict)

    def cells(self) -> Iterator[AccessCell]:
        """Everything that it may do or not, tried."""
        yield from self._powers()
        yield from self._schemas()
        yield from self._relations()
        yield from self._functions()
        for name in _CATALOGUE:
            observed, detail = self._try(_sql("read_any", relation=qualified("pg_catalog", name)))
            yield self._cell(f"pg_catalog.{name}", "SELECT", Seen.DENIED, observed, detail=detail)
        if self.remote is not None:
            names = {**self.remote.names, "role": self.role}
            for what, operation, has in rows(self.session, _sql("rights_on_remote"), names):
                yield self._cell(str(what), str(operation), Seen.DENIED, _seen(has is True))

    def _powers(self) -> Iterator[AccessCell]:
        for power, has in rows(self.session, _sql("powers"), {"role": self.role}):
            yield self._cell("the role", str(power), Seen.DENIED, _seen(has is True))
        for right, has in rows(self.session, _sql("rights_on_database")):
            if right == "CONNECT" and not self.expected.connects:
                continue
            wanted = _seen(right == "CONNECT")
            yield self._cell("the database", str(right), wanted, _seen(has is True))

    def _schemas(self) -> Iterator[AccessCell]:
        mine = [name for name, owner in self.inventory.schemas.items() if owner != self.role]
        for name, right, has in rows(self.session, _sql("rights_on_schemas"), {"schemas": mine}):
            if right == "USAGE" and name == _PUBLIC:  # everybody's in a new database; what is in it is tried
                continue
            wanted = right == "USAGE" and name in self.expected.schemas
            yield self._cell(f"schema {name}", str(right), _seen(wanted), _seen(has is True))

    def _relations(self) -> Iterator[AccessCell]:
        rights = rows(self.session, _sql("rights_to_write"), {"schemas": self.inventory.all_schemas})
        held = {(str(schema), str(name), str(right)) for schema, name, right in rights}
        standing = set()
        for relation in self.inventory.relations:
            standing.add(relation.place)
            if relation.owner == self.role:
                continue
            view = self.expected.views.get(relation.place)
            yield from self._unreadable(relation) if view is None else self._readable(relation, view)
            yield from self._writes(relation, held)
        for place in self.expected.views.keys() - standing:
            yield self._cell(str(place), "SELECT", Seen.ALLOWED, Seen.ABSENT)

    def _unreadable(self, relation: Relation) -> Iterator[AccessCell]:
        if self.remote is not None:
            yield from self._without_right(relation)
            return
        name = relation.place.quoted
        observed, detail = self._try(_sql("read_any", relation=name))
        yield self._cell(str(relation.place), "SELECT", Seen.DENIED, observed, detail=detail)
        for column in relation.columns if observed is not Seen.DENIED else ():
            observed, _ = self._try(_sql("read_column", relation=name, column=column, limit=0, as_text=""))
            yield self._cell(str(relation.place), "SELECT", Seen.DENIED, observed, column)

    def _without_right(self, relation: Relation) -> Iterator[AccessCell]:
        """The same where foreign tables are: the server asks for a mapping, and the host it leads to, before it looks
        at rights. So it is asked for these alone."""
        place = relation.place
        found = rows(self.session, _sql("readable_columns"), {"schema": place.schema, "name": place.name})
        readable = {str(column) for (column,) in found}
        yield self._cell(str(place), "SELECT", Seen.DENIED, _seen(bool(readable)))
        for column in relation.columns if readable else ():
            yield self._cell(str(place), "SELECT", Seen.DENIED, _seen(column in readable), column)

    def _readable(self, relation: Relation, view: SeenView) -> Iterator[AccessCell]:
        name = relation.place.quoted
        for column, mask in view.columns.items():
            wanted = Seen.ALLOWED if mask is None else SEEN[mask.kind]
            as_text = "" if mask is None else "::text"
            values: list[object] = []
            sql = _sql("read_column", relation=name, column=column, limit=SAMPLE, as_text=as_text)
            answer = self._answer(relation.place, sql, values)
            if answer is None:
                return
            observed, detail = answer
            if observed is Seen.ALLOWED and mask is not None:
                observed = SEEN[mask.kind] if is_masked_by(mask, values) else Seen.OTHERWISE
                detail = "" if observed is not Seen.OTHERWISE else "values are shown that no such mask shows"
            yield self._cell(str(relation.place), "SELECT", wanted, observed, column, detail)
        if view.is_filtered:
            yield from self._filtered_rows(relation, view)
        for column in dict.fromkeys((*view.hidden, *relation.columns)):
            if column not in view.columns:
                sql = _sql("read_column", relation=name, column=column, limit=0, as_text="")
                observed, detail = self._try(sql)
                yield self._cell(str(relation.place), "SELECT", Seen.ABSENT, observed, column, detail)

    def _filtered_rows(self, relation: Relation, view: SeenView) -> Iterator[AccessCell]:
        """Whether any row is seen that does not pass. Where no column shows it, only the view itself can tell."""
        place, found = relation.place, list[object]()
        if view.filters:
            sql = _sql("read_filtered", relation=place.quoted, conditions=conditions(view.filters))
            answer = self._answer(place, sql, found, parameters_of(view.filters))
        else:
            answer = self._answer(place, _sql("read_any", relation=place.quoted))
        if answer is None:
            return
        observed, detail = answer
        if found:
            observed, detail = Seen.ALLOWED, "rows are shown that no filter lets pass"
        elif observed is Seen.ALLOWED:
            observed = Seen.DENIED
        yield self._cell(str(place), FILTERED_ROWS, Seen.DENIED, observed, detail=detail)

    def _writes(self, relation: Relation, held: set[tuple[str, str, str]]) -> Iterator[AccessCell]:
        place = relation.place
        for right in _WRITES if relation.kind != "S" else ():
            observed = _seen((place.schema, place.name, right) in held)
            is_tried = right in ("INSERT", "UPDATE", "DELETE") and relation.columns and self.remote is None
            if observed is Seen.DENIED and is_tried:
                context = {"relation": place.quoted, "column": relation.columns[0]}
                tried, _ = self._try(_sql(f"write_{right.lower()}", **context))
                observed = Seen.ALLOWED if tried is Seen.ALLOWED else Seen.DENIED
            yield self._cell(str(place), right, Seen.DENIED, observed)

    def _functions(self) -> Iterator[AccessCell]:
        found = rows(self.session, _sql("rights_to_call"), {"schemas": self.inventory.all_schemas})
        callable_ones = {Place(str(schema), str(name), str(signature)) for schema, name, signature in found}
        for place, owner in self.inventory.functions.items():
            if owner == self.role:
                continue
            if place not in self.expected.functions:  # not called: nobody knows what it does
                yield self._cell(str(place), "EXECUTE", Seen.DENIED, _seen(place in callable_ones))
                continue
            kinds = place.signature.split(", ") if place.signature else []
            arguments = ", ".join(f"NULL::{kind}" for kind in kinds)
            sql = _sql("call", function=qualified(place.schema, place.name), arguments=arguments)
            answer = self._answer(place, sql)
            if answer is not None:
                yield self._cell(str(place), "EXECUTE", Seen.ALLOWED, answer[0], detail=answer[1])
        for place in self.expected.functions - self.inventory.functions.keys():
            yield self._cell(str(place), "EXECUTE", Seen.ALLOWED, Seen.ABSENT)

    def _answer(
        self, place: Place, sql: str, values: list[object] | None = None, parameters: _Parameters = None
    ) -> tuple[Seen, str] | None:
        """What comes of reading something of ours; None where its server does not reach the merge database. That is
        asked once for each schema: to wait for a host that is away takes its time."""
        if place.schema in self.unreachable:
            return None
        try:
            observed, detail = self._try(sql, values, parameters)
        except psycopg2.OperationalError as error:
            if self.remote is None or self.session.closed or (error.pgcode or "")[:2] != "08":
                raise
            self.unreachable[place.schema] = primary_message(error)
            return None
        if observed is Seen.ALLOWED and place in self.changed:
            return Seen.OTHERWISE, f"the {place.word.lower()} is not as it was made: run `datasurface apply`"
        return observed, detail

    def _try(self, sql: str, values: list[object] | None = None, parameters: _Parameters = None) -> tuple[Seen, str]:
        """What comes of a statement; ``values`` gets the first column of its rows."""
        try:
            found = rows(self.session, sql, parameters)
        except psycopg2.errors.InsufficientPrivilege:
            return Seen.DENIED, ""
        except (psycopg2.errors.UndefinedColumn, psycopg2.errors.UndefinedTable, psycopg2.errors.UndefinedFunction):
            return Seen.ABSENT, ""
        except psycopg2.Error as error:
            if error.pgcode is None or error.pgcode[:2] in _NO_ANSWER or error.pgcode == LOCK_NOT_AVAILABLE:
                raise
            return Seen.OTHERWISE, primary_message(error)
        if values is not None:
            values += [row[0] for row in found]
        return Seen.ALLOWED, ""

    def _cell(
        self, what: str, operation: str, wanted: Seen, observed: Seen, column: str | None = None, detail: str = ""
    ) -> AccessCell:
        return AccessCell(self.role, what, column, operation, wanted, observed, detail)


def _seen(is_allowed: bool) -> Seen:
    return Seen.ALLOWED if is_allowed else Seen.DENIED


def _sql(block: str, /, **context: object) -> str:
    return statement("access", "access.sql.j2", block, **context)
