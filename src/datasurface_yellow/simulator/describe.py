"""A change as one line for people: ``#12 address update A2003: city 'Austin' → 'Denver'``."""

from datasurface_yellow.simulator.changes import ADDRESSES, COLUMNS, Change, Operation, Row, RowChange, Value

_NOUN = {"customers": "customer", "addresses": "address"}


def describe(change: Change) -> str:
    """The line of a change: its number, its kind, and what happened to each row."""
    rows = sorted(change.rows, key=lambda row: not _named_by_kind(row, change))
    return f"#{change.number} {change.kind.replace('-', ' ')} {'; '.join(_describe_row(row, change) for row in rows)}"


def _describe_row(row_change: RowChange, change: Change) -> str:
    named = _named_by_kind(row_change, change)
    name = row_change.key if named else f"{_NOUN[row_change.table]} {row_change.key}"
    match row_change.operation:
        case Operation.INSERT:
            return f"{name}: {_summary(row_change.table, row_change.row or {})}"
        case Operation.DELETE:
            return f"{name}: {_summary(row_change.table, row_change.before or {})}"
        case Operation.UPDATE:
            return f"{name}: {_differences(row_change.table, row_change.before or {}, row_change.row or {})}"


def _named_by_kind(row_change: RowChange, change: Change) -> bool:
    """Whether the kind, "address update", has said already what this row is."""
    return _NOUN[row_change.table] in change.kind


def _summary(table: str, row: Row) -> str:
    if table == ADDRESSES:
        return f"{row['streetName']}, {row['city']}, {row['state']} {row['zipCode']} (of {row['customerId']})"
    return f"{row['firstName']} {row['lastName']}, born {row['dob']}"


def _differences(table: str, before: Row, after: Row) -> str:
    changed = (column for column in COLUMNS[table] if before[column] != after[column])
    return ", ".join(f"{column} {_quoted(before[column])} → {_quoted(after[column])}" for column in changed)


def _quoted(value: Value) -> str:
    return "none" if value is None else f"'{value}'"
