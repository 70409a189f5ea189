"""What the simulator does to the producer, as values.

A change is one transaction; changes replay on a snapshot without a database.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

from attrs import frozen

from datasurface_yellow.simulator.errors import ChangeLogError, SimulatorError

CUSTOMERS = "customers"
ADDRESSES = "addresses"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    CUSTOMERS: ("id", "firstName", "lastName", "dob", "email", "phone", "primaryAddressId", "billingAddressId"),
    ADDRESSES: ("id", "customerId", "streetName", "city", "state", "zipCode"),
}
"""The columns of each table, in the table's order. ``id`` is the key of both."""

Value = str | date | None
Row = dict[str, Value]
"""One row by column name: ``dob`` is a date, everything else text or None."""
Snapshot = dict[str, dict[str, Row]]
"""A whole producer at one moment: table → key → row."""

_SNAPSHOT = re.compile(r"(\d+):(\d+):((?:\d+(?:,\d+)*)?)")


class Operation(StrEnum):
    """What happens to one row."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class ChangeKind(StrEnum):
    """What happens to the business; each is one transaction."""

    NEW_CUSTOMER = "new-customer"
    CUSTOMER_UPDATE = "customer-update"
    ADDRESS_INSERT = "address-insert"
    ADDRESS_UPDATE = "address-update"
    ADDRESS_DELETE = "address-delete"


@frozen
class RowChange:
    """One row that a change touches.

    Attributes:
        before: the row as it was; None for an insert.
        row: the row as it is afterwards; None for a delete.
    """

    table: str
    operation: Operation
    key: str
    before: Row | None
    row: Row | None


@frozen
class Change:
    """One committed transaction of the simulator.

    Attributes:
        number: 1 for the first change of a log; each next is one more, in commit order.
        at: the producer's clock shortly before the commit.
        xid: the producer's transaction id (with its epoch, as ``pg_current_xact_id()`` gives it), for ``visible``.
        rows: the rows in the order in which they were written.
    """

    number: int
    at: datetime
    xid: int
    kind: ChangeKind
    rows: tuple[RowChange, ...]


def visible(xid: int, snapshot: str) -> bool:
    """Whether a committed transaction is seen by a snapshot, given as the text of ``pg_current_snapshot()``.

    That text is ``xmin:xmax:xip,xip,…`` and the rule is PostgreSQL's ``pg_visible_in_snapshot``: what is older than
    xmin is over, what is not older than xmax had not begun, and between them the list names what was still running.
    """
    match = _SNAPSHOT.fullmatch(snapshot)
    if match is None:
        raise SimulatorError(
            f"'{snapshot}' is no snapshot", hint="pass the text of pg_current_snapshot(), such as '748:751:749'"
        )
    if xid < int(match[1]):
        return True
    if xid >= int(match[2]):
        return False
    return str(xid) not in match[3].split(",")


def replay(initial: Snapshot, changes: Iterable[Change]) -> Snapshot:
    """The snapshot after the changes; ``initial`` is left alone. ChangeLogError when one does not fit what it meets."""
    result = _copied(initial)
    for change in changes:
        for row in change.rows:
            if result.get(row.table, {}).get(row.key) != row.before:
                raise ChangeLogError(
                    f"change {change.number} does not fit: {row.table} {row.key} is not as the change found it",
                    hint="replay a complete log, in order, on the snapshot from before its first change; "
                    "only the simulator may have written",
                )
            _write(result, row)
    return result


def with_rows(snapshot: Snapshot, rows: Iterable[RowChange]) -> Snapshot:
    """The snapshot with these rows written; the one given is left alone."""
    result = _copied(snapshot)
    for row in rows:
        _write(result, row)
    return result


def _copied(snapshot: Snapshot) -> Snapshot:
    return {table: dict(rows) for table, rows in snapshot.items()}


def _write(snapshot: Snapshot, change: RowChange) -> None:
    table = snapshot.setdefault(change.table, {})
    if change.row is None:
        del table[change.key]
    else:
        table[change.key] = change.row
