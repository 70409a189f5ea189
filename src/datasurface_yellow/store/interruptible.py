"""Calls of the driver that Ctrl+C ends.

A call that waits for a server hears no signal, however long it waits. So it is made beside the main thread, which does.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

import psycopg2
from psycopg2.extensions import connection as Connection

_ASK_AGAIN = 0.1
"""Seconds; most statements end at the first request."""


class _Beside:
    """The thread in which the main thread's calls are made, one after the other. A forked process begins its own."""

    def __init__(self) -> None:
        self.begin()
        os.register_at_fork(after_in_child=self.begin)

    def begin(self) -> None:
        self.thread = ThreadPoolExecutor(1, "driver")


_beside = _Beside()


def interruptibly(connection: Connection, call: Callable[[], None]) -> None:
    """Make the driver's call; at Ctrl+C the server is told to end its statement."""
    if threading.current_thread() is not threading.main_thread():
        call()
        return
    try:
        _beside.thread.submit(call).result()
    except KeyboardInterrupt:
        cancel(connection, _beside.thread)
        raise


def cancel(connection: Connection, beside: ThreadPoolExecutor) -> None:
    """End what the executor's one thread does on a connection, and wait until it has ended.

    A request that arrives before the statement does is lost, so it is made until there is nothing to end.
    """
    ended: Future[int] = beside.submit(int)
    while not ended.done():
        with suppress(psycopg2.Error):
            connection.cancel()
        wait([ended], timeout=_ASK_AGAIN)
