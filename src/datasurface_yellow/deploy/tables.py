"""The tables of a dataset: created where missing, compared where they stand."""

from collections.abc import Iterator, Sequence

from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused
from datasurface.model import Milestoning
from datasurface.results import Step
from datasurface_yellow.store.catalog import relation_exists
from datasurface_yellow.store.connection import execute, one, rows
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


def ensure_tables(session: Connection, table: MergeTable) -> Iterator[Step]:
    """Make the dataset's tables exist.

    ApplyRefused, before anything is done, where one stands with other columns than the model's.
    """
    if relation_exists(session, table.schema, table.merge):
        _compare(session, table)
    else:
        for name in ("merge", "live", "history") if table.is_forensic else ("merge",):
            execute(session, _sql(f"create_{name}", table))
            yield Step("created table", getattr(table, name))
        if table.is_forensic:
            execute(session, _sql("create_history_index", table))
            execute(session, _sql("create_batch_indexes", table))
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


def _compare(session: Connection, table: MergeTable) -> None:
    stands = _columns(session, table, table.merge)
    wanted = {column.name: (_printed(column.type.base), column.nullable) for column in table.columns}
    differences = [*column_differences(stands, wanted), *_key_difference(session, table)]
    if differences:
        raise ApplyRefused(
            f"table {table.merge} stands with other columns than the model's: {'; '.join(differences)}",
            hint="this version applies new datasets, not changed ones: take it back, or model it as a new dataset",
        )


def _key_difference(session: Connection, table: MergeTable) -> Sequence[str]:
    """Staging keeps the key of deleted rows and nothing else of them: the columns that it must have are the key's."""
    staging = _columns(session, table, table.staging)
    stands = sorted(name for name, (_, nullable) in staging.items() if not nullable)
    wanted = sorted(column.name for column in table.keys)
    return (
        [f"the key is {', '.join(stands)}, the model says {', '.join(wanted)}"] if staging and stands != wanted else []
    )


def _columns(session: Connection, table: MergeTable, name: str) -> dict[str, tuple[str, bool]]:
    """The dataset's columns of a table that stands: name to type and nullability."""
    found = rows(session, _sql("columns", table), {"schema": table.schema, "name": name})
    return {
        str(column): (str(kind), not not_null)
        for column, kind, not_null in found
        if not str(column).startswith("ds_surf_")
    }


def column_differences(found: dict[str, tuple[str, bool]], wanted: dict[str, tuple[str, bool]]) -> Sequence[str]:
    """What differs between two tables' columns (name to type and nullability), in words."""
    gone = [f"column {name} is not in the model" for name in found.keys() - wanted.keys()]
    new = [f"column {name} is new" for name in wanted.keys() - found.keys()]
    changed = [
        f"column {name} is {_words(found[name])}, the model says {_words(wanted[name])}"
        for name in found.keys() & wanted.keys()
        if found[name] != wanted[name]
    ]
    return sorted([*gone, *new, *changed])


def _words(column: tuple[str, bool]) -> str:
    return f"{column[0]}{'' if column[1] else ' NOT NULL'}"


_PRINTED = {
    "varchar": "character varying",
    "time": "time without time zone",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
}
"""Names that the server prints otherwise than they are written."""


def _printed(base: str) -> str:
    element, array = (base[:-2], "[]") if base.endswith("[]") else (base, "")
    return _PRINTED.get(element, element) + array


def _sql(name: str, table: MergeTable) -> str:
    return statement("deploy", "tables.sql.j2", name, t=table)
