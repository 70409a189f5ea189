"""Runs the child process within its limits, and brings back what it left."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import BinaryIO

from attrs import frozen

from datasurface.loading import child
from datasurface.loading.scratch import scratch_folder

MEMORY = 4 << 30
LARGEST_ANSWER = 1 << 30
LONGEST_OUTPUT = 64 << 10

_PASSED_ON = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "TZ")
"""The environment of the user's code: enough to run, and nothing that holds a secret or leads to one."""
_SECONDS_TO_END = 10.0
_SECONDS_BETWEEN_LOOKS = 0.01


@frozen
class Ended:
    """How the child process ended.

    Attributes:
        answer: what it wrote; None if it did not end well, or wrote more than an answer may have.
        status: its exit status; the negative number of a signal that killed it.
        late: whether it was stopped because its time was over.
        notes: what it noted when the user's code began, and the frames of that code when it was stopped or crashed;
            empty if it did not come that far.
        output: the beginning of what it printed.
        has_printed_more: whether that is not all.
    """

    answer: bytes | None
    status: int
    late: bool
    notes: str
    output: str
    has_printed_more: bool


def run(request: child.Request, seconds: float) -> Ended:
    """Run the child on a request; after ``seconds`` it and all that it started are stopped.

    The request's ``temporary`` folder and limits are given here.
    """
    with scratch_folder() as temporary, TemporaryFile() as exchange:
        exchange.write(json.dumps({**request, "temporary": temporary}).encode())
        exchange.seek(0)
        output_end, its_output = os.pipe()
        notes_end, its_notes = os.pipe()
        try:
            process = _start(request["folder"], temporary, exchange.fileno(), its_notes, its_output)
            try:
                (output, notes), late = _watch(process, (output_end, notes_end), time.monotonic() + seconds)
            finally:
                _end(process)
        finally:
            os.close(output_end)
            os.close(notes_end)
        answer = _answer(exchange) if process.returncode == 0 and not late else None
        printed, more = output[:LONGEST_OUTPUT].decode(errors="replace"), len(output) > LONGEST_OUTPUT
        return Ended(answer, process.returncode, late, notes.decode(errors="replace"), printed, more)


def _start(folder: str, temporary: str, exchange: int, notes: int, output: int) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            # No user packages, no folder of the script on the path, no compiled files, UTF-8 wherever it runs.
            [sys.executable, "-s", "-P", "-B", "-X", "utf8", child.__file__, str(exchange), str(notes)],
            cwd=folder,
            env=bare_environment(os.environ, temporary),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(exchange, notes),
            start_new_session=True,
        )
    finally:
        os.close(output)
        os.close(notes)


def bare_environment(variables: Mapping[str, str], temporary: str) -> dict[str, str]:
    """A fixed hash seed makes a model that is built from a set of names the same every time. One arena of glibc's for
    all threads, as each takes 64 MB of the limit of memory: what cannot get memory while it starts keeps its starter
    waiting, so the limit of threads has to come first.
    """
    passed_on = {name: variables[name] for name in _PASSED_ON if name in variables}
    fixed = {"HOME": temporary, "TMPDIR": temporary, "PYTHONHASHSEED": "0", "MALLOC_ARENA_MAX": "1"}
    return {**passed_on, **fixed}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process if it still runs, as after Ctrl+C; it is asked first, so that it ends what it started."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_SECONDS_TO_END)
        process.kill()
        process.wait()


def _watch(process: "subprocess.Popen[bytes]", ends: Sequence[int], deadline: float) -> tuple[tuple[bytes, ...], bool]:
    """What comes out of the ends, read at once so that nobody waits for a reader; and whether time was over."""
    read = dict.fromkeys(ends, b"")
    late = False
    with selectors.DefaultSelector() as selector:
        for end in ends:
            os.set_blocking(end, False)
            selector.register(end, selectors.EVENT_READ)
        while process.poll() is None:
            left = deadline - time.monotonic()
            if left <= 0 and late:
                process.kill()
            elif left <= 0:
                late, deadline = True, time.monotonic() + _SECONDS_TO_END
                process.terminate()  # it writes where it is, and ends all that it started
            if selector.get_map():
                _read_ready(selector, read, _SECONDS_BETWEEN_LOOKS)
            else:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_SECONDS_BETWEEN_LOOKS)
        _read_ready(selector, read, 0)
    return tuple(read.values()), late


def _read_ready(selector: selectors.BaseSelector, read: dict[int, bytes], seconds: float) -> None:
    """Take what stands ready, and keep the beginning of it."""
    for key, _ in selector.select(seconds):
        chunk = os.read(key.fd, 1 << 20)  # more than a pipe holds
        if not chunk:
            selector.unregister(key.fd)
        read[key.fd] = (read[key.fd] + chunk)[: LONGEST_OUTPUT + 1]


def _answer(exchange: BinaryIO) -> bytes | None:
    exchange.seek(0)
    answer = exchange.read(LARGEST_ANSWER + 1)
    return answer if len(answer) <= LARGEST_ANSWER else None
