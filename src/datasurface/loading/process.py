"""Runs the child process within its limits, and brings back what it left."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from datasurface.loading import child

MEMORY = 4 << 30
LARGEST_ANSWER = 1 << 30
LONGEST_OUTPUT = 64 << 10

_PASSED_ON = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ")
"""The environment of the user's code: enough to run, and nothing that holds a secret."""
_SECONDS_TO_DUMP = 2.0
_SECONDS_BETWEEN_LOOKS = 0.05


@frozen
class Ended:
    """How the child process ended.

    Attributes:
        answer: what it wrote; None if it ended before, or wrote more than an answer may have.
        status: its exit status; the negative number of a signal that killed it.
        late: whether it was stopped because its time was over.
        crash: the frames of the user's code when it was stopped or crashed; None if it did not come that far.
        output: the beginning of what it printed.
    """

    answer: bytes | None
    status: int
    late: bool
    crash: str | None
    output: str


def run(request: child.Request, seconds: float) -> Ended:
    """Run the child on a request; after ``seconds`` it and all that it started are stopped."""
    with TemporaryDirectory(prefix="datasurface-load-", ignore_cleanup_errors=True) as name:
        exchange = Path(name)
        (exchange / "request.json").write_text(json.dumps(request), encoding="utf-8")
        output_end, its_end = os.pipe()
        try:
            process = _start(exchange, request["folder"], its_end)
            try:
                output, late = _watch(process, output_end, time.monotonic() + seconds)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        finally:
            os.close(output_end)
        return Ended(_answer(exchange), process.returncode, late, _crash(exchange), output.decode(errors="replace"))


def _start(exchange: Path, folder: str, output: int) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            # No user packages, no folder of the script on the path, no compiled files, UTF-8 wherever it runs.
            [sys.executable, "-s", "-P", "-B", "-X", "utf8", child.__file__, str(exchange)],
            cwd=folder,
            env=_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    finally:
        os.close(output)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    """A fixed hash seed makes a model that is built from a set of names the same every time."""
    return {**{name: variables[name] for name in _PASSED_ON if name in variables}, "PYTHONHASHSEED": "0"}


def _watch(process: "subprocess.Popen[bytes]", output_end: int, deadline: float) -> tuple[bytes, bool]:
    """What is printed until the end, read at once so that nobody waits for a reader; and whether time was over."""
    output = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output_end, selectors.EVENT_READ)
        open_still = True
        while process.poll() is None:
            left = deadline - time.monotonic()
            if left <= 0:
                process.send_signal(signal.SIGABRT)  # writes where it is, and dies
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_SECONDS_TO_DUMP)
                return output, True
            if not open_still:
                time.sleep(min(left, _SECONDS_BETWEEN_LOOKS))
            elif selector.select(min(left, _SECONDS_BETWEEN_LOOKS)):
                open_still, output = _read(output_end, output)
        while open_still and selector.select(0):
            open_still, output = _read(output_end, output)
    return output, False


def _read(output_end: int, output: bytes) -> tuple[bool, bytes]:
    chunk = os.read(output_end, LONGEST_OUTPUT)
    return bool(chunk), (output + chunk)[:LONGEST_OUTPUT]


def _answer(exchange: Path) -> bytes | None:
    answer = exchange / "answer.json"
    return answer.read_bytes() if answer.is_file() and answer.stat().st_size <= LARGEST_ANSWER else None


def _crash(exchange: Path) -> str | None:
    crash = exchange / "crash.txt"
    return crash.read_text(errors="replace") if crash.is_file() else None
