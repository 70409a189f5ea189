"""The monitor's page beside the demonstration: the command in a process of its own, as a user would start it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from datasurface.errors import DataSurfaceError
from datasurface_yellow.demo.stage import Stage
from datasurface_yellow.simulator.example import example_folder

_END = 10
"""Seconds that the page has to end by itself."""


class PageNotServed(DataSurfaceError):
    """The monitor ended before it served its page; it has said why on standard error."""


@contextmanager
def served_page(stage: Stage) -> Iterator[str]:
    """The address of a page on what is in force on the stage; it ends with the context."""
    words = ["monitor", str(example_folder()), "--environment", str(stage.environment_file), "--port", "0", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "datasurface", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl+C is the demonstration's, which ends the page when it is done
    )
    try:
        assert process.stdout is not None  # noqa: S101 it is a pipe
        first = process.stdout.readline()
        if not first or "url" not in (said := json.loads(first)):
            raise PageNotServed("the monitor did not serve its page", hint="run it again without --serve")
        yield str(said["url"])
    finally:
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
