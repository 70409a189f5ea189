"""Assignments: which platform serves which consumer group, from the mapping file beside ``eco.py``."""

from collections.abc import Iterable
from enum import Enum

from attrs import field, frozen

from datasurface.model.element import Element, all_of_type, as_tuple, not_empty, of_type


class AssignmentStatus(Enum):
    """Where an assignment is in its life.

    >>> AssignmentStatus.PROVISIONING.runs, AssignmentStatus.PROVISIONING.shows
    (True, False)
    """

    PROVISIONING = "PROVISIONING"
    """Batches run and fill the tables; consumers have no views yet."""
    PROVISIONED = "PROVISIONED"
    """Batches run, consumers have their views."""
    DECOMMISSIONING = "DECOMMISSIONING"
    """As PROVISIONED; consumers are to go elsewhere."""
    DECOMMISSIONED = "DECOMMISSIONED"
    """No batch runs; what the last one left can still be read, until the assignment leaves the mapping file."""

    @property
    def runs(self) -> bool:
        """Whether batches run for it."""
        return self is not AssignmentStatus.DECOMMISSIONED

    @property
    def shows(self) -> bool:
        """Whether consumers have views of what it holds."""
        return self is not AssignmentStatus.PROVISIONING


@frozen(repr=False)
class Assignment(Element):
    """One platform that serves a group.

    Attributes:
        platform: its name.
        status: where the assignment is in its life.
        documentation: why, for people.

    >>> Assignment("YellowLive", status=AssignmentStatus.PROVISIONED).key()
    'YellowLive'
    """

    platform: str = field(validator=not_empty)
    status: AssignmentStatus = field(kw_only=True, validator=of_type(AssignmentStatus))
    documentation: str = field(default="", kw_only=True, validator=of_type(str))

    def key(self) -> str:
        """The platform."""
        return self.platform


def _as_assignments(items: Iterable["Assignment"]) -> "tuple[Assignment, ...]":
    return as_tuple(items)


@frozen(repr=False)
class GroupAssignments(Element):
    """All platforms of one consumer group; several while it moves from one to another.

    Attributes:
        workspace, dsg: names of the workspace and of its group.
        assignments: one for each platform.

    >>> GroupAssignments(
    ...     workspace="Reports",
    ...     dsg="Live",
    ...     assignments=[Assignment("YellowLive", status=AssignmentStatus.PROVISIONED)],
    ... ).key()
    'Reports.Live'
    """

    workspace: str = field(validator=not_empty)
    dsg: str = field(validator=not_empty)
    assignments: tuple[Assignment, ...] = field(
        kw_only=True, converter=_as_assignments, validator=all_of_type(Assignment)
    )

    def key(self) -> str:
        """Workspace and group."""
        return f"{self.workspace}.{self.dsg}"
