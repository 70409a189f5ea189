"""Where a part of the model is in its life, who may use it, and how urgent it is."""

from datetime import date, datetime
from enum import Enum
from types import NoneType

from attrs import field, frozen

from datasurface.errors import ModelValueError
from datasurface.model.element import Element, not_empty, of_type


class ProductionStatus(Enum):
    """Whether people rely on a datastore or a workspace. What is in production must be classified and may use only what
    is in production.

    >>> from datasurface import Workspace
    >>> Workspace("Trial", groups=[], production_status=ProductionStatus.NOT_PRODUCTION).production_status.value
    'not_production'
    """

    PRODUCTION = "production"
    """Somebody relies on it."""
    NOT_PRODUCTION = "not_production"
    """A trial, or work that has not begun."""


class Priority(Enum):
    """How urgent a workspace's data are when there is more work than room, from least to most.

    >>> from datasurface import Workspace
    >>> Workspace("Fraud", groups=[], priority=Priority.CRITICAL).priority.value
    'critical'
    """

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@frozen(repr=False)
class Deprecation(Element):
    """A datastore or dataset goes away. New sinks of it must say that they know; what it is may not vanish before.

    Attributes:
        until: the last day on which consumers can rely on it.
        replacement: what to use instead, as ``Store2`` or ``Store2.customers``; None where there is nothing.
        reason: Markdown.

    >>> old = Deprecation(date(2030, 12, 31), replacement="Shop.orders", reason="Orders have moved")
    >>> old.until.year
    2030
    """

    until: date = field(validator=of_type(date))
    replacement: str | None = field(default=None, kw_only=True, validator=of_type(str, NoneType))
    reason: str = field(default="", kw_only=True, validator=of_type(str))

    @until.validator
    def _a_day(self, _attribute: object, value: date) -> None:
        if isinstance(value, datetime):  # a date to Python, but not to compare with one or to read back
            raise ModelValueError(
                f"Deprecation: until must be a day, not {value!r}",
                hint=f"write until=date({value.year}, {value.month}, {value.day})",
            )


@frozen(repr=False)
class Approval(Element):
    """The owner of a dataset lets one workspace sink it.

    Attributes:
        workspace: its name.
        reason: Markdown: what for, who asked.

    >>> from datasurface import Dataset
    >>> salaries = Dataset("salaries", columns=[], requires_approval=True, approvals=[Approval("Payroll")])
    >>> [approval.workspace for approval in salaries.approvals]
    ['Payroll']
    """

    workspace: str = field(validator=not_empty)
    reason: str = field(default="", kw_only=True, validator=of_type(str))

    def key(self) -> str:
        """The workspace."""
        return self.workspace
