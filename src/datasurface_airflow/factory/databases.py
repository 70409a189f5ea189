"""The databases that DAGs look into: the control database and those of result records. Nothing here waits for long: a
scheduler that parses files stands still meanwhile."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg2
from psycopg2.extensions import connection as Connection

_SECONDS = 5
"""For a connection, and for a statement."""


class Database(NamedTuple):
    """A database of PostgreSQL, and the name of the secret that opens it."""

    host: str
    port: int
    database: str
    credential: str | None
    sslmode: str | None = None
    sslrootcert: str | None = None


class NoSecret(Exception):
    """No secret is known for a credential."""


def database_of(url: str) -> Database:
    """The database that a store's URL names; it was checked when it was emitted."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return Database(
        str(parts.hostname),
        parts.port or 5432,
        unquote(parts.path[1:]),
        options.get("credential"),
        options.get("sslmode"),
        options.get("sslrootcert"),
    )


def secret(name: str, variables: Mapping[str, str] = os.environ) -> tuple[str | None, str]:
    """User and password of a credential: from environment variables, else from the folder of mounted secrets; as all
    of DataSurface finds them, but for environment files."""
    prefix = re.sub(r"[^A-Z0-9]", "_", name.upper())
    password = variables.get(f"{prefix}_PASSWORD")
    if password:
        return variables.get(f"{prefix}_USER") or None, password
    root = variables.get("DATASURFACE_CREDENTIALS")
    if root:
        folder = Path(root) / name
        if (folder / "password").is_file():
            user = folder / "username"
            return _line(user) if user.is_file() else None, _line(folder / "password")
    where = f"{root or '$DATASURFACE_CREDENTIALS'}/{name}/"
    raise NoSecret(
        f"no secret for credential '{name}': set {prefix}_USER and {prefix}_PASSWORD where Airflow runs, or mount the "
        f"files username and password in {where}"
    )


def _line(path: Path) -> str:
    return path.read_text(encoding="utf-8").rstrip("\r\n")


@contextmanager
def opened(at: Database, application: str) -> Iterator[Connection]:
    """A connection that only reads, and gives up soon."""
    user, password = (None, None) if at.credential is None else secret(at.credential)
    more: dict[str, Any] = {"sslmode": at.sslmode, "sslrootcert": at.sslrootcert, "user": user, "password": password}
    connection: Connection = psycopg2.connect(
        host=at.host,
        port=at.port,
        dbname=at.database,
        application_name=application,
        connect_timeout=_SECONDS,
        keepalives_idle=_SECONDS,
        tcp_user_timeout=_SECONDS * 1000,
        **{key: value for key, value in more.items() if value is not None},
    )
    try:
        connection.set_session(readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", (_SECONDS * 1000,))
        yield connection
    finally:
        connection.close()
