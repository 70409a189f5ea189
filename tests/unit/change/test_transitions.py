"""How statuses may move: every pair of before and after, told by a table of its own."""

from itertools import product

import pytest
from attrs import evolve

from datasurface.change.diff import diff
from datasurface.change.transitions import allowed_next, forbidden
from datasurface.findings import SourceLine
from datasurface.model import Assignment, AssignmentStatus, Ecosystem, GroupAssignments
from tests.unit.lint.models import model

PROVISIONING, PROVISIONED = AssignmentStatus.PROVISIONING, AssignmentStatus.PROVISIONED
DECOMMISSIONING, DECOMMISSIONED = AssignmentStatus.DECOMMISSIONING, AssignmentStatus.DECOMMISSIONED
Status = AssignmentStatus | None

STATUSES: list[Status] = [None, *AssignmentStatus]
ALLOWED = {
    (None, PROVISIONING),
    (None, PROVISIONED),
    (PROVISIONING, PROVISIONED),
    (PROVISIONED, DECOMMISSIONING),
    (DECOMMISSIONING, DECOMMISSIONED),
    (DECOMMISSIONING, PROVISIONED),
    (DECOMMISSIONED, None),
}


def of(status: Status, *, alone: bool) -> Ecosystem:
    """A group on a platform with this status, in an entry that it has for itself or shares."""
    assignments = [] if alone else [Assignment("Live", status=PROVISIONED)]
    if status is not None:
        assignments.append(Assignment("New", status=status))
    return model(assignments=[GroupAssignments("Work", "Group", assignments=assignments)] if assignments else [])


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize(("was", "asked"), list(product(STATUSES, STATUSES)))
def test_a_status_moves_one_step_at_a_time(was: Status, asked: Status, alone: bool) -> None:
    changes = diff(of(was, alone=alone), of(asked, alone=alone))
    refusals = forbidden(changes)
    assert bool(refusals) == (was is not asked and (was, asked) not in ALLOWED)
    for refusal in refusals:
        assert refusal.message.startswith("group 'Group' of 'Work' on 'New': ")
        for status in (was, asked):
            assert status is None or status.value in refusal.message
        for status in allowed_next(was):
            assert status is None or status.value in refusal.hint


def test_every_status_can_be_reached_and_left() -> None:
    assert {asked for was in STATUSES for asked in allowed_next(was)} == set(STATUSES)


def test_a_message_names_the_line_of_the_mapping_file() -> None:
    old, new = of(PROVISIONED, alone=False), of(DECOMMISSIONED, alone=False)
    (entry,) = new.assignments
    entry.assignments[1].with_source(SourceLine("dsg_platform_mapping.json", 4))
    (refusal,) = forbidden(diff(old, new))
    assert refusal.message == (
        "group 'Group' of 'Work' on 'New': the status may not go from PROVISIONED to DECOMMISSIONED "
        "(dsg_platform_mapping.json:4)"
    )
    assert refusal.hint == "allowed next: DECOMMISSIONING"

    gone = of(None, alone=False)
    gone.assignments[0].with_source(SourceLine("dsg_platform_mapping.json", 2))
    (refusal,) = forbidden(diff(old, gone))
    assert refusal.message == (
        "group 'Group' of 'Work' on 'New': the assignment may not be taken out of the mapping file while it is "
        "PROVISIONED (dsg_platform_mapping.json:2)"
    )


def test_each_assignment_of_an_entry_that_goes_or_comes_is_looked_at() -> None:
    both = model(
        assignments=[
            GroupAssignments(
                "Work",
                "Group",
                assignments=[Assignment("Live", status=DECOMMISSIONED), Assignment("New", status=DECOMMISSIONING)],
            )
        ]
    )
    nothing = model(assignments=[])
    assert [refusal.hint for refusal in forbidden(diff(both, nothing))] == [
        "allowed next: DECOMMISSIONED or PROVISIONED"
    ]
    assert len(forbidden(diff(nothing, both))) == 2


def test_what_an_assignment_says_and_where_it_stands_is_free() -> None:
    old = of(DECOMMISSIONED, alone=False)
    (entry,) = old.assignments
    said = tuple(evolve(it, documentation="Until May") for it in entry.assignments[::-1])
    assert forbidden(diff(old, evolve(old, assignments=[evolve(entry, assignments=said)]))) == ()
