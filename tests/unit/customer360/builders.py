"""Small producers and changes for tests."""

from datetime import UTC, date, datetime

from datasurface_yellow.simulator.changes import (
    ADDRESSES,
    CUSTOMERS,
    Change,
    ChangeKind,
    Operation,
    Row,
    RowChange,
    Snapshot,
    Value,
)

MOMENT = datetime(2024, 5, 17, 9, 30, 0, 123456, tzinfo=UTC)
EMPTY: Snapshot = {CUSTOMERS: {}, ADDRESSES: {}}


def customer(key: str, **columns: Value) -> Row:
    row: Row = {
        "id": key,
        "firstName": "Ada",
        "lastName": "Byron",
        "dob": date(1985, 12, 10),
        "email": "ada@example.com",
        "phone": None,
        "primaryAddressId": None,
        "billingAddressId": None,
    }
    return {**row, **columns}


def address(key: str, of: str, **columns: Value) -> Row:
    row: Row = {
        "id": key,
        "customerId": of,
        "streetName": "1 Main Street",
        "city": "Austin",
        "state": "Texas",
        "zipCode": "78701",
    }
    return {**row, **columns}


def snapshot(*rows: Row) -> Snapshot:
    """A producer of these rows; a row with a ``customerId`` is an address."""
    result: Snapshot = {CUSTOMERS: {}, ADDRESSES: {}}
    for row in rows:
        result[ADDRESSES if "customerId" in row else CUSTOMERS][str(row["id"])] = row
    return result


def inserted(table: str, row: Row) -> RowChange:
    return RowChange(table, Operation.INSERT, str(row["id"]), None, row)


def updated(table: str, before: Row, **columns: Value) -> RowChange:
    return RowChange(table, Operation.UPDATE, str(before["id"]), before, {**before, **columns})


def deleted(table: str, before: Row) -> RowChange:
    return RowChange(table, Operation.DELETE, str(before["id"]), before, None)


def change(number: int, kind: ChangeKind, *rows: RowChange) -> Change:
    return Change(number=number, at=MOMENT, xid=700 + number, kind=kind, rows=rows)
