"""The server of the page: it listens, says where, and goes on until it is told to end."""

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from datasurface.errors import DataSurfaceError
from datasurface_monitor.app import application
from datasurface_monitor.guard import Guard, Guarded
from datasurface_monitor.source import Find, Source

_AT_ONCE = 64
"""Requests that are answered at the same time; later ones are told to come again."""


class NotServed(DataSurfaceError):
    """The page cannot be served at the address that was asked for."""


def serve(find: Find, guard: Guard, port: int, ready: Callable[[str], None]) -> None:
    """Serve the page until SIGINT or SIGTERM.

    Args:
        port: 0 for one that is free.
        ready: hears the page's address when it is served.

    Raises:
        NotServed: the address is taken, or is none of this machine's.
    """
    config = uvicorn.Config(
        Guarded(guard, application(Source(find))),
        access_log=False,  # addresses hold keys of rows
        lifespan="off",
        limit_concurrency=_AT_ONCE,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        ws="none",
    )
    with _listening(guard.host, port) as listener:
        ready(_address(guard.host, listener.getsockname()[1]))
        before = signal.signal(signal.SIGTERM, _end)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            pass  # the usual way to end
        finally:
            signal.signal(signal.SIGTERM, before)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen()
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise NotServed(
            f"the page cannot be served on {host}, port {port}: {error.strerror or error}",
            hint="name another --port, or 0 for one that is free",
        ) from error
    return listener


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
