"""Whose result counts, and how far ahead of the fastest we are."""

from pathlib import Path

import pytest

from benchmarks.merge.cases import Change
from benchmarks.peers.environments import NotInstalled, environment
from benchmarks.peers.measured import Floor, Held, Outcome, Wanted, combined, fault_of, floors_of, leads, wanted


def outcome(
    name: str,
    seconds: float,
    inside: float | None = None,
    landing: float = 0.0,
    *,
    keeps_past: bool = True,
    is_ours: bool = False,
    fault: str = "",
) -> Outcome:
    """What came of one run of the only case."""
    return Outcome("no change", name, name, keeps_past, is_ours, seconds, inside, landing, fault)


def test_updates_and_inserts_make_versions_and_deletes_leave_them() -> None:
    assert wanted(1000, [Change(), Change(updated=10, inserted=2, deleted=3)]) == Wanted(live=999, versions=1012)


@pytest.mark.parametrize(
    ("held", "keeps_past", "fault"),
    [
        (Held(10, True, 12), True, ""),
        (Held(11, False, 12), True, "wrong: 11 live rows, the source has 10"),
        (Held(10, False, 12), True, "wrong: its live rows are not the source's"),
        (Held(10, True, 20), True, "wrong: 20 versions, not 12"),
        (Held(10, True, 10), False, ""),
    ],
)
def test_a_result_is_right_when_its_live_rows_and_its_versions_are(held: Held, keeps_past: bool, fault: str) -> None:
    assert fault_of(held, Wanted(10, 12), keeps_past=keeps_past) == fault


def test_we_are_compared_with_the_fastest_peer_whose_result_is_right() -> None:
    outcomes = [
        outcome("ours", 2.0, is_ours=True),
        outcome("wrong", 1.0, fault="wrong: 20 versions, not 12"),
        outcome("slow", 30.0),
        outcome("fast", 10.0),
    ]
    assert {(lead.peer, lead.times) for lead in leads(outcomes)} == {("fast", 5.0)}


def test_who_is_the_fastest_depends_on_what_is_measured() -> None:
    outcomes = [
        outcome("ours", 2.0, 1.0, is_ours=True),
        outcome("copies", 11.0, 9.0),
        outcome("needs a copy", 10.0, 4.0, landing=2.0),
    ]
    assert {lead.measure: (lead.peer, lead.times) for lead in leads(outcomes)} == {
        "from the source": ("copies", 5.5),
        "process": ("needs a copy", 5.0),
        "work": ("needs a copy", 4.0),
    }


def test_several_runs_are_their_median_and_share_their_faults() -> None:
    runs = [
        outcome("ours", 4.0),
        outcome("ours", 1.0, fault="not finished"),
        outcome("ours", 3.0),
        outcome("other", 9.0),
    ]
    ours, other = combined(runs)
    assert (ours.seconds, ours.inside, ours.fault) == (3.0, None, "not finished")
    assert (other.seconds, other.fault) == (9.0, "")


def test_a_floor_is_the_median_of_its_case() -> None:
    assert floors_of([Floor("a", 1.0), Floor("a", 5.0), Floor("a", 2.0), Floor("b", 3.0)]) == {"a": 2.0, "b": 3.0}


def test_who_keeps_no_past_is_no_peer_of_a_history() -> None:
    live = outcome("copy", 1.0, keeps_past=False)
    assert leads([outcome("ours", 2.0, is_ours=True), live]) == []
    assert leads([outcome("ours", 2.0, keeps_past=False, is_ours=True), live])


def test_a_peer_that_cannot_be_installed_is_named_with_the_reason(tmp_path: Path) -> None:
    found = environment(tmp_path, "nobody", [[f"nobody @ file://{tmp_path}/missing"]])
    assert isinstance(found, NotInstalled)
    assert found.reason.startswith("nobody @ file://")
