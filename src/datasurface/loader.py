"""Loads a model: ``eco.py`` in a separate process, and the mapping file beside it.

What a user's mistake does to the process that loads the model ends there: all that comes back is canonical JSON and
source lines, or one finding. The process keeps honest mistakes apart. It is no security boundary against code that runs
as the same user: check foreign changes where there are no secrets.
"""

import json
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from attrs import frozen

from datasurface.collector import rare_collection
from datasurface.errors import DataSurfaceError
from datasurface.findings import Finding, Severity, SourceLine
from datasurface.interchange.canonical import JsonValue
from datasurface.loading.classes import Classes
from datasurface.loading.problems import load_finding
from datasurface.loading.process import MEMORY, Ended, run
from datasurface.loading.users_files import ECO_FILE, UsersFiles
from datasurface.mapping import MAPPING_FILE, read_mapping
from datasurface.model import Capture, Container, DataPlatform, Ecosystem, elements
from datasurface.model.rebuild import evolved

TIMEOUT = 60.0


class LoaderFailed(DataSurfaceError):
    """The process that loads a model could not begin: something is wrong with the installation, not with the model."""


@frozen
class Loaded:
    """What came of a model folder.

    Attributes:
        ecosystem: the whole model; None where a finding is an error.
        findings: what is wrong, each at the user's file and line.
        output: the beginning of what the user's code printed.
    """

    ecosystem: Ecosystem | None
    findings: tuple[Finding, ...]
    output: str = ""


def load(
    folder: Path,
    platforms: Sequence[type[DataPlatform]],
    *,
    containers: Sequence[type[Container]] = (),
    captures: Sequence[type[Capture]] = (),
    timeout: float = TIMEOUT,
) -> Loaded:
    """Load the model in a folder; ``timeout`` in seconds is how long its code may run.

    Raises:
        LoaderFailed: the installation is broken, so that nothing can be said about the model.
    """
    root = folder.resolve()
    missing = _what_is_missing(root)
    if missing:
        hint = f"name the folder that holds {ECO_FILE}, with a function create_ecosystem()"
        return Loaded(None, (load_finding("DS001", SourceLine(ECO_FILE, 1), f"{folder} {missing}", hint),))
    classes = Classes(tuple(platforms), tuple(containers), tuple(captures))
    search_path = [os.path.abspath(place) for place in sys.path]
    ended = run(
        {"folder": str(root), "search_path": search_path, "memory": MEMORY, "classes": classes.names()}, timeout
    )
    with rare_collection():
        result = _result(ended, UsersFiles.of(root, search_path), classes, timeout)
    assignments, findings = read_mapping(root / MAPPING_FILE)
    if isinstance(result, Finding):
        return Loaded(None, (result, *findings), ended.output)
    if findings:
        return Loaded(None, findings, ended.output)
    return Loaded(evolved(result, assignments=assignments), (), ended.output)


def _what_is_missing(root: Path) -> str | None:
    """Why there is no model in a folder, in words; None if there is one."""
    try:
        if (root / ECO_FILE).is_file():
            return None
        return f"has no {ECO_FILE}" if root.is_dir() else "is no folder"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _result(ended: Ended, files: UsersFiles, classes: Classes, timeout: float) -> Ecosystem | Finding:
    """The model that came back, or why none did."""
    if ended.answer is not None:
        answer = json.loads(ended.answer)
        if "failed" in answer:
            raise LoaderFailed(f"a model cannot be loaded: {answer['failed']}", hint="check the installed plugins")
        if "finding" in answer:
            return _finding(answer["finding"])
        ecosystem = classes.canonical().value(answer["ecosystem"], Ecosystem)
        _restore_lines(ecosystem, answer["files"], answer["lines"])
        return ecosystem
    if ended.crash is None and not ended.late:
        last = ended.output.strip().rpartition("\n")[2]
        raise LoaderFailed(f"python did not start (exit status {ended.status}): {last}", hint="check the installation")
    line = files.innermost_dumped(ended.crash or "") or files.start()
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


def _finding(document: dict[str, JsonValue]) -> Finding:
    source = SourceLine(str(document["file"]), cast(int, document["line"]))
    return Finding(
        code=str(document["code"]),
        severity=Severity(document["severity"]),
        path=str(document["path"]),
        message=str(document["message"]),
        hint=str(document["hint"]),
        source=source,
    )


def _restore_lines(ecosystem: Ecosystem, files: Sequence[str], lines: Iterable[int]) -> None:
    """Give the elements the lines that the child noted, in the order of ``walk``; equal lines become one object."""
    numbers = iter(lines)
    known: dict[tuple[int, int], SourceLine] = {}
    for element, file, line in zip(elements(ecosystem), numbers, numbers, strict=True):
        element.with_source(known.setdefault((file, line), SourceLine(files[file], line)))
