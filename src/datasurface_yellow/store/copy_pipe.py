"""Rows from one server to another as a binary COPY stream: no row becomes a Python object.

One thread runs ``COPY … TO STDOUT`` on the source and writes into a pipe, the caller's runs ``COPY … FROM STDIN`` on
the target and reads
from it. A sink cannot tell a complete stream from one that was cut at a row's end, so the end of the stream is passed
on only after the
source said that it is done; otherwise reading raises and the target's COPY fails.
"""

import os
from contextlib import suppress
from threading import Thread
from typing import BinaryIO

import psycopg2
from psycopg2.extensions import connection as Connection

from datasurface_yellow.store.first_error import first_error

_BUFFER = 1 << 18
"""Bytes; what is written per row is gathered, so that the pipe moves few large pieces."""


class SourceEnded(Exception):
    """The source's COPY failed; the cause is the driver's error."""


class _Feeder:
    """The source's half: runs in its own thread, and keeps how it ended."""

    def __init__(self, source: Connection, sql: str, pipe: BinaryIO) -> None:
        self._source, self._sql, self._pipe = source, sql, pipe
        self.rows: int | None = None
        self.error: BaseException | None = None
        self._thread = Thread(target=self._run, name="copy-source", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            with self._source.cursor() as cursor, first_error():
                cursor.copy_expert(self._sql, self._pipe)
                self._pipe.flush()
                self.rows = cursor.rowcount
        except BaseException as error:
            self.error = error
        finally:
            try:
                self._pipe.close()
            except OSError:  # the reader is gone; its own error says why
                self.rows = None

    def join(self) -> None:
        self._thread.join()

    def stop(self) -> None:
        """Nobody reads any more: end the source's statement, which may be at work for long before it writes again."""
        with suppress(psycopg2.Error):
            self._source.cancel()
        self._thread.join()


class _Guarded:
    """The target's half: ends only when the feeder ended well.

    What ends it otherwise is kept, because the driver makes an error of the target of it: SourceEnded, or Ctrl+C.
    """

    def __init__(self, pipe: BinaryIO, feeder: _Feeder) -> None:
        self._pipe, self._feeder = pipe, feeder
        self.error: BaseException | None = None

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._read(size)
        except BaseException as error:
            self.error = error
            raise

    def _read(self, size: int) -> bytes:
        data = self._pipe.read(size)
        if not data:
            self._feeder.join()
            if self._feeder.rows is None:
                raise SourceEnded
        return data

    def readline(self, _size: int = -1, /) -> bytes:
        raise OSError("a binary stream has no lines")


def copy_between(source: Connection, select: str, target: Connection, into: str) -> int:
    """Stream a query of the source into a table of the target; both statements complete, without parameters.

    Returns the number of rows, which source and target agree on. Raises SourceEnded, with the driver's error as cause,
    when the source
    did not finish; psycopg2.Error when the target refused.
    """
    read_end, write_end = os.pipe()
    with open(read_end, "rb", buffering=_BUFFER) as reader:
        writer = open(write_end, "wb", buffering=_BUFFER)  # noqa: SIM115 the feeder closes it
        feeder = _Feeder(source, f"COPY ({select}) TO STDOUT (FORMAT binary)", writer)
        guarded = _Guarded(reader, feeder)
        try:
            with target.cursor() as cursor, first_error():
                cursor.copy_expert(f"COPY {into} FROM STDIN (FORMAT binary)", guarded, size=_BUFFER)
                written = cursor.rowcount
        except (psycopg2.Error, SourceEnded):
            if isinstance(guarded.error, SourceEnded):
                raise SourceEnded(str(feeder.error)) from feeder.error
            reader.close()  # a feeder that still writes gets a broken pipe
            feeder.stop()
            if guarded.error is not None:
                raise guarded.error from None
            raise
        feeder.join()
    if written != feeder.rows:
        raise SourceEnded(f"the source sent {feeder.rows} rows, {written} arrived")
    return written
