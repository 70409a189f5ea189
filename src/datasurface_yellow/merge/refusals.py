"""Refusals: what is wrong with a snapshot's keys and values, in words that show no more than the columns'
classification allows."""

from collections.abc import Sequence
from typing import NoReturn

from datasurface.errors import RefusedData
from datasurface_yellow.capture.source import SourceSnapshot
from datasurface_yellow.store.masking import shown_keys
from datasurface_yellow.store.table import MergeTable


def refuse_keys(table: MergeTable, source: SourceSnapshot) -> None:
    """Look at the source's snapshot for missing and duplicate keys; RefusedData where there are some."""
    nulls = source.nulls(table.name)
    if nulls:
        _refuse_nulls(table, nulls)
    duplicates = source.duplicate_keys(table.name)
    if duplicates:
        keys = ", ".join(column.name for column in table.keys)
        raise RefusedData(
            f"the source of {table.name} has more than one row for a key ({keys}): "
            f"{shown_keys(table.dataset, duplicates)}",
            hint="the model's key must be unique at the source; the next trigger reads again",
            dataset=table.name,
        )


def refuse_values(table: MergeTable, source: SourceSnapshot, cause: Exception) -> NoReturn:
    """What made the store refuse the rows of a snapshot: missing or duplicate keys, missing values; else the store's
    own words."""
    refuse_keys(table, source)
    raise cause


def _refuse_nulls(table: MergeTable, nulls: Sequence[tuple[str, int, Sequence[tuple[object, ...]]]]) -> NoReturn:
    column, count, keys = nulls[0]
    is_key = column in {key.name for key in table.keys}
    kind, cure = ("key column", "another key") if is_key else ("column", "nullable=True")
    raise RefusedData(
        f"{kind} {column} of {table.name} is NULL in {count} rows, among them {shown_keys(table.dataset, keys)}",
        hint=f"the model says the column is never null: mend the source, or the model ({cure})",
        dataset=table.name,
    )
