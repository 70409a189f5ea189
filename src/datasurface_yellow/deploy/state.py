"""What stands of a deployment's tables: read in a few queries, however many tables there are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface_yellow.deploy.evolution import Standing
from datasurface_yellow.store.catalog import PlatformNames, relations
from datasurface_yellow.store.connection import Row, one, rows
from datasurface_yellow.store.layout import TableLayout
from datasurface_yellow.store.layouts import read_layouts
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

PARTITIONED = "p"
"""The kind of a partitioned table in ``pg_class``: forensic merge tables are, live ones are not."""


@frozen
class State:
    """The tables of a deployment as they stand at one moment.

    Attributes:
        kinds: of tables and indexes, by name, as in ``pg_class.relkind``.
        columns: of merge tables and staging, the dataset's own: type and nullability by name.
        checks: of staging: the name of its check, and the columns outside the key that it asks a value for.
        filled: merge tables that were loaded once, or hold a row.
        layouts: that are kept, by merge table.
    """

    kinds: Mapping[str, str]
    columns: Mapping[str, Mapping[str, tuple[str, bool]]]
    checks: Mapping[str, tuple[str, frozenset[str]]]
    filled: frozenset[str]
    layouts: Mapping[str, TableLayout]

    def standing(self, table: MergeTable) -> Standing | None:
        """The tables of a dataset; None without a merge table."""
        merge = self.columns.get(table.merge)
        if not merge:
            return None
        check = self.checks.get(table.staging)
        return Standing(
            merge=merge,
            staging=self.columns.get(table.staging, {}),
            required=check[1] if check else frozenset(),
            is_new=table.merge not in self.filled,
        )


def read_state(session: Connection, names: PlatformNames, tables: Sequence[MergeTable]) -> State:
    """What stands of these tables."""
    schema = names.schema
    kinds = relations(session, schema, [name for table in tables for name in table.relations])
    columns: dict[str, dict[str, tuple[str, bool]]] = {}
    standing = [name for table in tables for name in (table.merge, table.staging) if name in kinds]
    for name, column, kind, not_null in _rows(session, "columns", schema, standing):
        if not str(column).startswith("ds_surf_"):
            columns.setdefault(str(name), {})[str(column)] = (_base(str(kind)), not not_null)
    checks = {
        str(name): (str(check), frozenset(c for c in cast("list[str]", asked) if not c.startswith("ds_surf_")))
        for name, check, asked in _rows(session, "checks", schema, [table.staging for table in tables])
    }
    return State(kinds, columns, checks, _filled(session, schema, tables, kinds), read_layouts(session, names))


def _filled(session: Connection, schema: str, tables: Iterable[MergeTable], kinds: Mapping[str, str]) -> frozenset[str]:
    """The first load makes the index of the key, whatever it finds. Without it somebody may have dropped it."""
    never = [table for table in tables if table.merge in kinds and table.key_index not in kinds]
    loaded = {table.merge for table in tables if table.key_index in kinds}
    with_pages = {
        str(name) for (name,) in _rows(session, "with_pages", schema, [name for table in never for name in table.parts])
    }
    for table in never:
        if with_pages.intersection(table.parts) and one(
            session, _sql("has_rows", schema=schema, table=table.merge)
        ) == (True,):
            loaded.add(table.merge)
    return frozenset(loaded)


def merged_by_their_stream(
    session: Connection, names: PlatformNames, wanted: Sequence[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Of these streams and datasets those that the stream has merged."""
    found = rows(
        session,
        _sql("merged_by", schema=names.schema, names=names),
        {"streams": [stream for stream, _ in wanted], "datasets": [dataset for _, dataset in wanted]},
    )
    return frozenset((str(stream), str(dataset)) for stream, dataset in found)


_BASES = {
    "character varying": "varchar",
    "time without time zone": "time",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
}
"""Types that the server prints otherwise than they are written."""


def _base(printed: str) -> str:
    element, array = (printed[:-2], "[]") if printed.endswith("[]") else (printed, "")
    return _BASES.get(element, element) + array


def _rows(session: Connection, block: str, schema: str, names: Iterable[str]) -> Sequence[Row]:
    names = list(names)
    return rows(session, _sql(block), {"schema": schema, "names": names}) if names else ()


def _sql(block: str, **context: object) -> str:
    return statement("deploy", "state.sql.j2", block, **context)
