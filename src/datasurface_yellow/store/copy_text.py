"""Rows that pass through Python, as COPY's text format: for sources that no other server can COPY from."""

from collections.abc import Iterable, Iterator, Sequence

import psycopg2
from psycopg2.extensions import connection as Connection

from datasurface_yellow.store.first_error import first_error

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_BUFFER = 1 << 18
"""Bytes that the driver asks for at once."""


def line(cells: Iterable[str | None]) -> str:
    """One row: each cell is text that PostgreSQL reads as a value of its column's type, or None for NULL."""
    return "\t".join("\\N" if cell is None else cell.translate(_ESCAPES) for cell in cells) + "\n"


def copy_lines(target: Connection, into: str, columns: Sequence[str], pieces: Iterator[str]) -> int:
    """Write lines into a table; the number of rows that arrived.

    Args:
        into, columns: quoted names.
        pieces: any number of whole lines each. An error that they raise ends the COPY and is raised as it is.
    """
    reader = _Reader(pieces)
    try:
        with target.cursor() as cursor, first_error():
            cursor.copy_expert(f"COPY {into} ({', '.join(columns)}) FROM STDIN", reader, size=_BUFFER)
            return cursor.rowcount
    except psycopg2.Error:
        if reader.error is not None:
            raise reader.error from None
        raise


class _Reader:
    """The lines as a file. What ends them early is kept, because the driver makes an error of the target of it."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces, self._rest, self._at = pieces, b"", 0
        self.error: BaseException | None = None

    def read(self, size: int = -1, /) -> bytes:
        try:
            while self._at == len(self._rest):
                self._rest, self._at = next(self._pieces).encode(), 0
        except StopIteration:
            return b""
        except BaseException as error:
            self.error = error
            raise
        data = self._rest[self._at : self._at + size] if size >= 0 else self._rest[self._at :]
        self._at += len(data)
        return data

    def readline(self, _size: int = -1, /) -> bytes:
        raise OSError("only the driver reads this, in pieces")
