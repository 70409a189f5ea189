"""A MariaDB server of the tests' own: in a temporary folder, on a free port, as an account without privileges."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pymysql
from attrs import frozen

from datasurface_yellow.local.liveness import HOST, free_port
from datasurface_yellow.local.server_account import account_for, temporary_folder

PATIENCE = 60.0
"""Seconds that the server may take to answer."""
_SYSTEM = ("/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin")
_WITH_SYSTEM = ("/bin/sh", "-c", f'export PATH="$PATH:/bin:{":".join(_SYSTEM)}"; exec "$@"', "sh")
"""What makes the data is a script that calls the system's tools."""


class NoMariaDb(Exception):
    """The machine has no MariaDB server."""


@frozen
class MariaDbServer:
    """A server that runs."""

    port: int

    def connect(self, database: str | None = None) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        """A session of its superuser."""
        return pymysql.connect(
            host=HOST, port=self.port, user="root", password="", database=database, charset="utf8mb4", autocommit=True
        )

    def execute(self, *statements: str) -> None:
        """Run statements as its superuser."""
        with self.connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@frozen
class MariaDbPrograms:
    """What makes a server's data, and the server."""

    install: str
    server: str

    @classmethod
    def find(cls) -> "MariaDbPrograms":
        """Those of this machine."""
        _program("my_print_defaults")  # The script that makes the data calls it.
        return cls(_program("mariadb-install-db"), _program("mariadbd"))


def _program(name: str) -> str:
    found = shutil.which(name) or next((f"{folder}/{name}" for folder in _SYSTEM if Path(folder, name).exists()), None)
    if found is None:
        raise NoMariaDb(f"there is no {name} on this machine: install mariadb-server-core and mariadb-client-core")
    return found


@contextmanager
def mariadb_server(programs: MariaDbPrograms) -> Iterator[MariaDbServer]:
    """Make and start a server; it and its folder are gone at the end. It may lose data in a crash of the machine."""
    with temporary_folder("datasurface-mariadb-") as folder:
        data, log = folder / "data", folder / "log"
        data.mkdir()
        account = account_for(data)
        account.give(data)
        made = account.run(
            [
                *_WITH_SYSTEM,
                programs.install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ],
            output=log,
            seconds=PATIENCE,
        )
        assert made == 0, log.read_text()
        port = free_port()
        command = [
            programs.server,
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={data}/socket",
            f"--pid-file={data}/pid",
            f"--port={port}",
            f"--bind-address={HOST}",
            f"--tmpdir={data}",
            "--skip-name-resolve",
            # Defaults that must not change how a value reads.
            "--default-time-zone=+05:00",
            "--sql-mode=STRICT_TRANS_TABLES,PAD_CHAR_TO_FULL_LENGTH",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M",
        ]
        with log.open("ab") as sink:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd="/",
                user=None if account.is_ours else account.uid,
                group=None if account.is_ours else account.gid,
                extra_groups=None if account.is_ours else [],
            )
        try:
            server = MariaDbServer(port)
            _wait(server, process, log)
            yield server
        finally:
            process.kill()  # nothing of it is kept
            process.wait()


def _wait(server: MariaDbServer, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = monotonic() + PATIENCE
    while True:
        assert process.poll() is None, log.read_text()
        try:
            server.connect().close()
        except pymysql.OperationalError:
            assert monotonic() < end, log.read_text()
            sleep(0.05)
        else:
            return
