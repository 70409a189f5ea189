"""Required columns that lack values, and some keys of the rows that lack them."""

from collections.abc import Sequence
from typing import Protocol

from datasurface_yellow.store.table import MergeTable


class Query(Protocol):
    """Runs one of the statements about rows that are wrong."""

    def __call__(self, name: str, /, **context: object) -> Sequence[tuple[object, ...]]:
        """The rows of the statement ``name``."""
        ...


def null_columns(table: MergeTable, query: Query) -> Sequence[tuple[str, int, Sequence[tuple[object, ...]]]]:
    """For each required column that lacks values: its name, how many rows lack it, and some of their keys."""
    required = (*table.keys, *table.required)
    counts = query("null_columns", required=required)[0]
    return [
        (column.name, int(str(count)), query("keys_with_null", column=column))
        for column, count in zip(required, counts, strict=True)
        if count
    ]
