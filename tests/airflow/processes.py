"""Processes that belong to one Airflow: found by a variable of their environment or by their session, and ended to the
last one.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from attrs import field, frozen

_PATIENCE = 3.0
"""Seconds that processes have to end by themselves."""

MARK = "DATASURFACE_TEST_AIRFLOW_HOME"
"""A variable that everything inherits, jobs as well: tasks take Airflow's own from them. Airflow writes its titles over
the environment of some of its processes; these stay in the session of the command that began them."""

_PROC = Path("/proc")


@frozen
class Process:
    """A process of this machine."""

    pid: int
    state: str
    parent: int
    session: int
    words: Sequence[str]


@frozen
class Processes:
    """Long-running commands with one environment, each with a log of its own in a folder."""

    variables: Mapping[str, str]
    logs: Path
    _started: "dict[str, subprocess.Popen[bytes]]" = field(factory=dict, init=False)

    def start(self, name: str, command: Sequence[str | Path]) -> None:
        """Start a command, in a session of its own so that Ctrl+C reaches the tests alone."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self._started[name] = subprocess.Popen(
                command,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )

    def require_alive(self) -> None:
        """AssertionError with the end of its log where a command has ended."""
        for name, process in self._started.items():
            assert process.poll() is None, f"{name} ended with {process.returncode}:\n{self._tail(name)}"

    def all(self) -> Iterator[Process]:
        """The commands and whatever they have started, also what went into a session of its own."""
        mark = f"{MARK}={self.variables[MARK]}".encode()
        sessions = {process.pid for process in self._started.values()}
        for folder in _PROC.glob("[0-9]*"):
            with suppress(OSError):  # it has ended, or is somebody else's
                process = _read(folder)
                if process.session in sessions or mark in (folder / "environ").read_bytes().split(b"\0"):
                    yield process

    def stop(self) -> None:
        """End all of them."""
        for process in self._started.values():
            process.terminate()
        deadline = time.monotonic() + _PATIENCE
        for process in self._started.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        while left := [each for each in self.all() if each.state != "Z"]:
            for each in left:
                with suppress(ProcessLookupError):
                    os.kill(each.pid, signal.SIGKILL)
            time.sleep(0.05)
        for process in self._started.values():
            process.wait()
        self._started.clear()

    def _tail(self, name: str, lines: int = 40) -> str:
        return "\n".join((self.logs / f"{name}.log").read_text(errors="replace").splitlines()[-lines:])


def _read(folder: Path) -> Process:
    # The second field is the program's name in parentheses, which may hold anything.
    after_name = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
    state, parent, _group, session = after_name[:4]
    return Process(int(folder.name), state, int(parent), int(session), words)
