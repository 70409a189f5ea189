"""The views of a workspace, as the code of its transformer reads them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import BinaryIO

from attrs import field, frozen
from psycopg2.extensions import connection as Connection

_ROWS_AT_ONCE = 2000


@frozen
class InputViews:
    """``datasurface.transform.Inputs`` in a session that sees one moment.

    Attributes:
        views: their quoted names, by ``Group/dataset``.
    """

    session: Connection
    views: Mapping[str, str]
    _numbers: "count[int]" = field(factory=lambda: count(1), init=False)

    def names(self) -> Sequence[str]:
        """What there is."""
        return list(self.views)

    def rows(self, name: str) -> Iterator[Mapping[str, object]]:
        """The live rows of a dataset."""
        return self.query(f"SELECT * FROM {self.table(name)}")  # noqa: S608 a quoted name of ours

    def table(self, name: str) -> str:
        """The quoted name of a view, for SQL that is bound."""
        found = [full for full in self.views if name in (full, full.partition("/")[2])]
        if len(found) == 1:
            return self.views[found[0]]
        if found:
            raise KeyError(f"{name} is in several groups: name it {' or '.join(found)}")
        raise KeyError(f"the workspace has no {name}; it has {', '.join(self.views)}")

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Iterator[Mapping[str, object]]:
        """The rows of a query."""
        return fetched(self.session, f"input_{next(self._numbers)}", sql, parameters)

    def copy_to(self, sql: str, file: BinaryIO) -> int:
        """The rows of a query as CSV."""
        with self.session.cursor() as cursor:
            cursor.copy_expert(f"COPY ({sql.replace('%%', '%')}) TO STDOUT (FORMAT csv, HEADER)", file)
            return cursor.rowcount


def fetched(
    session: Connection, name: str, sql: str, parameters: Mapping[str, object] | None
) -> Iterator[Mapping[str, object]]:
    """The rows of a query by a cursor of the server's, so that they need not fit into memory."""
    with session.cursor(name) as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(sql, parameters or {})
        columns: list[str] = []
        for row in cursor:
            columns = columns or [column.name for column in cursor.description or ()]
            yield dict(zip(columns, row, strict=True))
