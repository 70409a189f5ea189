"""Runs a command as a user does, and watches what it and all that it starts take."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from attrs import frozen

_SECONDS_BETWEEN_LOOKS = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")


@frozen
class Taken:
    """What a command took.

    Attributes:
        seconds: by the clock, from its start to its end.
        processor: seconds of the processor, which a busy machine blurs less.
        memory: bytes of resident memory, of the process and of all below it at one time, at their highest.
    """

    seconds: float
    processor: float
    memory: int


class WrongEnd(Exception):
    """The command ended otherwise than it should have, so that its figures say nothing."""


def watch(arguments: Sequence[str], *, status: int) -> tuple[Taken, str]:
    """Run ``python …`` to its end, which must be the exit status; with what it printed."""
    with tempfile.TemporaryFile("w+") as output:
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], stdout=output, stderr=output)
        memory = 0
        while True:
            memory = max(memory, sum(map(_resident, _tree(process.pid))))
            pid, code, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(code)
        output.seek(0)
        printed = output.read()
    if process.returncode != status:
        words = " ".join(arguments)
        raise WrongEnd(f"python {words} ended with {process.returncode}, not {status}:\n{printed[-2000:]}")
    return Taken(seconds, usage.ru_utime + usage.ru_stime, memory), printed


def _tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    with suppress(OSError):  # one that has just ended
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text(encoding="ascii").split():
                yield from _tree(int(child))


def _resident(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    return 0
