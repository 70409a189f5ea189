"""Which files are the user's, and how they are called in findings."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from attrs import frozen

from datasurface.findings import SourceLine
from datasurface.model import Element

ECO_FILE = "eco.py"

_DUMPED_FRAME = re.compile(r'^  File "(.*)", line (\d{1,9}) in ', re.MULTILINE)
_DUMPED_CHARACTER = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U(000[0-9a-f]{5}|0010[0-9a-f]{4})")


@frozen
class UsersFiles:
    """The files of a model folder.

    Attributes:
        root: the absolute path of the folder.
        libraries: folders inside it that hold installed code, as those of a virtual environment.
    """

    root: str
    libraries: tuple[str, ...] = ()

    @classmethod
    def of(cls, folder: Path, search_path: Iterable[str]) -> "UsersFiles":
        """Those of a folder; what python's search path finds further inside is installed code."""
        inside = f"{folder}{os.sep}"
        return cls(str(folder), tuple(place + os.sep for place in search_path if place.startswith(inside)))

    def holds(self, file: str) -> bool:
        """Whether a file is the user's own."""
        return file.startswith(self.root + os.sep) and not file.startswith(self.libraries)

    def shown(self, file: str) -> str:
        """The file's name as the user would open it: relative to the folder, or whole if it is elsewhere."""
        return Path(file).relative_to(self.root).as_posix() if file.startswith(self.root + os.sep) else file

    def line_of(self, element: Element) -> SourceLine:
        """The line that an element was built on, with its file as the user would open it."""
        return SourceLine(self.shown(element.source.file), element.source.line) if element.source else self.start()

    def start(self) -> SourceLine:
        """Where to look when no line is known."""
        return SourceLine(ECO_FILE, 1)

    def innermost(self, traceback: TracebackType | None) -> SourceLine:
        """The user's line on which an exception arose, or that called what raised it."""
        found = self.start()
        while traceback is not None:
            file = traceback.tb_frame.f_code.co_filename
            if self.holds(file):
                found = SourceLine(self.shown(file), traceback.tb_lineno)
            traceback = traceback.tb_next
        return found

    def innermost_dumped(self, dump: str) -> SourceLine | None:
        """The same in what ``faulthandler`` wrote, innermost frame first, when the process was ended."""
        for frame in _DUMPED_FRAME.finditer(dump):
            file = _DUMPED_CHARACTER.sub(lambda code: chr(int(code[1] or code[2] or code[3], 16)), frame[1])
            if self.holds(file):
                return SourceLine(self.shown(file), int(frame[2]))
        return None
