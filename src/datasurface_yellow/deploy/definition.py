"""The statements that make the consumers' views and functions."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from datasurface_yellow.deploy.filters import conditions, filtered_columns, parameters_of
from datasurface_yellow.deploy.shown import MERGE_ALIAS, ShownColumn, select_list
from datasurface_yellow.deploy.wanted import ARGUMENTS, Kind, View
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import bound
from datasurface_yellow.store.quoting import identifier, qualified
from datasurface_yellow.store.statements import statement

DEFINITIONS = 2
"""Raised when the statements below change, or their templates: then views and functions that stand are made again."""

OPERATION = "ds_surf_operation"
"""What ``changes`` calls its first column: insert, update or delete."""

_BATCHES_COLUMNS = (
    ("ds_surf_batch", "integer"),
    ("ds_surf_valid_from", "timestamp with time zone"),
    ("ds_surf_follows", "integer"),
)
_HISTORY_COLUMNS = (
    ("ds_surf_batch_in", "integer"),
    ("ds_surf_batch_out", "integer"),
    ("ds_surf_valid_from", "timestamp with time zone"),
    ("ds_surf_valid_to", "timestamp with time zone"),
)


def can_be_made(view: View) -> bool:
    """Whether what the view shows is enough for it: some column, and for changes the whole key, which may be masked."""
    shown = view.columns
    shown_keys = sum(column.is_key for column in shown)
    return bool(shown) and (view.kind is not Kind.CHANGES or shown_keys == len(view.table.keys))


def columns_of(view: View) -> tuple[tuple[str, str], ...]:
    """Name and type of each column that a view has, or that a function's rows have."""
    shown = tuple((column.name, column.type) for column in view.columns)
    match view.kind:
        case Kind.HISTORY:
            return (*shown, *_HISTORY_COLUMNS)
        case Kind.BATCHES:
            return _BATCHES_COLUMNS
        case Kind.BATCH_AT | Kind.SETTLED:
            return ()
        case Kind.CHANGES:
            return ((OPERATION, "text"), *shown)
        case _:
            return shown


def ingredients(view: View, names: PlatformNames) -> tuple[object, ...]:
    """All that ``definition`` makes a statement of, beside the statements' own words. What stands is compared by this,
    which takes a tenth of the time."""
    table, columns = view.table, view.columns
    filters = filtered_columns(view, MERGE_ALIAS) if view.kind in (Kind.LIVE, Kind.HISTORY) else ()
    shown = [(column.name, column.type, column.expression, column.is_key) for column in columns]
    return (
        *(view.schema, *view.names, view.kind.value, view.stream, view.is_barrier),
        *(table.schema, table.merge, table.is_forensic, table.name, names.batch_metrics, names.horizon),
        _arguments(view, columns) if view.kind in (Kind.BATCHES, Kind.BATCH_AT, Kind.SETTLED) else shown,
        *((each.value, each.type, each.filter.values) for each in filters),
    )


def definition(session: Connection, view: View, names: PlatformNames | None, into: str | None = None) -> str:
    """The statement that makes a view or function. The session makes texts of parameters, and is asked nothing.

    ``names``: of the platform's tables; None where the view is of a kind that reads none of them.
    ``into``: the schema in which it is made beside the one that stands, over the same; None for its own.
    """
    columns, filters = view.columns, filtered_columns(view, MERGE_ALIAS)
    context = {
        "v": view,
        "made": qualified(into or view.schema, view.name),
        "t": view.table,
        "metrics": names.batch_metrics if names else None,
        "horizon": names.horizon if names else None,
        "columns": columns,
        "select_list": select_list(columns),
        "conditions": conditions(filters),
        "keys": [column for column in columns if column.is_key],
        "values": [column for column in columns if not column.is_key],
        "arguments": _arguments(view, columns),
        "returns": ", ".join(f"{identifier(name)} {kind}" for name, kind in columns_of(view)),
        **{kind.value: qualified(view.schema, view.beside(kind).name) for kind in Kind},
    }
    parameters = {
        "stream": view.stream,
        "dataset": view.table.name,
        "live": view.beside(Kind.LIVE).label,
        "batches": view.beside(Kind.BATCHES).label,
        **parameters_of(filters),
    }
    if view.kind in (Kind.BATCH_AT, Kind.SETTLED):  # PL/pgSQL, whose body is a text
        parameters["body"] = bound(session, _sql(f"body_of_{view.kind.value}", **context), parameters)
    return bound(session, _sql(f"create_{view.kind.value}", **context), parameters)


def _arguments(view: View, columns: Sequence[ShownColumn]) -> str:
    """A function's arguments. One that has the name of a column has none itself: the server refuses two of one name."""
    taken = {column.name for column in columns}
    return ", ".join(
        kind if name in taken else f"{identifier(name)} {kind}" for name, kind in ARGUMENTS.get(view.kind, ())
    )


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "views.sql.j2", block, **context)
