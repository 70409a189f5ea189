"""How the statuses in the mapping file may move in one change: one step at a time, and never by themselves.

An assignment starts as PROVISIONING or PROVISIONED, and can be taken out of the file once it is DECOMMISSIONED. So a
group or a platform can leave the model when nothing serves it any more. Who may move a status is for
``datasurface.change.ownership`` to say: the file belongs to the ecosystem.
"""

from collections.abc import Iterable, Iterator

from attrs import frozen

from datasurface.change.diff import Change, ChangeKind
from datasurface.model import Assignment, AssignmentStatus, Element, GroupAssignments

_GONE = None
"""Where the file has no such assignment."""

_Status = AssignmentStatus | None

_NEXT: dict[_Status, tuple[_Status, ...]] = {
    _GONE: (AssignmentStatus.PROVISIONING, AssignmentStatus.PROVISIONED),
    AssignmentStatus.PROVISIONING: (AssignmentStatus.PROVISIONED,),
    AssignmentStatus.PROVISIONED: (AssignmentStatus.DECOMMISSIONING,),
    AssignmentStatus.DECOMMISSIONING: (AssignmentStatus.DECOMMISSIONED, AssignmentStatus.PROVISIONED),
    AssignmentStatus.DECOMMISSIONED: (_GONE,),
}


@frozen
class Forbidden:
    """A status that may not move so.

    Attributes:
        message: which group and platform, what was and what is asked, with the line of the mapping file where that is
            known.
        hint: what is allowed next.
    """

    change: Change
    message: str
    hint: str


def allowed_next(status: AssignmentStatus | None) -> tuple[AssignmentStatus | None, ...]:
    """What may follow on a status; None stands for an assignment that is not in the file."""
    return _NEXT[status]


def forbidden(changes: Iterable[Change]) -> tuple[Forbidden, ...]:
    """The moves among these changes that are not allowed.

    Args:
        changes: between the model in force and the next. A first check-in has no moves: it takes the file as it is.
    """
    return tuple(refusal for change in changes for refusal in _refusals(change))


def _refusals(change: Change) -> Iterator[Forbidden]:
    for group, assignment, was, asked in _moves(change):
        if asked is not was and asked not in _NEXT[was]:
            what = f"group '{group.dsg}' of '{group.workspace}' on '{assignment.platform}'"
            message = f"{what}: {_move(was, asked)}{_line(change, assignment)}"
            yield Forbidden(change, message, f"allowed next: {' or '.join(map(_name, _NEXT[was]))}")


def _moves(change: Change) -> Iterator[tuple[GroupAssignments, Assignment, _Status, _Status]]:
    """The assignments that a change is about, with the status that each had and has."""
    for group, assignment in _assignments(change.before if change.kind is ChangeKind.REMOVED else change.after):
        match change.kind:
            case ChangeKind.ADDED:
                yield group, assignment, _GONE, assignment.status
            case ChangeKind.REMOVED:
                yield group, assignment, assignment.status, _GONE
            case ChangeKind.CHANGED if isinstance(change.old, AssignmentStatus):
                yield group, assignment, change.old, assignment.status


def _assignments(chain: tuple[Element, ...]) -> Iterator[tuple[GroupAssignments, Assignment]]:
    match chain:
        case (*_, GroupAssignments() as group):
            yield from ((group, assignment) for assignment in group.assignments)
        case (*_, GroupAssignments() as group, Assignment() as assignment):
            yield group, assignment


def _move(was: _Status, asked: _Status) -> str:
    if was is _GONE:
        return f"a new assignment may not start as {_name(asked)}"
    if asked is _GONE:
        return f"the assignment may not be taken out of the mapping file while it is {_name(was)}"
    return f"the status may not go from {_name(was)} to {_name(asked)}"


def _name(status: _Status) -> str:
    return "taking it out of the mapping file" if status is None else status.value


def _line(change: Change, assignment: Assignment) -> str:
    """The assignment's line; that of its entry where it was taken out of one."""
    place = change.after[-1] if change.kind is ChangeKind.REMOVED else assignment
    is_known = isinstance(place, GroupAssignments | Assignment) and place.source is not None
    return f" ({place.source})" if is_known else ""
