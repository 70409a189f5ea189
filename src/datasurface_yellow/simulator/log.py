"""The log of changes: one JSON document a line, each on disk before its transaction commits.

A line is written first and the transaction committed after it, so no committed change can be missing. What a crash
between the two leaves behind is at most one last line whose transaction was rolled back; ``pg_xact_status`` tells, and
the next start with the same file takes such a line back. A line that was cut off in the middle belongs to a transaction
that cannot have been committed: readers pass over it.
"""

import json
import os
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from datasurface_yellow.simulator.changes import COLUMNS, Change, ChangeKind, Operation, Row, RowChange, Value
from datasurface_yellow.simulator.errors import ChangeLogError

_DATES = frozenset({"dob"})


class ChangeLog:
    """A log open for writing: a new file, or one that is continued. Use as a context manager.

    Attributes:
        last: the newest change of the file, or None while it is empty.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        whole, changes = _split(path) if path.exists() else (0, [])
        self.last = changes[-1] if changes else None
        try:
            # No buffer: what could not be written must not be tried again when the file is closed.
            self._file = path.open("r+b" if path.exists() else "x+b", buffering=0)
            self._file.truncate(whole)
            self._file.seek(whole)
        except OSError as error:
            raise ChangeLogError(
                f"cannot write the log {path}: {error.strerror}", hint="name a file in a folder that exists"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, change: Change) -> None:
        """Adds a change; it is on disk when this returns."""
        rest = memoryview(f"{encode(change)}\n".encode("ascii"))
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise ChangeLogError(
                f"cannot write the log {self.path}: {error.strerror}", hint="the change was not committed"
            ) from error
        self.last = change

    def take_back_last(self) -> None:
        """Removes the newest change, which was never committed."""
        content = self.path.read_bytes()
        start = content.rfind(b"\n", 0, len(content) - 1) + 1
        self._file.truncate(start)
        self._file.seek(start)
        changes = read_log(self.path)
        self.last = changes[-1] if changes else None


def read_log(path: Path) -> list[Change]:
    """The changes of a log, oldest first. ChangeLogError with file and line for a line that is no change."""
    return _split(path)[1]


def encode(change: Change) -> str:
    """A change as one line of ASCII JSON without its newline."""
    return json.dumps(
        {
            "number": change.number,
            "at": change.at.isoformat(),
            "xid": change.xid,
            "kind": change.kind,
            "rows": [
                {
                    "table": row.table,
                    "operation": row.operation,
                    "key": row.key,
                    "before": _encode_row(row.before),
                    "row": _encode_row(row.row),
                }
                for row in change.rows
            ],
        }
    )


def decode(line: str) -> Change:
    """The change of one line. KeyError, TypeError or ValueError when it is none."""
    document = json.loads(line)
    return Change(
        number=int(document["number"]),
        at=datetime.fromisoformat(document["at"]),
        xid=int(document["xid"]),
        kind=ChangeKind(document["kind"]),
        rows=tuple(
            RowChange(
                table=row["table"],
                operation=Operation(row["operation"]),
                key=row["key"],
                before=None if row["before"] is None else decode_row(row["table"], row["before"]),
                row=None if row["row"] is None else decode_row(row["table"], row["row"]),
            )
            for row in document["rows"]
        ),
    )


def decode_row(table: str, values: dict[str, str | None]) -> Row:
    """A row from its JSON form, in which dates are ISO text."""
    return {column: _decode(column, values[column]) for column in COLUMNS[table]}


def _decode(column: str, value: str | None) -> Value:
    return date.fromisoformat(value) if column in _DATES and value is not None else value


def _encode_row(row: Row | None) -> dict[str, str | None] | None:
    if row is None:
        return None
    return {column: value.isoformat() if isinstance(value, date) else value for column, value in row.items()}


def _split(path: Path) -> tuple[int, list[Change]]:
    """The length in bytes of the whole lines, and their changes."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ChangeLogError(
            f"cannot read the log {path}: {error.strerror}", hint="name the file that --log wrote"
        ) from error
    whole = content.rfind(b"\n") + 1
    changes = []
    for number, line in enumerate(content[:whole].split(b"\n")[:-1], start=1):
        try:
            changes.append(decode(line.decode()))
        except (KeyError, TypeError, ValueError) as error:
            raise ChangeLogError(
                f"{path}, line {number}: not a change", hint="this is no log of the simulator, or it was edited"
            ) from error
    return whole, changes
