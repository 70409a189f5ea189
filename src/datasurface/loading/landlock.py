"""Landlock: since Linux 5.13 a process can give up the right to files, TCP and the signals of others, for good.

The numbers are those of ``linux/landlock.h``, and the same on every machine.
"""

import os
import stat
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from datasurface.loading.system import call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_ON_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

_KNOWN_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""Version to how many rights on files it knows; later versions know 16."""
_TCP_SINCE, _TCP = 4, 0b11
_SCOPES_SINCE, _SCOPES = 6, 0b11  # abstract Unix sockets, and signals

TRUNCATES_SINCE = 3
"""Before this version a file that may not be written can still be emptied."""


def version() -> int:
    """What the kernel offers; 0 where it is none."""
    try:
        return call("syscall", _CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def confine(readable: Iterable[Path], listable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Take from this process, for good, all files and folders but these, all TCP, and signals to other processes.

    ``readable`` and ``writable`` are files and whole folders; of a ``listable`` folder only the names can be read.

    Raises:
        OSError: the kernel refuses; nothing was taken.
    """
    offered = version()
    every_right = (1 << _KNOWN_FILE_RIGHTS.get(offered, 16)) - 1
    attributes = struct.pack(
        "QQQ", every_right, _TCP if offered >= _TCP_SINCE else 0, _SCOPES if offered >= _SCOPES_SINCE else 0
    )
    known = attributes[: 24 if offered >= _SCOPES_SINCE else 16 if offered >= _TCP_SINCE else 8]
    ruleset = call("syscall", _CREATE_RULESET, known, len(known), 0)
    try:
        for paths, rights in ((readable, _READ), (listable, _READ_DIR), (writable, every_right)):
            for path in paths:
                with suppress(OSError):  # what is not there, or not for this user, needs no rule
                    _allow(ruleset, path, rights & every_right)
        call("syscall", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _ON_A_FILE
        call("syscall", _ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)
