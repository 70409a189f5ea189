"""Drift of other databases: the source's columns against the model's, before a row is read."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from datasurface.errors import SourceDrift
from datasurface.types import DataType
from datasurface_yellow.capture.portable.values import Reading
from datasurface_yellow.store.table import MergeTable

SourceT = TypeVar("SourceT")


def readings(
    table: MergeTable,
    name: str,
    found: Mapping[str, SourceT],
    reading: Callable[[DataType, SourceT], Reading | str],
) -> Mapping[str, Reading]:
    """How each of the model's columns is read; SourceDrift, naming every column that is missing or cannot fill the
    model's. More columns are no drift.

    Args:
        name: of the source's table.
        found: the source's columns; their string is the type for messages.
        reading: how a column is read as a type, or the reason why it is not.
    """
    read: dict[str, Reading] = {}
    wrong: list[str] = []
    types = {column.name: column.type for column in table.dataset.columns}
    for column in table.columns:
        if column.name not in found:
            wrong.append(f"column {column.name} is missing")
            continue
        declared = types[column.source]
        how = reading(declared, found[column.name])
        if isinstance(how, Reading):
            read[column.name] = how
        else:
            wrong.append(f"column {column.name} is {found[column.name]}, which {how} (the model has {declared!r})")
    if wrong:
        raise SourceDrift(
            f"table {name} is not what the model says of dataset {table.name}: {'; '.join(wrong)}",
            hint="change the model, or the table back; nothing was read",
            dataset=table.name,
        )
    return read
