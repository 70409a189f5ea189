"""Rows from one server to another as a binary COPY stream: no row becomes a Python object.

One thread runs ``COPY … TO STDOUT`` on the source and writes into a pipe, the caller's runs ``COPY … FROM STDIN`` on
the target and reads from it. A sink cannot tell a complete stream from one that was cut at a row's end, so the end of
the stream is passed on only after the source said that it is done; otherwise reading raises and the target's COPY
fails.
"""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import BinaryIO

import psycopg2
from psycopg2.extensions import connection as Connection

from datasurface_yellow.store.first_error import first_error
from datasurface_yellow.store.interruptible import cancel

_BUFFER = 1 << 18
"""Bytes; what is written per row is gathered, so that the pipe moves few large pieces."""


class SourceEnded(Exception):
    """The source's COPY failed; the cause is the driver's error."""


class _Guarded:
    """What the target reads: it ends only when the source ended well.

    What ends it otherwise is kept, because the driver makes an error of the target of it: SourceEnded, or Ctrl+C.
    """

    def __init__(self, pipe: BinaryIO, source: "Future[int]") -> None:
        self._pipe, self._source = pipe, source
        self.error: BaseException | None = None

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._read(size)
        except BaseException as error:
            self.error = error
            raise

    def _read(self, size: int) -> bytes:
        data = self._pipe.read(size)
        if not data and (error := self._source.exception()) is not None:
            raise SourceEnded(str(error)) from error
        return data

    def readline(self, _size: int = -1, /) -> bytes:
        raise OSError("a binary stream has no lines")


def copy_between(source: Connection, select: str, target: Connection, into: str) -> int:
    """Stream a query of the source into a table of the target; both statements complete, without parameters.

    Returns the number of rows, which source and target agree on. Raises SourceEnded, with the driver's error as cause,
    when the source did not finish; psycopg2.Error when the target refused.
    """
    read_end, write_end = os.pipe()
    with (
        open(read_end, "rb", buffering=_BUFFER) as reader,
        open(write_end, "wb", buffering=_BUFFER) as writer,
        ThreadPoolExecutor(1, "copy-source") as beside,
    ):
        try:
            sent = beside.submit(_send, source, f"COPY ({select}) TO STDOUT (FORMAT binary)", writer)
            written = _receive(target, f"COPY {into} FROM STDIN (FORMAT binary)", _Guarded(reader, sent))
        except SourceEnded:
            raise
        except BaseException:
            reader.close()  # a source that still writes gets a broken pipe
            cancel(source, beside)  # it may be at work for long before it writes again
            raise
    if written != sent.result():
        raise SourceEnded(f"the source sent {sent.result()} rows, {written} arrived")
    return written


def _send(source: Connection, sql: str, pipe: BinaryIO) -> int:
    """The source's half: runs in its own thread. Returns the number of rows."""
    with closing(pipe), source.cursor() as cursor, first_error():
        cursor.copy_expert(sql, pipe)
        return cursor.rowcount


def _receive(target: Connection, sql: str, pipe: _Guarded) -> int:
    """The target's half. Returns the number of rows."""
    try:
        with target.cursor() as cursor, first_error():
            cursor.copy_expert(sql, pipe, size=_BUFFER)
            return cursor.rowcount
    except psycopg2.Error:
        if pipe.error is not None:
            raise pipe.error from pipe.error.__cause__
        raise
