"""A hot standby of a test server: a copy that follows it and can only be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import psycopg2
from attrs import frozen

from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import account_for

_PATIENCE = 30.0


@frozen
class Standby:
    """A server and the primary that it follows."""

    primary: PostgresServer
    server: PostgresServer

    def catch_up(self) -> None:
        """Wait until all that the primary has done is here, what is not committed yet too."""
        _query(self.primary, "SELECT pg_logical_emit_message(true, 'test', 'a commit flushes all that is before it')")
        [(end,)] = _query(self.primary, "SELECT pg_current_wal_flush_lsn()")
        deadline = monotonic() + _PATIENCE
        while _query(self.server, f"SELECT pg_last_wal_replay_lsn() >= '{end}'") != [(True,)]:
            assert monotonic() < deadline, "the standby does not follow"
            sleep(0.005)


@contextmanager
def standby_of(primary: PostgresServer, folder: Path, binaries: Binaries, **settings: str) -> Iterator[Standby]:
    """A standby of a server that runs, in a new folder; ``settings`` are the standby's."""
    data = folder / "data"
    data.mkdir(parents=True, mode=0o700)
    account = account_for(data)
    account.give(data)
    usable = binaries.for_account(account, copies=folder / "binaries")
    log = folder / "copying.log"
    connection = f"{primary.url('')}?application_name=standby"
    command: list[str | Path] = [usable.bin / "pg_basebackup", "-D", data, "-d", connection]
    command += ["--checkpoint=fast", "--no-sync", "--write-recovery-conf"]
    if account.run(command, output=log, seconds=60) != 0:
        raise AssertionError(f"the primary cannot be copied: {log.read_text()}")
    (folder / "data.password").write_text(primary.password)
    with PostgresServer(data, settings=settings, binaries=binaries) as server:
        yield Standby(primary, server)


def _query(server: PostgresServer, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(server.url("postgres"))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()
