"""What is started, and the time that it takes from the making of its process to the end of it."""

import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from attrs import frozen

_FROM_FOLDER = "import sys; sys.path.insert(0, sys.argv[1]); import {}"


@frozen
class Start:
    """One way to start Python.

    Attributes:
        name: for people, and in the JSON document.
        command: the words after the interpreter's name.
        floor: the name of the start that does nothing in the same setting.
    """

    name: str
    command: tuple[str, ...]
    floor: str


def starts(folder: Path) -> tuple[Start, ...]:
    """What is measured: imports from the bare folder without ``site``, then the command as it is installed."""
    bare = ("-I", "-S", "-B")
    nothing, installed = "python -I -S -c pass", "python -c pass"
    imports = ["attrs, cattrs, pluggy", "datasurface", "datasurface_yellow"]
    return (
        Start(nothing, (*bare, "-c", "pass"), nothing),
        *(Start(f"import {name}", (*bare, "-c", _FROM_FOLDER.format(name), str(folder)), nothing) for name in imports),
        Start(installed, ("-c", "pass"), installed),
        Start("datasurface --version", ("-m", "datasurface", "--version"), installed),
        Start("datasurface ingest --help", ("-m", "datasurface", "ingest", "--help"), installed),
    )


@frozen
class Taken:
    """Seconds of one start: by the clock, and of the processor, which a busy machine blurs less."""

    clock: float
    processor: float


def measure(what: Sequence[Start], runs: int) -> Iterator[tuple[Start, Taken]]:
    """Every start in turn, so many times over. The first round fills the caches and is left out."""
    for run in range(runs + 1):
        for start in what:
            used, begun = _processor_seconds(), perf_counter()
            subprocess.run([sys.executable, *start.command], stdout=subprocess.DEVNULL, check=True)
            taken = Taken(perf_counter() - begun, _processor_seconds() - used)
            if run:
                yield start, taken


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
