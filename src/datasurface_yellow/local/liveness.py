"""Whether a server answers, which process serves a data folder, and which port is free."""

import os
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from datasurface.errors import MissingExtra

HOST = "127.0.0.1"
SUPERUSER = "postgres"


@frozen
class Answer:
    """What a try to connect gave.

    Attributes:
        version: the server's version if it let us in and serves the data folder in question, else None.
        error: why not, in the server's or the network's words.
        refused: it answered with a refusal that waiting does not change.
    """

    version: str | None = None
    error: str = ""
    refused: bool = False


def require_driver() -> None:
    """Raise MissingExtra unless the driver is installed that asks servers whether they are alive."""
    if find_spec("psycopg2") is None:
        raise MissingExtra("an embedded Postgres", "yellow")


def ask(port: int, password: str, data: Path) -> Answer:
    """Connect to the server on a port and see that it serves the folder ``data``."""
    import psycopg2

    try:
        connection = psycopg2.connect(
            host=HOST,
            port=port,
            user=SUPERUSER,
            password=password,
            dbname="postgres",
            connect_timeout=5,
            sslmode="disable",
            gssencmode="disable",
            application_name="datasurface launcher",
        )
    except psycopg2.OperationalError as failure:
        said = str(failure).strip()
        return Answer(error=said, refused="authentication failed" in said or "no pg_hba.conf entry" in said)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('data_directory'), current_setting('server_version')")
            row = cursor.fetchone()
    finally:
        connection.close()
    if row is None or Path(row[0]).resolve() != data:
        return Answer(error=f"port {port} belongs to a server on another data folder")
    return Answer(version=row[1].split()[0])


def is_postmaster(process: int, data: Path) -> bool:
    """Whether this process is alive and serves the folder ``data``; a number can be in use again by another program."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{process}/cwd").readlink() == data  # a server's current folder is its data folder
        except OSError:
            return False
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(process)], capture_output=True, text=True, check=False)
    return "postgres" in listed.stdout


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free now, and may be taken by others in the next moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
