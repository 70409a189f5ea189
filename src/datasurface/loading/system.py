"""Calls of Linux for which Python has no function. On another system each of them raises OSError."""

import ctypes
import errno
import os
import sys
from functools import cache

Argument = int | bytes | ctypes.Array[ctypes.c_char] | None

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38


def call(name: str, *arguments: Argument) -> int:
    """Call a function of the C library; OSError where it fails or there is none."""
    function = getattr(_library(), name, None) if sys.platform == "linux" else None
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    result: int = function(*(ctypes.c_long(value) if isinstance(value, int) else value for value in arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    """Change a property of this process."""
    call("prctl", option, value, 0, 0, 0)


def kernel() -> tuple[int, int]:
    """The version of the running Linux, as (6, 14); (0, 0) where none is known."""
    major, _, rest = os.uname().release.partition(".")
    minor = rest.partition(".")[0].partition("-")[0]
    is_linux = sys.platform == "linux" and major.isdecimal() and minor.isdecimal()
    return (int(major), int(minor)) if is_linux else (0, 0)
