"""A folder that a program writes whole: readers see the files of one writing, and never some of two."""

import ctypes
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from datasurface.errors import UsageError

_RECORD = ".datasurface-emit.json"
"""In the folder: which files we wrote, and what stood in them. Without it a folder is somebody's."""
_NOT_OURS_TO_JUDGE = "__pycache__"
_EXCHANGE, _HERE = 2, -100  # RENAME_EXCHANGE of linux/fs.h, AT_FDCWD of linux/fcntl.h


def write_folder(folder: Path, files: Mapping[str, str], writer: str) -> tuple[str, ...]:
    """Let a folder hold these files and no others; those that a former call wrote and this one does not are gone.

    What is new is written beside it and changes place with it. Killed at any moment, one of the two stands whole; the
    next call clears up.

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
        before = _former(folder, writer)
        digests = {path: _digest(text.encode()) for path, text in sorted(files.items())}
        changed = tuple(
            path for path in sorted(before.keys() | digests.keys()) if before.get(path) != digests.get(path)
        )
        new = folder.with_name(f".{folder.name}.emit")
        _remove(new)
        if changed or not folder.exists():
            new.mkdir()
            for path, text in files.items():
                file = new / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            (new / _RECORD).write_text(
                json.dumps({"writer": writer, "files": digests}, indent=1) + "\n", encoding="utf-8"
            )
            _switch(new, folder)
            _remove(new)
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


def _switch(new: Path, folder: Path) -> None:
    """Let ``new`` be ``folder``, and what stood there ``new``, in one step where the system can."""
    if not folder.exists():
        new.rename(folder)
        return
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is not None:
        if rename(_HERE, os.fsencode(new), _HERE, os.fsencode(folder), _EXCHANGE) == 0:
            return
        if ctypes.get_errno() not in (errno.ENOSYS, errno.EINVAL):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
    old = new.with_name(f"{new.name}.old")
    _remove(old)
    folder.rename(old)  # for a moment nothing stands there
    new.rename(folder)
    _remove(old)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
