"""Pieces of statements that are made from lists of columns."""

from collections.abc import Iterable

from datasurface_yellow.store import naming
from datasurface_yellow.store.rowhash import StoredColumn


def column_list(columns: Iterable[StoredColumn], alias: str = "") -> str:
    """The columns' names, comma separated, of ``alias`` where one is given."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{column.quoted}" for column in columns)


def as_text(columns: Iterable[StoredColumn], alias: str = "") -> str:
    """The columns' values as the server prints them, comma separated, for messages: a driver cannot hold every date."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{column.quoted}::{column.type.base}::text" for column in columns)


def match(keys: Iterable[StoredColumn], left: str, right: str) -> str:
    """The condition that two rows have one key. Key types are those whose SQL equality is equality of bytes."""
    return " AND ".join(f"{left}.{column.quoted} = {right}.{column.quoted}" for column in keys)


def given_keys(keys: Iterable[StoredColumn]) -> str:
    """Keys that are given as one array of texts per column, ``keys0`` and so on, as rows without repetition."""
    columns = list(keys)
    casts = ", ".join(f"k{number}::{column.type.base} AS {column.quoted}" for number, column in enumerate(columns))
    arrays = ", ".join(f"%(keys{number})s::text[]" for number, _ in enumerate(columns))
    names = ", ".join(f"k{number}" for number, _ in enumerate(columns))
    return f"(SELECT DISTINCT {casts} FROM unnest({arrays}) AS given ({names}))"  # noqa: S608 quoted names


def staging_check(required: Iterable[StoredColumn]) -> str:
    """What staging asks of a row: of a deleted key nothing more, of others the hashes and these columns."""
    names = [naming.KEY_HASH, naming.ALL_HASH, *(column.quoted for column in required)]
    return f"{naming.OPERATION} = 'D' OR ({' AND '.join(f'{name} IS NOT NULL' for name in names)})"
