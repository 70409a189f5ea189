"""Shuts the process that runs a user's ``eco.py`` off from the system, as far as the system allows it."""

import ctypes
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from datasurface.loading import landlock, seccomp
from datasurface.loading.system import PR_SET_NO_NEW_PRIVS, call, prctl

FILES, NETWORK, PROCESSES = "files", "network", "processes"
"""What code can be shut off from: files that are not its own, other machines, processes that are not its own."""

ALL = (FILES, NETWORK, PROCESSES)

_DEVICE_TO_WRITE_TO = Path("/dev/null")
_CAPABILITIES_3 = 0x20080522
_READ_ANY_FILE = (
    0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: files of other users, as a user with all rights has it
)


def confine(readable: Iterable[str], listable: Iterable[str], writable: str, is_apart: bool) -> frozenset[str]:
    """Give up, for good, what a model has no use for; of files only these are left.

    Args:
        is_apart: whether the process is in a world of its own already, with its own processes and network.

    Returns:
        What it is now shut off from: of FILES, NETWORK and PROCESSES those that the system can take away.
    """
    kept = {NETWORK, PROCESSES} if is_apart else set[str]()
    with suppress(OSError):
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        _drop_capabilities()
        if landlock.version():
            landlock.confine(map(Path, readable), map(Path, listable), writable=(Path(writable), _DEVICE_TO_WRITE_TO))
            kept |= {FILES} if landlock.version() >= landlock.TRUNCATES_SINCE else set()
    with suppress(OSError):
        seccomp.forbid(seccomp.no_use_for_a_model())
        kept.add(NETWORK)
    return frozenset(kept)


def _drop_capabilities() -> None:
    """Keep none of a root user's rights but to read files. Who has fewer rights cannot look into who has more."""
    header = struct.pack("Ii", _CAPABILITIES_3, 0)
    data = ctypes.create_string_buffer(24)
    call("capget", header, data)
    effective, permitted, *_ = struct.unpack("6I", data.raw)
    left = permitted & _READ_ANY_FILE
    call("capset", header, struct.pack("6I", effective & left, left, 0, 0, 0, 0))
