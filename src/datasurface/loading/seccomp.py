"""A filter of system calls: those that a model has no use for fail, as if it were not permitted to make them."""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable

from datasurface.loading.system import call

_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # of the classic packet filter, on 32 bits
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER, _MACHINE = 0, 4  # where they stand in what the filter looks at
_OTHER_CONVENTION = 0x40000000  # x32: the same machine, other numbers

_MACHINES = {"x86_64": (0xC000003E, 317), "aarch64": (0xC00000B7, 277)}
"""The machine as the filter sees it, and the number of the system call that sets a filter."""

_NO_USE = {
    "socket": (41, 198),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "io_uring_setup": (425, 425),  # makes sockets, too
}
"""System calls with their numbers on x86_64 and on aarch64, of which the latter lacks the old ones."""


def no_use_for_a_model() -> frozenset[int]:
    """Sockets of any kind; modes, owners, times and attributes of files; other processes' memory; the kernel's keys.

    Files have their own guard, landlock, which does not know of modes, owners and times. On a machine whose numbers are
    not known here there are none.
    """
    machine = os.uname().machine
    numbers = (known[list(_MACHINES).index(machine)] for known in _NO_USE.values()) if machine in _MACHINES else ()
    return frozenset(number for number in numbers if number is not None)


def forbid(calls: Iterable[int]) -> None:
    """Let these system calls fail with EPERM, in this process and all that it starts, for good.

    Raises:
        OSError: the kernel, or what this process runs in, refuses; or the machine is not known here.
    """
    machine = os.uname().machine
    if machine not in _MACHINES or sys.maxsize <= 1 << 32:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    seen_as, set_filter = _MACHINES[machine]
    program = _program(seen_as, sorted(calls))
    code = ctypes.create_string_buffer(program, len(program))
    filter_ = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    call("syscall", set_filter, _SET_MODE_FILTER, _ALL_THREADS, filter_)


def _program(machine: int, numbers: list[int]) -> bytes:
    """Steps of eight bytes: operation, steps to skip if so, steps to skip if not, operand."""
    to_the_end = range(len(numbers), 0, -1)
    steps = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 0, len(numbers) + 3, machine),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, len(numbers) + 1, 0, _OTHER_CONVENTION),
        *((_EQUAL, skip, 0, number) for skip, number in zip(to_the_end, numbers, strict=True)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
