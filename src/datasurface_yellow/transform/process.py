"""Runs a transformer's code in a process of its own, which has the login's secret and no other."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import cast

from attrs import frozen

from datasurface.loading.process import bare_environment
from datasurface.loading.scratch import scratch_folder
from datasurface_yellow.transform import child
from datasurface_yellow.transform.request import Answer, Request

_LARGEST_ANSWER = 1 << 16
"""What a pipe holds."""
_STANDARD_ERROR = 2


@frozen
class Ended:
    """How the process ended: with an answer; or without one, and with an exit status, the negative number of a signal
    that ended it."""

    answer: Answer | None
    status: int


def run(request: Request) -> Ended:
    """Run the code until it ends. What it prints goes to our standard error. It has ended afterwards whatever happens,
    with all that it started in its own session."""
    with scratch_folder() as temporary:
        end, its_end = os.pipe()
        try:
            process = _start(request["folder"], temporary, its_end)
            try:
                with suppress(BrokenPipeError):  # it ended before it had read: its status says how
                    process.communicate(json.dumps(request).encode())
            finally:
                _end(process)
            os.set_blocking(end, False)
            return Ended(_answer(end) if process.returncode == 0 else None, process.returncode)
        finally:
            os.close(end)


def _start(folder: str, temporary: str, its_end: int) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            [sys.executable, "-s", "-P", "-B", "-X", "utf8", child.__file__, str(its_end)],
            cwd=folder,
            env=bare_environment(os.environ, temporary),
            stdin=subprocess.PIPE,
            stdout=_STANDARD_ERROR,
            pass_fds=(its_end,),
            start_new_session=True,
        )
    finally:
        os.close(its_end)


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _answer(end: int) -> Answer | None:
    try:
        return cast(Answer, json.loads(os.read(end, _LARGEST_ANSWER)))
    except (BlockingIOError, ValueError):  # the code has ended the process by itself, without an error
        return None
