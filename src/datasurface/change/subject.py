"""Which object of the model a change is about, and in whose part of the model it stands: how people look for it."""

import re
from itertools import pairwise

from attrs import frozen

from datasurface.change.diff import Change, ChangeKind
from datasurface.model import (
    DataPlatform,
    Datastore,
    Ecosystem,
    Element,
    GovernanceZone,
    GroupAssignments,
    InfrastructureVendor,
    Team,
    Workspace,
)

_OBJECTS = (
    Ecosystem,
    GovernanceZone,
    Team,
    Datastore,
    Workspace,
    DataPlatform,
    InfrastructureVendor,
    GroupAssignments,
)
_PLACE = re.compile(r"#\d+(?=/|$)|\d+(?=/|$)")


@frozen
class Subject:
    """An object that people know by name.

    Attributes:
        path: in the model; empty for the ecosystem.
        kind: its class, as ``Datastore``.
        name: its own.
        part: the team or zone that it stands in, as ``USA/team1`` or ``USA``; empty where it is the ecosystem's.
    """

    path: str
    kind: str
    name: str
    part: str

    def inside(self, path: str) -> str:
        """A path of something in it as seen from there; empty for its own."""
        if not self.path:
            return path
        return "" if path == self.path else path.removeprefix(f"{self.path}/")


def subject_of(change: Change) -> Subject:
    """The innermost datastore, workspace, team, zone, platform, vendor or mapping entry that holds the change."""
    chain = change.before if change.kind is ChangeKind.REMOVED else change.after
    found, path = Subject("", "Ecosystem", change.after[0].key() or "", ""), ""  # its name now, if it has another
    part: list[str] = []
    for parent, child in pairwise(chain):
        path = _step(change.path, path, parent, child)
        name = child.key() or ""
        if isinstance(child, GovernanceZone | Team):
            part.append(name)
        if isinstance(child, _OBJECTS):
            found = Subject(path, type(child).__name__, name, "/".join(part))
    return found


def _step(whole: str, path: str, parent: Element, child: Element) -> str:
    """The path of a child on the way to ``whole``: by its field, and where that is a list its key, which may hold
    any character, or its place."""
    start = f"{path}/" if path else ""
    field = whole[len(start) :].partition("/")[0]
    end = len(start) + len(field)
    if isinstance(getattr(parent, field), tuple):
        end += 1 + len(child.key() or "")
        place = _PLACE.match(whole, end)
        end = place.end() if place else end
    return whole[:end]
