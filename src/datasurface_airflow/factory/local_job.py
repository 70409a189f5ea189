"""A job as a process of the worker: the datasurface command line in another interpreter, which ends with its task."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from .versions import BaseOperator

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_SECONDS_TO_END = 10


class LocalJob(BaseOperator):
    """Runs words of the datasurface command line; fails where the command does. Nothing of it is a template, and no
    shell reads it."""

    template_fields: Sequence[str] = ()
    ui_color = "#e4f0e8"

    def __init__(self, *, words: Sequence[str], installation: Mapping[str, object], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.words = tuple(words)
        self.installation = dict(installation)
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Mapping[str, object]) -> None:
        """Run it under the run id of the DAG run, and pass on what it says."""
        command = command_line(self.words, self.installation, str(context["run_id"]))
        self.log.info("%s", " ".join(command))
        self._process = subprocess.Popen(
            command,
            env=environment(self.installation, os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        assert self._process.stdout is not None  # noqa: S101 it is a pipe
        for line in self._process.stdout:
            self.log.info("%s", line.rstrip("\n"))
        code = self._process.wait()
        if code != 0:
            raise RuntimeError(
                f"datasurface {self.words[0]} was ended by signal {-code}"
                if code < 0
                else f"datasurface {self.words[0]} ended with {code}: its last lines above say why"
            )

    def on_kill(self) -> None:
        """Let the process go with its task."""
        if self._process is None or self._process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)


def command_line(words: Sequence[str], installation: Mapping[str, object], run_id: str) -> list[str]:
    """The whole command. ``-P``: nothing is imported from the folder that it runs in."""
    file = installation["environment_file"]
    more = [] if file is None else ["--environment", str(file)]
    return [str(installation["python"]), "-P", "-m", "datasurface", *words, *more, "--run-id", run_id, "--json"]


def environment(installation: Mapping[str, object], variables: Mapping[str, str]) -> dict[str, str]:
    """The worker's variables, among them secrets of credentials, without those that are Airflow's and its Python's."""
    kept = {
        key: value
        for key, value in variables.items()
        if not key.startswith(("AIRFLOW", "_AIRFLOW", "PYTHONHOME", "PYTHONPATH"))
    }
    kept["DATASURFACE_STORE"] = str(installation["store"])
    if installation["credentials"] is not None:
        kept["DATASURFACE_CREDENTIALS"] = str(installation["credentials"])
    return kept


def _end_with_parent() -> None:
    """In the child: a task that is killed without a word takes its process with it."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)
