"""The tables of a dataset: created where missing, looked at where they stand."""

from collections.abc import Iterator
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused
from datasurface.model import Milestoning
from datasurface.results import Step
from datasurface_yellow.deploy.evolution import Standing
from datasurface_yellow.store.catalog import relation_exists
from datasurface_yellow.store.connection import execute, one, rows
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


def ensure_tables(session: Connection, table: MergeTable) -> Iterator[Step]:
    """Make the dataset's tables exist; those that stand are left as they are."""
    if not relation_exists(session, table.schema, table.merge):
        for name in ("merge", "live", "history") if table.is_forensic else ("merge",):
            execute(session, _sql(f"create_{name}", table))
            yield Step("created table", getattr(table, name))
        if table.is_forensic:
            execute(session, _sql("create_history_index", table))
            execute(session, _sql("create_batch_index", table))
            yield Step("created index", table.history_index)
    if not relation_exists(session, table.schema, table.staging):
        execute(session, _sql("create_staging", table))
        execute(session, _sql("create_staging_index", table))
        yield Step("created table", table.staging)


def refuse_other_milestoning(session: Connection, table: MergeTable) -> None:
    """ApplyRefused where the merge table stands and was made for another milestoning: views would show its versions as
    rows.
    """
    stands = one(session, _sql("is_partitioned", table), {"schema": table.schema, "name": table.merge})
    if stands is not None and stands != (table.is_forensic,):
        made_for = Milestoning.FORENSIC if stands == (True,) else Milestoning.LIVE_ONLY
        raise ApplyRefused(
            f"table {table.merge} was made for {made_for.name}, and the platform is {table.milestoning.name} now",
            hint="a platform keeps its milestoning: take it back, or add another platform and assign the groups to it",
        )


def standing_tables(session: Connection, table: MergeTable) -> Standing | None:
    """The tables as they stand; None without a merge table."""
    merge = _columns(session, table, table.merge)
    if not merge:
        return None
    staging = _columns(session, table, table.staging)
    check = staging_check(session, table) if staging else None
    names = {"index": qualified(table.schema, table.key_index)}
    is_new = one(session, statement("deploy", "alter.sql.j2", "is_new", t=table), names) == (True,)
    return Standing(merge, staging, check[1] if check else frozenset(), is_new)


def staging_check(session: Connection, table: MergeTable) -> tuple[str, frozenset[str]] | None:
    """The name of staging's check, and the columns outside the key that it asks a value for."""
    found = one(
        session,
        statement("deploy", "alter.sql.j2", "required"),
        {"table": qualified(table.schema, table.staging)},
    )
    if found is None:
        return None
    name, columns = cast("tuple[str, list[str]]", found)
    return name, frozenset(column for column in columns if not column.startswith("ds_surf_"))


def _columns(session: Connection, table: MergeTable, name: str) -> dict[str, tuple[str, bool]]:
    """The dataset's columns of a table that stands: name to base type and nullability."""
    found = rows(session, _sql("columns", table), {"schema": table.schema, "name": name})
    return {
        str(column): (_base(str(kind)), not not_null)
        for column, kind, not_null in found
        if not str(column).startswith("ds_surf_")
    }


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


def _sql(name: str, table: MergeTable) -> str:
    return statement("deploy", "tables.sql.j2", name, t=table)
