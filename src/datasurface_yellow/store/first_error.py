"""The first of two errors of psycopg2.

A server that ends a session in the middle of a COPY says why, and then the connection is gone. psycopg2 meets the
second error while the first is set, cannot decode it so, prints a SystemError with a traceback, and raises the second,
which says nothing. What it prints has the first as its cause: a hook takes it from there, in the thread that copies.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from types import TracebackType

import psycopg2


class _Taken(local):
    """Per thread: whether it copies, and what was taken from psycopg2's print."""

    is_copying = False
    error: psycopg2.Error | None = None

    def instead_of(self, second: psycopg2.Error) -> psycopg2.Error:
        return second if self.error is None else self.error


_taken = _Taken()


@contextmanager
def first_error() -> Iterator[None]:
    """Of two errors of the COPY in this block, raise the first."""
    _watch_prints()
    _taken.is_copying, _taken.error = True, None
    try:
        yield
    except psycopg2.Error as error:
        raise _taken.instead_of(error) from None
    finally:
        _taken.is_copying = False


def _watch_prints() -> None:
    outer = sys.excepthook
    if getattr(outer, "takes_first_errors", False):
        return

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        cause = error.__cause__
        if _taken.is_copying and kind is SystemError and isinstance(cause, psycopg2.Error):
            _taken.error = cause
        else:
            outer(kind, error, trace)

    hook.takes_first_errors = True  # type: ignore[attr-defined]
    sys.excepthook = hook
