"""Addresses: what tells one database from another, whatever the model calls it."""

import posixpath

from datasurface.model import Container, MySqlDatabase, PostgresDatabase, SqliteDatabase

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_THIS_MACHINE = _LOOPBACK[0]

Address = tuple[str, ...]


def address(container: Container) -> Address | None:
    """Kind, host, port and name of a database of a server, or the path of one in a file; None for containers that are
    neither. Hosts are compared as they are written, but for case and the names that a machine has for itself."""
    match container:
        case PostgresDatabase(host=host, port=port, database=name) | MySqlDatabase(host=host, port=port, database=name):
            host = host.lower().rstrip(".")
            return type(container).__name__, _THIS_MACHINE if host in _LOOPBACK else host, str(port), name
        case SqliteDatabase(path=path):
            return type(container).__name__, posixpath.normpath(path)
        case _:
            return None


def is_of_the_machine(container: Container) -> bool:
    """Whether an address means another database on another machine: a file, or a server on the machine itself."""
    found = address(container)
    return found is not None and (isinstance(container, SqliteDatabase) or found[1] == _THIS_MACHINE)
