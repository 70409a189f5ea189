"""A folder that a program writes whole: readers see the files of one writing, and never some of two."""

import ctypes
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from datasurface.errors import UsageError

_RECORD = ".datasurface-emit.json"
"""In the folder: which files we wrote, and what stood in them. Without it a folder is somebody's."""
_NOT_OURS_TO_JUDGE = "__pycache__"
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE of linux/fs.h, AT_FDCWD of linux/fcntl.h
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EXDEV}
"""What systems say that have no exchange: kernels, file systems on a network, filters of system calls, overlays. Where
one of them means more than that, a rename says it again, before anything is moved."""

Exchange = Callable[[Path, Path], int]
"""Lets two folders change place in one step; the number of the error, 0 for none."""


def exchange(one: Path, other: Path) -> int:
    """The system's own ``Exchange``."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return errno.ENOSYS
    failed = rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) != 0
    return ctypes.get_errno() if failed else 0


def write_folder(folder: Path, files: Mapping[str, str], writer: str, exchange: Exchange = exchange) -> tuple[str, ...]:
    """Let a folder hold these files and no others; those that a former call wrote and this one does not are gone.

    What is new is written beside it and changes place with it. Killed at any moment, one of the two stands whole; the
    next call clears up. Where the system has no exchange, nothing stands there between two renames, and a call that is
    killed just then leaves it to the next one.

    Args:
        files: texts by path, ``/`` between the parts.
        writer: what the files are of; a folder that another writer wrote is refused.

    Returns:
        The paths of the files that are new, gone or other than before.

    Raises:
        UsageError: the folder has something that was not written here, or that somebody changed since.
    """
    folder = Path(os.path.abspath(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent):
        new = folder.with_name(f".{folder.name}.emit")
        old = new.with_name(f"{new.name}.old")
        if old.exists() and not folder.exists():
            old.rename(folder)
        before = _former(folder, writer)
        digests = {path: _digest(text.encode()) for path, text in sorted(files.items())}
        changed = tuple(
            path for path in sorted(before.keys() | digests.keys()) if before.get(path) != digests.get(path)
        )
        _remove(new)
        _remove(old)
        if changed or not folder.exists():
            new.mkdir()
            for path, text in files.items():
                file = new / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            (new / _RECORD).write_text(
                json.dumps({"writer": writer, "files": digests}, indent=1) + "\n", encoding="utf-8"
            )
            _switch(new, folder, old, exchange)
            _remove(new)
            _remove(old)
        return changed


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """One writer at a time in a folder; the lock goes with the process."""
    descriptor = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _former(folder: Path, writer: str) -> Mapping[str, str]:
    """The digests of what stands, by path; UsageError where not all of it was written here."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is no folder of its own", hint="name another one, or one that is not there yet")
    found = _files(folder) if folder.exists() else {}
    if not found:
        return {}
    if _RECORD not in found:
        raise UsageError(
            f"{folder} holds files that `datasurface emit` did not write, as {min(found)}",
            hint="name a folder of its own, as one inside this one",
        )
    try:
        record = json.loads(found.pop(_RECORD).read_text(encoding="utf-8"))
        wrote, digests = str(record["writer"]), {str(path): str(digest) for path, digest in record["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(
            f"{folder / _RECORD} cannot be read: what is ours in the folder is not known",
            hint="take the folder away, and emit again",
        ) from None
    if wrote != writer:
        raise UsageError(f"{folder} was written by `datasurface emit {wrote}`", hint="name another folder")
    for path, file in sorted(found.items()):
        if digests.get(path) != _digest(file.read_bytes()):
            what = "was changed since" if path in digests else "is of somebody else than"
            raise UsageError(
                f"{folder / path} {what} `datasurface emit`",
                hint="keep your own files elsewhere; take this one away, and emit again",
            )
    return {path: digest for path, digest in digests.items() if path in found}


def _files(folder: Path) -> dict[str, Path]:
    """Every file below a folder by its path there, links too; not what Python keeps of modules that were read."""
    found: dict[str, Path] = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != _NOT_OURS_TO_JUDGE]
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in (*names, *links):
            path = Path(parent) / name
            found[path.relative_to(folder).as_posix()] = path
    return found


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _switch(new: Path, folder: Path, old: Path, exchange: Exchange) -> None:
    """Let ``new`` be ``folder``, and what stood there ``new`` or ``old``, in one step where the system can."""
    if not folder.exists():
        new.rename(folder)
        return
    code = exchange(new, folder)
    if code == 0:
        return
    if code not in _NO_EXCHANGE:
        raise OSError(code, os.strerror(code), str(folder))
    folder.rename(old)  # for a moment nothing stands there
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
