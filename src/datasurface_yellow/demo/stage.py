"""The stage: a server with the example's databases, the producer filled, and an environment file that binds the
model to it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import UsageError
from datasurface_yellow.local.databases import (
    CONSUMER,
    CONSUMER_DB,
    MERGE,
    PRODUCER,
    Login,
    create_databases,
    create_roles,
    existing_databases,
    grant_in_consumer,
    grant_in_merge,
    grant_in_producer,
)
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.simulator.producer import create_producer
from datasurface_yellow.store.connection import ConnectionFailed, closing, primary_message

LIVE_SCHEDULE, FORENSIC_SCHEDULE = "every 2 seconds", "every 6 seconds"
"""Shorter than the model's, so that somebody can watch."""

ENVIRONMENT_FILE, LOG_FILE, STAGE_FILE = "environment.toml", "changes.jsonl", "stage.json"
_CONTAINERS = {
    "CustomerDB": PRODUCER,
    "LiveStore": MERGE,
    "ForensicStore": MERGE,
    "ControlStore": MERGE,
    "ConsumerDB": CONSUMER_DB,
}


@frozen
class Stage:
    """Everything that the demonstration works with."""

    folder: Path
    host: str
    port: int
    admin: Login
    consumer: Login

    @property
    def environment_file(self) -> Path:
        """Binds the example's model to this stage."""
        return self.folder / ENVIRONMENT_FILE

    @property
    def log(self) -> Path:
        """Every change that the simulator made."""
        return self.folder / LOG_FILE

    def connect(self, database: str, login: Login | None = None) -> Connection:
        """A connection as the administrator, or as another login."""
        who = login or self.admin
        return psycopg2.connect(
            host=self.host, port=self.port, dbname=database, user=who.user, password=who.password, connect_timeout=10
        )

    @property
    def psql(self) -> str:
        """A command that opens the consumer's database as the consumer."""
        return f"psql -h {self.host} -p {self.port} -U {self.consumer.user} {CONSUMER_DB}"


@contextmanager
def open_stage(folder: Path, server_url: str | None, *, anew: bool) -> Iterator[Stage]:
    """A stage in a folder: set up anew, or as an earlier run left it; the embedded server stops at the end.

    Args:
        server_url: an administrator's URL of a server to use instead of an embedded one.
    """
    if server_url is not None:
        with _explained("check the URL of --postgres; its user must be one that may create databases and roles"):
            yield _set_up(folder, _parsed(server_url)) if anew else _left(folder)
        return
    # What was applied names the server's port, so an earlier run's server comes back on its own.
    port = None if anew else _left(folder).port
    with (
        PostgresServer(folder / "data", fixed_port=port) as server,
        _explained("run it again; with --keep, the server's log stays in the folder"),
    ):
        yield _set_up(folder, (server.host, server.port, Login("postgres", server.password))) if anew else _left(folder)


@contextmanager
def _explained(hint: str) -> Iterator[None]:
    """Turn the driver's errors into one message with what to do."""
    try:
        yield
    except psycopg2.Error as error:
        raise ConnectionFailed(f"the demonstration's server failed: {primary_message(error)}", hint=hint) from error


def _parsed(url: str) -> tuple[str, int, Login]:
    wrong = UsageError(
        "--postgres takes the URL of an administrator", hint="as postgresql://postgres:password@localhost:5432"
    )
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or not parts.username:
        raise wrong
    return parts.hostname, port, Login(unquote(parts.username), unquote(parts.password or ""))


def _set_up(folder: Path, address: tuple[str, int, Login]) -> Stage:
    host, port, admin = address
    bare = Stage(folder, host, port, admin, Login(CONSUMER, ""))
    with closing(bare.connect("postgres")) as server:
        server.autocommit = True
        if found := existing_databases(server):
            raise UsageError(
                f"the server at {host}:{port} has {' and '.join(found)} already",
                hint="the demonstration makes databases of its own: drop these, or name another server",
            )
        logins = create_roles(server)
        create_databases(server)
    with closing(bare.connect(PRODUCER)) as producer:
        create_producer(producer)
        grant_in_producer(producer)
    with closing(bare.connect(MERGE)) as merge:
        grant_in_merge(merge)
    with closing(bare.connect(CONSUMER_DB)) as consumer:
        grant_in_consumer(consumer)
    stage = Stage(folder, host, port, admin, logins[CONSUMER])
    _write_environment(stage, logins)
    _write_private(
        folder / STAGE_FILE,
        json.dumps(
            {"host": host, "port": port, "admin": [admin.user, admin.password], "consumer": _pair(stage.consumer)}
        ),
    )
    return stage


def _left(folder: Path) -> Stage:
    path = folder / STAGE_FILE
    if not path.is_file():
        raise UsageError(f"{folder} holds no demonstration", hint="run `datasurface demo --keep --folder …` first")
    left = json.loads(path.read_text(encoding="utf-8"))
    return Stage(folder, left["host"], left["port"], Login(*left["admin"]), Login(*left["consumer"]))


def _pair(login: Login) -> list[str]:
    return [login.user, login.password]


def _write_environment(stage: Stage, logins: Mapping[str, Login]) -> None:
    """The environment file, with the passwords in files of their own beside it."""
    secrets = stage.folder / "secrets"
    secrets.mkdir(mode=0o700, exist_ok=True)
    lines = ["# Binds the customer360 model to the databases of this demonstration.", ""]
    for container, database in _CONTAINERS.items():
        lines += [f"[containers.{container}]", f'host = "{stage.host}"', f"port = {stage.port}"]
        lines += [f'database = "{database}"', ""]
    for name, login in logins.items():
        _write_private(secrets / name, login.password)
        lines += [f"[credentials.{name}]", f'user = "{login.user}"', f'password_file = "secrets/{name}"', ""]
    for platform, schedule in (("YellowLive", LIVE_SCHEDULE), ("YellowForensic", FORENSIC_SCHEDULE)):
        lines += [f"[platforms.{platform}]", f'schedule = "{schedule}"', ""]
    stage.environment_file.write_text("\n".join(lines), encoding="utf-8")


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
