"""The operating-system account that an embedded server runs under.

PostgreSQL refuses to run as root. So for root the server belongs to the owner of its data folder, or to ``nobody``
where the folder is new or root's own; everybody else runs it as themselves.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from datasurface.errors import DataSurfaceError

UNPRIVILEGED = "nobody"


class PostgresServerError(DataSurfaceError):
    """An embedded Postgres could not be found, made, started or stopped."""


@frozen
class ServerAccount:
    """Who runs the server.

    Attributes:
        name: the account's name, for messages.
        uid: its number.
        gid: its group's number.
        is_ours: this process runs as that account already, so nothing has to be switched or handed over.
    """

    name: str
    uid: int
    gid: int
    is_ours: bool

    def run(self, command: Sequence[str | Path], *, output: Path, seconds: float) -> int:
        """Run a command to its end as this account; what it prints is appended to ``output``.

        The output is a file because a server that the command leaves behind would hold a pipe open for ever.
        Returns the exit code; raises OSError if the command cannot be executed and TimeoutExpired after ``seconds``.
        """
        with output.open("ab") as sink:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd="/",
                env=_environment(os.environ),
                timeout=seconds,
                check=False,
                user=None if self.is_ours else self.uid,
                group=None if self.is_ours else self.gid,
                extra_groups=None if self.is_ours else [],
            )
        return done.returncode

    def give(self, path: Path) -> None:
        """Hand a file or folder over to this account."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)

    def require_entry(self, folder: Path) -> None:
        """Raise PostgresServerError unless this account can enter ``folder``."""
        command: list[str | Path] = ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]
        if self.run(command, output=Path(os.devnull), seconds=10) != 0:
            raise PostgresServerError(
                f"PostgreSQL does not run as root, and the account '{self.name}' cannot enter the folder {folder}",
                hint=f"choose a data folder that others can reach, such as {default_data_folder('postgres')}",
            )


def account_for(data: Path) -> ServerAccount:
    """The account that runs the server of this data folder, which need not exist yet.

    Raises PostgresServerError where the folder belongs to somebody whom this process cannot act for.
    """
    ourselves = os.geteuid()
    owner = data.stat().st_uid if data.exists() else ourselves
    if ourselves != 0:
        if owner != ourselves:
            raise PostgresServerError(
                f"the data folder {data} belongs to the account '{_name(owner)}', this process runs as "
                f"'{_name(ourselves)}'",
                hint="run as that account, or choose another data folder",
            )
        return ServerAccount(_name(ourselves), ourselves, os.getegid(), is_ours=True)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED) if owner == 0 else pwd.getpwuid(owner)
    except KeyError:
        raise PostgresServerError(
            f"PostgreSQL does not run as root, and this machine has no account "
            f"{UNPRIVILEGED if owner == 0 else owner} to run it",
            hint="run as an ordinary user",
        ) from None
    return ServerAccount(entry.pw_name, entry.pw_uid, entry.pw_gid, is_ours=False)


def default_data_folder(name: str) -> Path:
    """Where a server that is to be kept has its data: reachable for the account that will run it."""
    if os.geteuid() == 0:
        return Path("/var/lib/datasurface") / name / "data"
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "datasurface" / name / "data"


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents; where root makes them, the server's account can pass through."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        for path in missing:
            path.chmod(0o755)


@contextmanager
def temporary_folder(prefix: str = "datasurface-") -> Iterator[Path]:
    """A temporary folder that the server's account can enter, removed at the end.

    Other accounts can pass through it to a data folder of theirs, but not list it.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    try:
        if os.geteuid() == 0:
            folder.chmod(0o711)
        yield folder
    finally:
        shutil.rmtree(folder)


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Our environment without what would change the server's programs: libpq's and the locale's variables."""
    kept = {name: value for name, value in ours.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
