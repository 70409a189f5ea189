"""PgBouncer before a test server, as installations have it."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from datasurface_yellow.local.liveness import HOST, free_port
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import UNPRIVILEGED, temporary_folder
from tests.support.databases import Role

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
"""None where it is not installed."""

_PATIENCE = 10.0


@contextmanager
def pooler(server: PostgresServer, *roles: Role, mode: str, settings: Sequence[str] = ()) -> Iterator[int]:
    """A pooler before all databases of a server that lets these roles in; its port. ``settings`` are more lines of its
    own.
    """
    assert PROGRAM is not None
    with temporary_folder("datasurface-pooler-") as folder:
        port, written = free_port(), folder / "pooler.log"
        (folder / "users.txt").write_text("".join(f'"{role.name}" "{role.password}"\n' for role in roles))
        (folder / "pooler.ini").write_text(
            f"[databases]\n* = host={server.host} port={server.port}\n"
            f"[pgbouncer]\nlisten_addr = {HOST}\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = plain\nauth_file = {folder / 'users.txt'}\npool_mode = {mode}\n"
            + "".join(f"{line}\n" for line in settings)
        )
        is_root = os.geteuid() == 0
        command = [PROGRAM, *(["-u", UNPRIVILEGED] if is_root else []), str(folder / "pooler.ini")]
        with written.open("wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait_for(port, process, written)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", written: Path) -> None:
    end = monotonic() + _PATIENCE
    while monotonic() < end and process.poll() is None:
        with suppress(OSError):
            socket.create_connection((HOST, port), timeout=1).close()
            return
        sleep(0.01)
    raise AssertionError(f"the pooler does not answer: {written.read_text()}")
