"""Understands what the child process left. A user's code can have written anything there: it is never trusted."""

import json

from datasurface.errors import DataSurfaceError
from datasurface.findings import Finding, SourceLine
from datasurface.interchange.canonical import JsonValue
from datasurface.loading.classes import Classes
from datasurface.loading.confine import ALL
from datasurface.loading.pieces import NoModel, Pieces, Shared, a_line, an_object, read_json
from datasurface.loading.printable import printable
from datasurface.loading.problems import load_finding
from datasurface.loading.users_files import ECO_FILE
from datasurface.model import Ecosystem

_MOST_VALUES = 50_000_000
"""A million columns have less than half of them; a gigabyte of nothing but `[],` would fill the memory."""


def failure(answer: bytes | None) -> str | None:
    """Why the child could not begin, in its own words. For answers that were written before the user's code ran."""
    try:
        document = json.loads(answer or b"")
    except ValueError:
        return None
    return document.get("failed") if isinstance(document, dict) else None


def shut_off(notes: str) -> frozenset[str] | None:
    """What the user's code was shut off from, by the note made before it began; None if it did not begin."""
    first, newline, _ = notes.partition("\n")
    return frozenset(word for word in json.loads(first) if word in ALL) if newline else None


def understood(
    answer: bytes, classes: Classes, *, gives: Shared | None = None, takes: Shared | None = None
) -> Ecosystem | Finding:
    """The model, or the finding, in an answer; a finding also where it holds neither.

    ``gives`` gets the model's datastores. From ``takes``, which it waits for, come those that need not be built.
    """
    try:
        if sum(answer.count(mark) for mark in (b"[", b"{", b",", b"\n")) > _MOST_VALUES:
            raise NoModel("it holds more values than the largest model")
        first, *texts = answer.split(b"\n")
        document = an_object(read_json(first))
        if "finding" in document:
            return _finding(an_object(document["finding"]))
        pieces = Pieces(texts, _names(document.get("files")), takes.taken() if takes else {})
        ecosystem = pieces.ecosystem(document.get("ecosystem"), document.get("lines"), classes.canonical())
        if gives:
            gives.give(pieces.read)
        return ecosystem
    except (ValueError, RecursionError, DataSurfaceError) as error:
        text = printable(str(error) or type(error).__name__)
        message = f"what came back from the process that ran {ECO_FILE} is no model: {text}"
        hint = "look for code that changes datasurface's classes, or writes into files that it did not open"
        return load_finding("DS013", SourceLine(ECO_FILE, 1), message, hint)


def _names(files: JsonValue) -> list[str]:
    if not isinstance(files, list):
        raise NoModel("it holds no list where one is needed")
    return [printable(str(file)) for file in files]


def _finding(document: dict[str, JsonValue]) -> Finding:
    """Whatever weight a finding says it has, a model that is not there is an error."""
    code, file, line, message, hint = (document.get(key) for key in ("code", "file", "line", "message", "hint"))
    place = SourceLine(printable(str(file)), a_line(line))
    return load_finding(printable(str(code)), place, printable(str(message)), printable(str(hint)))
