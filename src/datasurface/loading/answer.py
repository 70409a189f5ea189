"""Understands what the child process left. A user's code can have written anything there: it is never trusted."""

import json
from collections.abc import Sequence
from typing import NoReturn

from datasurface.errors import DataSurfaceError
from datasurface.findings import Finding, SourceLine
from datasurface.interchange.canonical import JsonValue
from datasurface.loading.classes import Classes
from datasurface.loading.confine import ALL
from datasurface.loading.printable import printable
from datasurface.loading.problems import load_finding
from datasurface.loading.users_files import ECO_FILE
from datasurface.model import Ecosystem, elements

_MOST_VALUES = 50_000_000
"""A million columns have less than half of them; a gigabyte of nothing but `[],` would fill the memory."""
_LAST_LINE = 1 << 31


class _NoAnswer(ValueError):
    """What was left is neither a model nor a finding."""


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


def understood(answer: bytes, classes: Classes) -> Ecosystem | Finding:
    """The model, or the finding, in an answer; a finding also where it holds neither."""
    try:
        document = _document(answer)
        if "finding" in document:
            return _finding(_object(document["finding"]))
        ecosystem = classes.canonical().value(document.get("ecosystem"), Ecosystem)
        _restore_lines(ecosystem, _list(document.get("files")), _list(document.get("lines")))
        return ecosystem
    except (ValueError, RecursionError, DataSurfaceError) as error:
        text = printable(str(error) or type(error).__name__)
        message = f"what came back from the process that ran {ECO_FILE} is no model: {text}"
        hint = "look for code that changes datasurface's classes, or writes into files that it did not open"
        return load_finding("DS013", SourceLine(ECO_FILE, 1), message, hint)


def _document(answer: bytes) -> dict[str, JsonValue]:
    if sum(answer.count(mark) for mark in (b"[", b"{", b",")) > _MOST_VALUES:
        raise _NoAnswer("it holds more values than the largest model")
    return _object(json.loads(answer, parse_constant=_refuse))


def _refuse(constant: str) -> NoReturn:
    raise _NoAnswer(f"{constant} is no number")


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise _NoAnswer("it holds no object where one is needed")
    return value


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise _NoAnswer("it holds no list where one is needed")
    return value


def _finding(document: dict[str, JsonValue]) -> Finding:
    """Whatever weight a finding says it has, a model that is not there is an error."""
    code, file, line, message, hint = (document.get(key) for key in ("code", "file", "line", "message", "hint"))
    place = SourceLine(printable(str(file)), _line(line))
    return load_finding(printable(str(code)), place, printable(str(message)), printable(str(hint)))


def _line(value: JsonValue) -> int:
    if type(value) is not int or not 0 <= value < _LAST_LINE:
        raise _NoAnswer("it holds no line number where one is needed")
    return value


def _restore_lines(ecosystem: Ecosystem, files: Sequence[JsonValue], lines: Sequence[JsonValue]) -> None:
    """Give the elements the lines that the child noted, in the order of ``elements``; equal lines become one object."""
    names = [printable(str(file)) for file in files]
    numbers = iter([_line(number) for number in lines])
    known: dict[tuple[int, int], SourceLine] = {}
    for element, file, line in zip(elements(ecosystem), numbers, numbers, strict=True):
        source = known.get((file, line))
        if source is None:
            if file >= len(names):
                raise _NoAnswer("it names a file that it does not have")
            source = known[file, line] = SourceLine(names[file], line)
        element.with_source(source)
