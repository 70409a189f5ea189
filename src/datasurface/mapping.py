"""The mapping file beside ``eco.py``: which platforms serve which consumer groups.

The file is data and is read here, not in the process that runs ``eco.py``. Editors know its form from
``schemas/dsg_platform_mapping.schema.json``.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from datasurface.errors import ModelValueError
from datasurface.findings import Finding, Severity, SourceLine
from datasurface.hints import did_you_mean, listed
from datasurface.located_json import Node, NotJson, Object, read_json
from datasurface.model.assignment import Assignment, AssignmentStatus, GroupAssignments
from datasurface.model.element import Element

E = TypeVar("E", bound=Element)

MAPPING_FILE = "dsg_platform_mapping.json"
SCHEMA_FILE = Path(__file__).parent / "schemas" / "dsg_platform_mapping.schema.json"

_LARGEST = 64 << 20


def read_mapping(path: Path) -> tuple[tuple[GroupAssignments, ...], tuple[Finding, ...]]:
    """The assignments in a mapping file, and what is wrong with its form; without a file there are no assignments.

    Whether the model has the groups and platforms that are named is for lint to say.
    """
    if not os.path.lexists(path):  # a link to nothing is a file that cannot be read, and says nothing of assignments
        return (), ()
    entries: list[GroupAssignments] = []
    refusals: list[_Refused] = []
    try:
        for item in _list(_root(path), "the mapping file", "of objects, one for each consumer group"):
            try:
                entries.append(_entry(item, path.name))
            except _Refused as refused:
                refusals.append(refused)
    except _Refused as refused:
        refusals.append(refused)
    return tuple(entries), tuple(
        Finding(refused.code, Severity.ERROR, "", refused.message, refused.hint, SourceLine(path.name, refused.line))
        for refused in refusals
    )


class _Refused(Exception):
    """Ends the reading of the file, or of one entry."""

    def __init__(self, line: int, message: str, hint: str, code: str = "DS022") -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.hint = hint
        self.code = code


def _root(path: Path) -> Node:
    try:
        return read_json(_content(path))
    except NotJson as error:
        hint = "an editor that knows JSON shows the place"
        raise _Refused(error.line, f"the mapping file is no JSON: {error.reason}", hint, "DS021") from error
    except OSError as error:
        raise _Refused(1, f"the mapping file cannot be read: {error.strerror}", "make it a file", "DS021") from error


def _content(path: Path) -> bytes:
    """The bytes of a file that a repository brought: a pipe has no end, a device no size, and a link may lead to what
    is not for the eyes of those who read our findings."""
    if path.is_symlink() and not path.exists():
        raise _Refused(1, "the mapping file is a link that leads to no file", "put the file itself there", "DS021")
    if not path.resolve().is_relative_to(path.parent.resolve()):
        hint = "put the file itself there"
        raise _Refused(1, "the mapping file is a link that leads out of its folder", hint, "DS021")
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _Refused(1, "the mapping file is a pipe or a device", "make it a file", "DS021")
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        hint = "take out what is no assignment"
        raise _Refused(1, f"the mapping file has more than {_LARGEST >> 20} MiB", hint, "DS021")
    return content


def _entry(node: Node, file: str) -> GroupAssignments:
    fields = _fields(node, "a consumer group", {"workspace", "dsg", "assignments"}, set())
    assignments = _list(fields["assignments"], "assignments", "of objects, one for each platform")
    workspace, dsg = _name(fields["workspace"], "workspace"), _name(fields["dsg"], "dsg")
    platforms = [_assignment(item, file) for item in assignments]
    return _built(node, file, lambda: GroupAssignments(workspace, dsg, assignments=platforms))


def _assignment(node: Node, file: str) -> Assignment:
    fields = _fields(node, "an assignment", {"platform", "status"}, {"documentation"})
    platform, status = _name(fields["platform"], "platform"), _status(fields["status"])
    documentation = fields.get("documentation", Node("", node.line))
    if not isinstance(documentation.value, str):
        raise _Refused(documentation.line, "documentation must be a string", "write Markdown text in quotes")
    text = documentation.value
    return _built(node, file, lambda: Assignment(platform, status=status, documentation=text))


def _built(node: Node, file: str, build: Callable[[], E]) -> E:
    try:
        element = build()
    except ModelValueError as error:
        raise _Refused(node.line, error.message, error.hint or "") from error
    element.with_source(SourceLine(file, node.line))
    return element


def _fields(node: Node, what: str, required: set[str], optional: set[str]) -> dict[str, Node]:
    """The fields of an object that may have these and no others."""
    known = required | optional
    if not isinstance(node.value, Object):
        raise _Refused(node.line, f"{what} must be an object", f"write {{...}} with {listed(known)}")
    fields: dict[str, Node] = {}
    for key, value in node.value.pairs:
        if key in fields:
            raise _Refused(value.line, f"{what} has '{key}' twice", "keep one of them")
        if key not in known:
            hint = did_you_mean(key, known, f"take it away; {what} has {listed(known)}")
            raise _Refused(value.line, f"{what} has no field '{key}'", hint)
        fields[key] = value
    missing = required - fields.keys()
    if missing:
        raise _Refused(node.line, f"{what} lacks {listed(missing)}", f"{what} has {listed(known)}")
    return fields


def _list(node: Node, what: str, of: str) -> list[Node]:
    if not isinstance(node.value, list):
        raise _Refused(node.line, f"{what} must be a list {of}", "write [...]")
    return node.value


def _name(node: Node, what: str) -> str:
    if not isinstance(node.value, str) or not node.value:
        raise _Refused(node.line, f"{what} must be a name", "write the name as the model has it, in quotes")
    return node.value


def _status(node: Node) -> AssignmentStatus:
    statuses = [status.value for status in AssignmentStatus]
    if node.value not in statuses:
        word = node.value if isinstance(node.value, str) else "this"
        raise _Refused(node.line, f"'{word}' is no status", did_you_mean(word, statuses))
    return AssignmentStatus(node.value)
