"""Bytes of erased rows leave the database's files."""

from collections.abc import Iterator, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


def vacuum(session: Connection, names: PlatformNames, table: MergeTable) -> Sequence[str]:
    """Write anew what an erasure touches, and the statistics of it; what only an administrator may, in words.

    In a session that has the stream.
    """
    session.autocommit = True
    return list(_Vacuum(session, names, table).run())


@frozen
class _Vacuum:
    session: Connection
    names: PlatformNames
    table: MergeTable

    def run(self) -> Iterator[str]:
        table, names = self.table, self.names
        parts = [table.live, table.history] if table.is_forensic else [table.merge]
        is_empty = self._is_empty(table.merge)
        for name in (*parts, table.staging):
            if not is_empty and self._is_empty(name):
                execute(self.session, self._sql("analyze_empty", name))
            execute(self.session, self._sql("vacuum", name))
        execute(self.session, self._sql("analyze", table.merge))
        for name in (names.batch_metrics, names.job_result):
            execute(self.session, self._sql("vacuum", name))
        left = [*parts, table.merge, table.staging] if is_empty else []
        yield from _vacuum_statistics(self.session, table.schema, left, table.name)

    def _is_empty(self, name: str) -> bool:
        return one(self.session, self._sql("is_empty", name)) == (True,)

    def _sql(self, block: str, name: str) -> str:
        return _sql(block, self.table.schema, name, t=self.table)


def vacuum_tables(session: Connection, schema: str, names: Sequence[str], what: str) -> Iterator[str]:
    """The same for plain tables, in a session that commits each statement. ``what``: they are, for people."""
    empty = [name for name in names if one(session, _sql("is_empty", schema, name)) == (True,)]
    for name in names:
        execute(session, _sql("vacuum", schema, name))
    yield from _vacuum_statistics(session, schema, empty, what)


def _vacuum_statistics(session: Connection, schema: str, empty: Sequence[str], what: str) -> Iterator[str]:
    """The statistics of these tables, too, which the server does not renew."""
    may, database = cast("tuple[bool, str]", one(session, _sql("may_vacuum_statistics", schema)))
    last = "VACUUM FULL pg_catalog.pg_statistic"
    if empty:
        first = _sql("delete_statistics", schema, tables=list(dict.fromkeys(empty)))
        yield (
            f"{what} is empty now, and PostgreSQL keeps the statistics of empty tables, which hold "
            f"values: let a superuser run in {database}: {first}; then {last}"
        )
    elif not may:
        yield (
            "the planner's statistics may still hold values that they had of the erased rows: let the owner of the "
            f"database run {last} in {database}"
        )
    else:
        execute(session, _sql("vacuum_statistics", schema))


def _sql(block: str, schema: str, name: str = "", **context: object) -> str:
    return statement("erasure", "vacuum.sql.j2", block, schema=schema, table=name, **context)
