"""Files that commands write: never over what is somebody's, and never through a link that somebody laid."""

import errno
import os
from pathlib import Path

from datasurface.errors import UsageError


def must_be_new(path: Path) -> None:
    """UsageError where something is there, be it a link to nothing."""
    if os.path.lexists(path):
        raise _exists(path)


def write_new(path: Path, text: str) -> None:
    """Write a file; UsageError where something came to be there."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise _exists(path) from None


def write_again(path: Path, text: str) -> None:
    """Write a file over the one of before; UsageError where it is a link."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        hint = "take it away, or name another folder"
        raise UsageError(f"{path} is a link, and what it leads to is not written over", hint=hint) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _exists(path: Path) -> UsageError:
    return UsageError(f"{path} exists already", hint="name another file, or take that one away")
