"""JSON whose values know the line they stand on, so that what is wrong in a file can be shown at its place."""

import json
import re
from bisect import bisect_right
from typing import cast

from attrs import frozen

_SPACE = re.compile(r"[ \t\n\r]*")


@frozen
class Node:
    """A value with its line, counted from 1. For a field of an object it is the line on which the value begins."""

    value: "Object | list[Node] | str | int | float | bool | None"
    line: int


@frozen
class Object:
    """The fields of an object as pairs, so that a key that comes twice is seen."""

    pairs: list[tuple[str, Node]]


class NotJson(Exception):
    """The text is no JSON; ``line`` is where it ceases to be."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def read_json(content: bytes) -> Node:
    """The value in a file's bytes (UTF-8, a byte order mark is skipped)."""
    try:
        text = content.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NotJson(content.count(b"\n", 0, error.start) + 1, "it is not UTF-8 text") from error
    try:
        json.loads(text)  # judges the text; what follows can rely on it
        return _Reader(text).node(_skip_space(text, 0))[0]
    except json.JSONDecodeError as error:
        raise NotJson(error.lineno, error.msg) from error
    except RecursionError as error:
        raise NotJson(1, "it is nested too deeply") from error
    except ValueError as error:
        raise NotJson(1, str(error)) from error


def _skip_space(text: str, at: int) -> int:
    return cast("re.Match[str]", _SPACE.match(text, at)).end()


class _Reader:
    """Reads valid JSON. Methods take the place where a value begins and return it with the place after it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = [found.start() for found in re.finditer("\n", text)]
        self._scalars = json.JSONDecoder()

    def node(self, at: int) -> tuple[Node, int]:
        line = bisect_right(self._ends, at) + 1
        match self._text[at]:
            case "{":
                fields, end = self._object(at)
                return Node(fields, line), end
            case "[":
                items, end = self._list(at)
                return Node(items, line), end
            case _:
                scalar, end = self._scalars.raw_decode(self._text, at)
                return Node(scalar, line), end

    def _object(self, at: int) -> tuple[Object, int]:
        pairs = []
        at = self._skip(at + 1)
        while self._text[at] != "}":
            key, at = self._scalars.raw_decode(self._text, at)
            value, at = self.node(self._skip(self._skip(at) + 1))
            pairs.append((key, value))
            at = self._next(at)
        return Object(pairs), at + 1

    def _list(self, at: int) -> tuple[list[Node], int]:
        items = []
        at = self._skip(at + 1)
        while self._text[at] != "]":
            item, at = self.node(at)
            items.append(item)
            at = self._next(at)
        return items, at + 1

    def _next(self, at: int) -> int:
        """The place of the next item or of the closing bracket."""
        at = self._skip(at)
        return self._skip(at + 1) if self._text[at] == "," else at

    def _skip(self, at: int) -> int:
        return _skip_space(self._text, at)
