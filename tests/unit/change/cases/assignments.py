"""Assignments that change."""

from collections.abc import Sequence

from datasurface.model import (
    Assignment,
    AssignmentStatus,
)
from tests.unit.change.cases.case import (
    BREAKING,
    COMPATIBLE,
    DAILY,
    NOTICE,
    Case,
)
from tests.unit.change.company import (
    assigned,
)
from tests.unit.change.edits import with_more, with_values, without

ASSIGNMENTS: Sequence[Case] = [
    Case(
        "a group is assigned for the first time",
        COMPATIBLE,
        "CC651",
        "Reports.Later is served by one platform more",
        [with_more("assignments", assigned("Reports.Later", Live=AssignmentStatus.PROVISIONING))],
    ),
    Case(
        "a group is assigned to a second platform",
        COMPATIBLE,
        "CC651",
        "Board.Totals is served by one platform more",
        [with_more("assignments/Board.Totals/assignments", Assignment("Past", status=AssignmentStatus.PROVISIONING))],
    ),
    Case(
        "a group is not assigned any more",
        BREAKING,
        "CC652",
        "Reports.Daily is served by Past no more, which runs for it, and no other platform has its data",
        [without("assignments/Reports.Daily")],
    ),
    Case(
        "a group is removed with its assignments",
        NOTICE,
        "CC504",
        "the views of Reports.Daily go",
        [without("assignments/Reports.Daily"), without(DAILY)],
    ),
    Case(
        "a group is moved from one platform to another at once",
        BREAKING,
        "CC653",
        "Board.Totals is served by Live no more, which runs for it, and no other platform has its data",
        [
            without("assignments/Board.Totals/assignments/Live"),
            with_more("assignments/Board.Totals/assignments", Assignment("Past", status=AssignmentStatus.PROVISIONING)),
        ],
    ),
    Case(
        "an assignment is removed, and another platform serves the group",
        NOTICE,
        "CC653",
        "Reports.Now is served by Live no more; its views go, and those of another platform that serves it stay",
        [without("assignments/Reports.Now/assignments/Live")],
    ),
    Case(
        "a decommissioned assignment is removed",
        NOTICE,
        "CC653",
        "Refine.Input is served by Former no more: the views of what it left go",
        [without("assignments/Refine.Input/assignments/Former")],
    ),
    Case(
        "an assignment is provisioned",
        COMPATIBLE,
        "CC654",
        "Lab.Try is PROVISIONED on Live",
        [with_values("assignments/Lab.Try/assignments/Live", status=AssignmentStatus.PROVISIONED)],
    ),
    Case(
        "an assignment is to be decommissioned",
        NOTICE,
        "CC654",
        "Reports.Daily is DECOMMISSIONING on Past: its data are kept up for now",
        [with_values("assignments/Reports.Daily/assignments/Past", status=AssignmentStatus.DECOMMISSIONING)],
    ),
    Case(
        "an assignment is decommissioned",
        NOTICE,
        "CC654",
        "Reports.Daily is DECOMMISSIONED on Past: no batch runs for it any more, and its data stay as they are",
        [with_values("assignments/Reports.Daily/assignments/Past", status=AssignmentStatus.DECOMMISSIONED)],
    ),
]
