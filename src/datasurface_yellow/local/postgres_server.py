"""An embedded Postgres: makes a data folder, starts its server, lets other processes attach, stops it.

Beside the data folder ``data`` stand ``data.lock`` (held while one process makes, starts or stops the server),
``data.password`` (the superuser's, mode 0600), ``data.launch.log``, and ``data.binaries`` where the wheel's programs
had to be copied for the server's account. The server listens on 127.0.0.1 only and asks for the password.
"""

import fcntl
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from attrs import define, field, frozen

from datasurface_yellow.local.liveness import HOST, SUPERUSER, ask, free_port, is_postmaster, require_driver
from datasurface_yellow.local.postgres_binaries import Binaries, find_binaries
from datasurface_yellow.local.server_account import PostgresServerError, ServerAccount, account_for, make_folder

START_SECONDS = 60
STOP_SECONDS = 60
_PORT_TRIES = 5
_LOG_LINES = 8
_OWN_SETTINGS = "launcher.conf"


def _resolved(path: str | Path) -> Path:
    return Path(path).resolve()


@frozen
class _Running:
    """A server that answers: what is needed to reach it and to stop it."""

    port: int
    password: str
    version: str
    started_here: bool


@define
class PostgresServer:
    """A Postgres server on a data folder of its own.

    As a context manager it starts the server, or attaches to it where another process has started it, and at the end
    stops what it started. Several processes may do so at once: one starts, the others attach.

    Attributes:
        data: the data folder; made by the first start. Its parent folder holds the files that go with it.
        settings: server settings by name, such as ``{"fsync": "off"}``; they take effect when the server is started,
            not when it is attached to.
        fixed_port: the TCP port; None takes a free one.
        binaries: the programs to use; None looks for those that fit the data folder.
        pick_port: gives a port that was free a moment ago; asked again when somebody else took it meanwhile.
    """

    data: Path = field(converter=_resolved)
    settings: Mapping[str, str] = field(factory=dict, kw_only=True)
    fixed_port: int | None = field(default=None, kw_only=True)
    binaries: Binaries | None = field(default=None, kw_only=True)
    pick_port: Callable[[], int] = field(default=free_port, kw_only=True)
    _running: _Running | None = field(default=None, init=False)

    host = HOST
    user = SUPERUSER

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return self._require_running().port

    @property
    def password(self) -> str:
        """The superuser's password."""
        return self._require_running().password

    @property
    def version(self) -> str:
        """The server's version, such as "18.6"."""
        return self._require_running().version

    @property
    def started_here(self) -> bool:
        """Whether this object started the server, rather than attached to it."""
        return self._require_running().started_here

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.data / "server.log"

    def url(self, database: str) -> str:
        """The URL of a database of this server for its superuser, with the password."""
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{database}"

    def start(self) -> None:
        """Make the data folder if need be and start the server, or attach to the one that runs on it.

        Raises PostgresServerError with the reason and the end of the server's log.
        """
        if self._running:
            return
        require_driver()
        try:
            make_folder(self.data.parent)
            with self._locked():
                account = account_for(self.data)
                account.require_entry(self.data.parent)
                binaries = self._binaries().for_account(account, copies=self._beside("binaries"))
                self._initialise(account, binaries)
                self._running = self._attach() or self._launch(account, binaries)
        except (OSError, subprocess.SubprocessError) as cause:
            raise PostgresServerError(f"the Postgres server on {self.data} could not be started: {cause}") from cause

    def stop(self) -> None:
        """Stop the server, whoever started it; open connections are ended. Nothing to do if none runs."""
        self._running = None
        if not (self.data / "postmaster.pid").exists():
            return
        account = account_for(self.data)
        with self._locked():
            binaries = self._binaries().for_account(account, copies=self._beside("binaries"))
            code = self._halt(account, binaries, mode="fast")
            postmaster = self._postmaster()
            if code != 0 and postmaster and is_postmaster(postmaster[0], self.data):
                raise self._failure(f"the Postgres server on {self.data} (process {postmaster[0]}) does not stop")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running and self._running.started_here:
            self.stop()
        self._running = None

    def _require_running(self) -> _Running:
        if self._running is None:
            raise PostgresServerError(f"the Postgres server on {self.data} is not started", hint="call start() first")
        return self._running

    def _binaries(self) -> Binaries:
        version_file = self.data / "PG_VERSION"
        made_by = version_file.read_text().strip() if version_file.exists() else None
        binaries = self.binaries or find_binaries(prefer=made_by)
        if made_by and made_by != binaries.major:
            raise PostgresServerError(
                f"the data folder {self.data} was made by PostgreSQL {made_by}, but {binaries.found} is "
                f"{binaries.version}",
                hint=f"install PostgreSQL {made_by}, or choose another data folder",
            )
        return binaries

    def _initialise(self, account: ServerAccount, binaries: Binaries) -> None:
        """Make the data folder in a neighbouring folder and rename it, so that it is whole or not there."""
        if (self.data / "PG_VERSION").exists():
            return
        if self.data.exists() and any(self.data.iterdir()):
            raise PostgresServerError(
                f"{self.data} is not empty and is no data folder of PostgreSQL", hint="choose another folder"
            )
        making, password, secret = self._beside("making"), secrets.token_urlsafe(24), self._beside("secret")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        account.give(making)
        _write_private(self._beside("password"), password)
        _write_private(secret, password)
        account.give(secret)
        command: list[str | Path] = [binaries.bin / "initdb", "-D", making, f"--username={SUPERUSER}"]
        command += [f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
        log = self._beside("launch.log")
        try:
            if account.run(command, output=log, seconds=120) != 0:
                raise PostgresServerError(f"initdb could not make {self.data}; it says:\n{_end_of(log)}")
        finally:
            secret.unlink()
        with (making / "postgresql.conf").open("a") as configuration:
            configuration.write(f"include '{_OWN_SETTINGS}'\n")
        making.rename(self.data)

    def _attach(self) -> _Running | None:
        """The server that already runs on the data folder, waiting for it to answer; None if there is none."""
        deadline = time.monotonic() + START_SECONDS
        while postmaster := self._postmaster():
            process, port = postmaster
            answer = ask(port, self._password(), self.data)
            if answer.version:
                return _Running(port, self._password(), answer.version, started_here=False)
            if not is_postmaster(process, self.data):
                # Postgres would clear the file itself, but not where the number is in use again by another process.
                # Processes of the old server that still live it knows by their shared memory, without the file.
                (self.data / "postmaster.pid").unlink(missing_ok=True)
                return None
            if answer.refused or time.monotonic() > deadline:
                raise self._failure(f"the server on {self.data} (process {process}) does not let us in: {answer.error}")
            time.sleep(0.05)
        return None

    def _launch(self, account: ServerAccount, binaries: Binaries) -> _Running:
        deadline = time.monotonic() + START_SECONDS
        ports_left = 1 if self.fixed_port else _PORT_TRIES
        while True:
            port = self.fixed_port or self.pick_port()
            said = self._try_start(account, binaries, port)
            if isinstance(said, _Running):
                return said
            if "Address already in use" in said:
                ports_left -= 1
                if not ports_left:
                    raise self._failure(f"port {port} of {HOST} is taken")
            elif "is still in use" in said and time.monotonic() < deadline:
                time.sleep(0.05)  # processes of a server that was killed are still ending
            else:
                raise self._failure(f"the Postgres server on {self.data} did not start")

    def _try_start(self, account: ServerAccount, binaries: Binaries, port: int) -> _Running | str:
        """Start the server on this port; what it says in its log where it does not start."""
        self._write_settings(account, port)
        log_before = self.log.stat().st_size if self.log.exists() else 0
        command: list[str | Path] = [binaries.bin / "pg_ctl", "start", "-D", self.data, "-l", self.log]
        command += ["-w", "-t", str(START_SECONDS)]
        try:
            if account.run(command, output=self._beside("launch.log"), seconds=START_SECONDS + 10) != 0:
                return self.log.read_bytes()[log_before:].decode(errors="replace") if self.log.exists() else ""
            answer = ask(port, self._password(), self.data)
            if not answer.version:
                raise self._failure(f"the server on {self.data} started but does not let us in: {answer.error}")
        except BaseException:  # also Ctrl-C: nobody would know of the server
            self._halt(account, binaries, mode="immediate")
            raise
        return _Running(port, self._password(), answer.version, started_here=True)

    def _halt(self, account: ServerAccount, binaries: Binaries, *, mode: str) -> int:
        command: list[str | Path] = [binaries.bin / "pg_ctl", "stop", "-D", self.data, "-m", mode]
        command += ["-w", "-t", str(STOP_SECONDS)]
        return account.run(command, output=self._beside("launch.log"), seconds=STOP_SECONDS + 10)

    def _write_settings(self, account: ServerAccount, port: int) -> None:
        settings = {**self.settings, "listen_addresses": HOST, "port": str(port), "unix_socket_directories": ""}
        path = self.data / _OWN_SETTINGS
        path.write_text("".join(f"{_setting(name, value)}\n" for name, value in settings.items()))
        account.give(path)

    def _postmaster(self) -> tuple[int, int] | None:
        """Process number and port from the data folder's pid file; None where there is no complete one."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _password(self) -> str:
        path = self._beside("password")
        try:
            return path.read_text()
        except OSError as cause:
            raise PostgresServerError(
                f"the password of the server on {self.data} cannot be read: {cause}",
                hint="the file was made with the data folder; without it choose another data folder",
            ) from cause

    def _failure(self, message: str) -> PostgresServerError:
        return PostgresServerError(f"{message}; the end of {self.log}:\n{_end_of(self.log)}")

    def _beside(self, ending: str) -> Path:
        return self.data.with_name(f"{self.data.name}.{ending}")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from making, starting or stopping the server meanwhile."""
        descriptor = os.open(self._beside("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _setting(name: str, value: str) -> str:
    """One line of a configuration file of PostgreSQL, in whose values a backslash escapes."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name):
        raise PostgresServerError(f"{name!r} is no name of a server setting")
    if "\n" in value or "\0" in value:
        raise PostgresServerError(f"the server setting {name} has a line break in its value {value!r}")
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"{name} = '{escaped}'"


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _end_of(log: Path) -> str:
    if not log.exists():
        return "(there is no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES:])
