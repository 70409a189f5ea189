"""Loads a model: ``eco.py`` in a separate process, and the mapping file beside it.

What a user's code does to the process that loads the model ends there: all that comes back is canonical JSON and source
lines, or one finding. ``Loaded.isolation`` says what the code was shut off from, as far as the system allows it.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from datasurface.collector import rare_collection
from datasurface.errors import DataSurfaceError
from datasurface.findings import Finding, Severity, SourceLine
from datasurface.loading.answer import failure, shut_off, understood
from datasurface.loading.child import Request
from datasurface.loading.classes import Classes
from datasurface.loading.confine import ALL
from datasurface.loading.pieces import Shared
from datasurface.loading.problems import load_finding
from datasurface.loading.process import LARGEST_ANSWER, LONGEST_OUTPUT, MEMORY, Ended, run
from datasurface.loading.readable import readable
from datasurface.loading.users_files import ECO_FILE, UsersFiles
from datasurface.mapping import MAPPING_FILE, read_mapping
from datasurface.model import Capture, Container, DataPlatform, Ecosystem
from datasurface.model.rebuild import evolved

TIMEOUT = 60.0


class LoaderFailed(DataSurfaceError):
    """The process that loads a model could not begin: something is wrong with the installation, not with the model."""


@frozen
class Isolation:
    """What the code of a model was shut off from: the operating system decides what can be taken from a process.

    Attributes:
        files: reads nothing but its own files and Python's, writes nothing.
        network: reaches no other machine and no server on this one.
        processes: sees no other process, and none of its own outlives it.
    """

    files: bool
    network: bool
    processes: bool


@frozen
class Loaded:
    """What came of a model folder.

    Attributes:
        ecosystem: the whole model; None where a finding is an error.
        findings: what is wrong, each at the user's file and line.
        output: the beginning of what the user's code printed.
        isolation: what its code was shut off from; None where no code ran.
    """

    ecosystem: Ecosystem | None
    findings: tuple[Finding, ...]
    output: str = ""
    isolation: Isolation | None = None


def load(
    folder: Path,
    platforms: Sequence[type[DataPlatform]],
    *,
    containers: Sequence[type[Container]] = (),
    captures: Sequence[type[Capture]] = (),
    timeout: float = TIMEOUT,
    gives: Shared | None = None,
    takes: Shared | None = None,
) -> Loaded:
    """Load the model in a folder; ``timeout`` in seconds is how long its code may run.

    ``gives`` gets its datastores, for another model that is loaded beside it and ``takes`` them: what both have is one
    object then, with the lines of the first.

    Raises:
        LoaderFailed: the installation is broken, so that nothing can be said about the model.
    """
    root = folder.resolve()
    missing = _what_is_missing(root)
    if missing:
        hint = f"name the folder that holds {ECO_FILE}, with a function create_ecosystem()"
        return Loaded(None, (load_finding("DS001", SourceLine(ECO_FILE, 1), f"{folder} {missing}", hint),))
    classes = Classes(tuple(platforms), tuple(containers), tuple(captures))
    assignments, findings = read_mapping(root / MAPPING_FILE)  # before the user's code runs
    search_path = [os.path.abspath(place) for place in sys.path]
    ended = run(_request(root, search_path, classes), timeout)
    begun = shut_off(ended.notes)
    if begun is None and not ended.late:
        raise LoaderFailed(f"a model cannot be loaded: {_why_not_begun(ended)}", hint="check the installed plugins")
    with rare_collection():
        result = _result(ended, UsersFiles.of(root, search_path), classes, timeout, gives, takes)
    isolation = None if begun is None else Isolation(*(word in begun for word in ALL))
    if isinstance(result, Finding):
        return Loaded(None, (result, *findings), ended.output, isolation)
    if findings:
        return Loaded(None, findings, ended.output, isolation)
    warnings = (_PRINTS_TOO_MUCH,) if ended.has_printed_more else ()
    return Loaded(evolved(result, assignments=assignments), warnings, ended.output, isolation)


_PRINTS_TOO_MUCH = Finding(
    "DS014",
    Severity.WARNING,
    "",
    f"the code prints more than {LONGEST_OUTPUT >> 10} kB; the rest is dropped",
    "print less: what a model prints is shown by `datasurface validate` and kept nowhere",
    SourceLine(ECO_FILE, 1),
)


def _request(root: Path, search_path: list[str], classes: Classes) -> Request:
    may_read = readable(root, search_path, sys.modules.copy(), _home())
    return {
        "folder": str(root),
        "search_path": search_path,
        "memory": MEMORY,
        "largest_answer": LARGEST_ANSWER,
        "classes": classes.names(),
        "readable": [str(path) for path in may_read.whole],
        "listable": [str(path) for path in may_read.names],
        "temporary": "",
    }


def _home() -> Path:
    try:
        return Path.home().resolve()
    except RuntimeError:  # a user that the system does not know, as in some containers
        return Path("/")


def _what_is_missing(root: Path) -> str | None:
    """Why there is no model in a folder, in words; None if there is one."""
    try:
        if (root / ECO_FILE).is_file():
            return None
        return f"has no {ECO_FILE}" if root.is_dir() else "is no folder"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _why_not_begun(ended: Ended) -> str:
    last = ended.output.strip().rpartition("\n")[2]
    return failure(ended.answer) or f"python did not start (exit status {ended.status}): {last}"


def _result(
    ended: Ended, files: UsersFiles, classes: Classes, timeout: float, gives: Shared | None, takes: Shared | None
) -> Ecosystem | Finding:
    """The model that came back, or why none did."""
    if ended.answer:
        return understood(ended.answer, classes, gives=gives, takes=takes)
    line = files.innermost_dumped(ended.notes) or files.start()
    if ended.late:
        hint = "a model must not wait: look for a loop, or a call to another system, at this line"
        return load_finding("DS008", line, f"{ECO_FILE} did not end within {timeout:g} seconds", hint)
    return load_finding(
        "DS009", line, f"the process was ended {_by(ended.status)}", "look for what ends it, or needs all memory"
    )


def _by(status: int) -> str:
    if status >= 0:
        return f"with exit status {status}"
    names = {number.value: number.name for number in signal.Signals}
    return f"by signal {names.get(-status, -status)}"
