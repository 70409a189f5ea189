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
        yield from self._vacuum_statistics([*parts, table.merge, table.staging] if is_empty else [])

    def _vacuum_statistics(self, empty: Sequence[str]) -> Iterator[str]:
        """The statistics of these tables, too, which the server does not renew."""
        may, database = cast("tuple[bool, str]", one(self.session, self._sql("may_vacuum_statistics", "")))
        last = "VACUUM FULL pg_catalog.pg_statistic"
        if empty:
            first = self._sql("delete_statistics", "", tables=list(dict.fromkeys(empty)))
            yield (
                f"{self.table.name} is empty now, and PostgreSQL keeps the statistics of empty tables, which hold "
                f"values: let a superuser run in {database}: {first}; then {last}"
            )
        elif not may:
            yield (
                "the planner's statistics may still hold values that they had of the erased rows: let the owner of the "
                f"database run {last} in {database}"
            )
        else:
            execute(self.session, self._sql("vacuum_statistics", ""))

    def _is_empty(self, name: str) -> bool:
        return one(self.session, self._sql("is_empty", name)) == (True,)

    def _sql(self, block: str, name: str, **context: object) -> str:
        place = {"t": self.table, "schema": self.table.schema, "table": name}
        return statement("erasure", "vacuum.sql.j2", block, **place, **context)
