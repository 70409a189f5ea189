"""The line of the user's code that builds something."""

import os
import sys
from bisect import bisect_right
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

import attr

from datasurface.findings import SourceLine

# Our own code, and attrs: ``attrs.evolve`` builds objects, and ``__init__`` is generated in files named ``<attrs…>``.
_NOT_THE_USERS = (f"{Path(__file__).parents[1]}{os.sep}", f"{Path(attr.__file__).parent}{os.sep}", "<")
_MOST_TABLES = 64


def users_line(depth: int = 1) -> SourceLine | None:
    """That of the innermost frame that is neither ours nor of attrs, looked for ``depth`` frames out of this one."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        code = frame.f_code
        if _is_the_users(code.co_filename):
            return _table_of(code).line(frame.f_lasti)
        frame = frame.f_back
    return None


@cache
def _is_the_users(filename: str) -> bool:
    return not filename.startswith(_NOT_THE_USERS)


class _LineTable:
    """The lines of one piece of code. Python looks a frame's line up from the beginning of the code each time, so that
    a file of a hundred thousand columns would take the square of that."""

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self._starts: list[int] = []
        self._lines: list[int] = []
        self._known: dict[int, SourceLine] = {}
        newest = None
        for start, _, line in code.co_lines():
            if line is not None and line != newest:
                self._starts.append(start)
                self._lines.append(line)
                newest = line

    def line(self, at: int) -> SourceLine:
        """The line of the instruction at an offset; one object for each."""
        known = self._known.get(at)
        if known is None:
            found = bisect_right(self._starts, at) - 1
            line = self._lines[found] if found >= 0 else self.code.co_firstlineno
            known = self._known[at] = SourceLine(self.code.co_filename, line)
        return known


_tables: dict[int, _LineTable] = {}
"""The newest by the identity of their code: a table keeps its code, so that no other can have the same."""


def _table_of(code: CodeType) -> _LineTable:
    table = _tables.get(id(code))
    if table is None:
        if len(_tables) >= _MOST_TABLES:
            _tables.pop(next(iter(_tables)), None)
        table = _tables[id(code)] = _LineTable(code)
    return table
