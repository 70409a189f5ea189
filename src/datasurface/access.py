"""What roles may see and do in a store, as a model says it and as they were found to: plain values that every platform
makes and ``access check`` prints."""

from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen

from datasurface.errors import DataSurfaceError


class Seen(Enum):
    """What a role gets when it tries something."""

    ABSENT = "absent"
    """There is no such thing."""
    DENIED = "denied"
    ALLOWED = "allowed"
    """Of a column: its values as they are."""
    NULL = "null"
    HASH = "hash"
    PARTIAL = "partial"
    YEAR = "year"
    OTHERWISE = "otherwise"
    """Allowed, and not what it should be: ``detail`` says more."""


@frozen
class AccessCell:
    """One thing that a role may do or not.

    Attributes:
        role: who.
        object: a database, a schema, a table or view, a function, or a power of the role as a whole.
        column: of the object; None for the object as a whole.
        operation: in the store's words, as ``SELECT``.
        expected: what the model says.
        observed: what the role was found to get.
        detail: what else there is to say of it.
    """

    role: str
    object: str
    column: str | None
    operation: str
    expected: Seen
    observed: Seen
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether the role gets what the model says."""
        return self.expected is self.observed


@frozen
class AccessReport:
    """What was tried in one database of a platform.

    Attributes:
        database: the container's name.
        roles: each role that was tried, and how: ``login`` or ``set role``.
        unchecked: each login of others that the check could not become, and why.
        errors: what could not be proved: the database is away, or a role of the model cannot be assumed.
    """

    database: str
    cells: tuple[AccessCell, ...] = ()
    roles: Mapping[str, str] = field(factory=dict)
    unchecked: Mapping[str, str] = field(factory=dict)
    errors: tuple[DataSurfaceError, ...] = ()

    @property
    def differences(self) -> tuple[AccessCell, ...]:
        """The cells that do not hold."""
        return tuple(cell for cell in self.cells if not cell.holds)

    @property
    def holds(self) -> bool:
        """Whether everything was tried that should be, and is as the model says."""
        return not self.differences and not self.errors
