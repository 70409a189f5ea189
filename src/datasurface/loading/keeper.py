"""Runs work in a process of its own, and sees to it that nothing the work starts outlives it.

The keeper stands between who asks for the work and the work. Where the system allows it, the work and all that it
starts get process numbers, a network without any connection and shared memory of their own. With the first process of
such a world all others in it end.
"""

import os
import resource
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from datasurface.loading.system import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, call, kernel, prctl

MOST_PROCESSES = 320
"""As threads, with stacks of 8 MB, they stay well below the limit of memory; the kernel takes nothing below 301."""

_NEW_PROCESSES, _NEW_NETWORK, _NEW_SHARED_MEMORY, _NEW_USERS = 0x20000000, 0x40000000, 0x08000000, 0x10000000
_SECONDS_TO_DUMP = 2
_PID_MAX_IS_OF_THE_WORLD = (6, 14)
_LIMIT_IS_OF_THE_WORLD = (5, 14)


def keep(work: Callable[[bool], NoReturn]) -> NoReturn:
    """Run work, end all that it started, and end as it did.

    The work learns whether it is in a world of its own. SIGTERM asks it by SIGABRT to show where it is, and ends it.
    """
    with suppress(OSError):
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    is_apart = separate()
    first = _fork(_wait_for_ever) if is_apart else None
    worker = _fork(lambda: _limited(work, is_apart))
    _stop_when_asked(worker)
    status = os.waitpid(worker, 0)[1]
    signal.alarm(0)
    if first is None:
        _end_group(worker)
    else:
        os.kill(first, signal.SIGKILL)  # returns from waitpid when all others have ended
        os.waitpid(first, 0)
    _end_as(status)


def separate() -> bool:
    """Let what is forked from now on be in a world of its own; False where the system refuses."""
    user, group = os.getuid(), os.getgid()
    world = _NEW_PROCESSES | _NEW_NETWORK | _NEW_SHARED_MEMORY
    for flags in (world, world | _NEW_USERS):  # the first needs a user with all rights
        try:
            call("unshare", flags)
        except OSError:
            continue
        if flags & _NEW_USERS:
            with suppress(OSError):
                Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
                Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
                Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        return True
    with suppress(OSError):
        prctl(PR_SET_CHILD_SUBREAPER, 1)
    return False


def _fork(work: Callable[[], NoReturn]) -> int:
    leave, process = os._exit, os.fork()
    if process == 0:
        try:
            with suppress(OSError):
                prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            os.setsid()
            work()
        except BaseException:  # never back into the code of the keeper
            traceback.print_exc()
        finally:
            leave(1)
    return process


def _wait_for_ever() -> NoReturn:
    """What the first process does: it takes in orphans, as every first process has to."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    os.closerange(0, 256)
    while True:
        signal.pause()


def _limited(work: Callable[[bool], NoReturn], is_apart: bool) -> NoReturn:
    """Limit processes and threads where the limit counts only those of this world, not all of the user's."""
    with suppress(OSError, ValueError):
        if is_apart and kernel() >= _PID_MAX_IS_OF_THE_WORLD:
            Path("/proc/sys/kernel/pid_max").write_text(str(MOST_PROCESSES), encoding="ascii")
        elif is_apart and kernel() >= _LIMIT_IS_OF_THE_WORLD and os.getuid() != 0:
            resource.setrlimit(resource.RLIMIT_NPROC, (MOST_PROCESSES, MOST_PROCESSES))
    work(is_apart)


def _stop_when_asked(worker: int) -> None:
    def stop(asked_by: int, _: FrameType | None) -> None:
        if asked_by == signal.SIGTERM:
            signal.alarm(_SECONDS_TO_DUMP)
        os.kill(worker, signal.SIGABRT if asked_by == signal.SIGTERM else signal.SIGKILL)

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, stop)


def _end_group(worker: int) -> None:
    """End what the worker left, without a world that ends: its group, and orphans where they come to the keeper."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(worker, signal.SIGKILL)
    orphans = Path(f"/proc/self/task/{os.getpid()}/children")
    with suppress(OSError):
        while pids := orphans.read_text(encoding="ascii").split():
            for pid in map(int, pids):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)  # then its children are ours


def _end_as(status: int) -> NoReturn:
    """End by the signal or with the exit status that another process ended with."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        with suppress(OSError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 1)
