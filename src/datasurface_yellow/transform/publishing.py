"""What a run wrote, looked at and put in the place of the outputs' rows: in the session's transaction."""

from collections.abc import Mapping, Sequence
from typing import cast

from psycopg2.extensions import connection as Connection

from datasurface.errors import TransformFailed
from datasurface.results import OutputRows
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, one, rows
from datasurface_yellow.store.masking import SHOWN_KEYS, shown_keys
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.transform.tables import sql
from datasurface_yellow.transform.workshop import Output, OutputColumn, Workshop


def publish(session: Connection, shop: Workshop, token: int) -> Mapping[str, OutputRows]:
    """Let the outputs hold what the run wrote; what that changed, by dataset. TransformFailed where a key comes twice
    or a value is missing."""
    runs = {output.name: naming.run_table(token, output.number) for output in shop.outputs}
    for output in shop.outputs:  # whoever the code has left behind writes no more to what is looked at
        execute(session, sql("lock_run", shop, run=runs[output.name]))
        _refuse_nulls(session, shop, output, runs[output.name])
        _refuse_duplicates(session, shop, output, runs[output.name])
    return {output.name: _replace(session, shop, output, runs[output.name]) for output in shop.outputs}


def _replace(session: Connection, shop: Workshop, output: Output, run: str) -> OutputRows:
    context = {
        "o": output,
        "run": run,
        "match": " AND ".join(f"o.{identifier(key.name)} = r.{identifier(key.name)}" for key in output.keys),
        "columns": ", ".join(identifier(column.name) for column in output.columns),
        "image": lambda table: _image(table, output.columns),
    }
    execute(session, sql("analyze_run", shop, **context))
    execute(session, sql("lock_output", shop, **context))
    deleted = execute(session, sql("delete_gone", shop, **context))
    updated = execute(session, sql("update_changed", shop, **context))
    inserted = execute(session, sql("insert_new", shop, **context))
    [count] = cast("tuple[int]", one(session, sql("count", shop, **context)))
    return OutputRows(count, inserted, updated, deleted)


def _image(table: str, columns: Sequence[OutputColumn]) -> str:
    """A row as a text that no other row has; told apart by its bytes."""
    listed = ", ".join(f"{table}.{identifier(column.name)}" for column in columns)
    return f'ROW({listed})::text COLLATE "C"'


def _refuse_nulls(session: Connection, shop: Workshop, output: Output, run: str) -> None:
    for column in output.required:
        context = {"o": output, "run": run, "column": column, "shown": SHOWN_KEYS}
        count, keys = cast("tuple[int, list[list[object]]]", one(session, sql("nulls", shop, **context)))
        if count:
            kind = "key column" if column.is_key else "column"
            raise TransformFailed(
                f"{kind} {column.name} of {output.name} is NULL in {count} rows that the code wrote, among them "
                f"{shown_keys(output.dataset, keys)}",
                hint="the model says the column is never null: mend the code, or the model",
                dataset=output.name,
            )


def _refuse_duplicates(session: Connection, shop: Workshop, output: Output, run: str) -> None:
    found = rows(session, sql("duplicates", shop, o=output, run=run, shown=SHOWN_KEYS))
    if found:
        keys = ", ".join(key.name for key in output.keys)
        raise TransformFailed(
            f"the code wrote more than one row of {output.name} for a key ({keys}): "
            f"{shown_keys(output.dataset, found)}",
            hint="the model's key must be unique",
            dataset=output.name,
        )
