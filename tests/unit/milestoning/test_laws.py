"""Each law names what breaks it, and nothing else."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from datasurface.milestoning import laws
from datasurface.milestoning.laws import LAWS, Law, Violation
from datasurface.milestoning.rows import LIVE, Change, Key, Operation, Row, Version
from datasurface.results import DatasetCounts

A, B, C = ("a",), ("b",), ("c",)


def version(key: Key, name: str | None, batch_in: int, batch_out: int = LIVE) -> Version:
    return Version(key, (*key, name), batch_in, batch_out)


# a: changed in 3, gone in 5, back in 7. b: there from 1 on. c: only in 3 and 4.
VERSIONS = (
    version(A, "x", 1, 2),
    version(A, "y", 3, 4),
    version(A, "y", 7),
    version(B, "x", 1),
    version(C, "x", 3, 4),
)
SNAPSHOTS: dict[int, dict[Key, Row]] = {
    1: {A: ("a", "x"), B: ("b", "x")},
    3: {A: ("a", "y"), B: ("b", "x"), C: ("c", "x")},
    5: {B: ("b", "x")},
    7: {A: ("a", "y"), B: ("b", "x")},
}
COUNTS = {
    1: DatasetCounts(read=2, inserted=2, updated=0, deleted=0, unchanged=0),
    3: DatasetCounts(read=3, inserted=1, updated=1, deleted=0, unchanged=1),
    5: DatasetCounts(read=1, inserted=0, updated=0, deleted=2, unchanged=1),
    7: DatasetCounts(read=2, inserted=1, updated=0, deleted=0, unchanged=1),
}


def replaced(old: Version, *new: Version) -> tuple[Version, ...]:
    return (*(other for other in VERSIONS if other != old), *new)


def named(violations: list[Violation]) -> set[tuple[Law, Key | None]]:
    return {(violation.law, violation.key) for violation in violations}


def test_a_true_table_breaks_no_law() -> None:
    assert laws.versions_hold_together(VERSIONS) == []
    assert laws.as_of_is_source(VERSIONS, SNAPSHOTS) == []
    assert laws.counts_are_true(VERSIONS, COUNTS) == []
    assert laws.live_is_forensic([version(A, "y", 7), version(B, "x", 1)], VERSIONS) == []


def test_l1_names_a_key_with_two_live_versions() -> None:
    broken = (*VERSIONS, version(B, "z", 4))
    assert named(laws.one_live_version(broken)) == {(laws.ONE_LIVE, B)}


@pytest.mark.parametrize(
    "broken",
    [
        replaced(version(A, "x", 1, 2), version(A, "x", 1, 3)),
        replaced(version(A, "y", 3, 4), version(A, "y", 3, 7)),
        replaced(version(A, "x", 1, 2), version(A, "x", 1, 9)),
        (*VERSIONS, version(A, "z", 4, 4)),
    ],
    ids=["ends in the next", "ends in the one after the gap", "covers all the others", "lies within another"],
)
def test_l2_names_a_key_whose_versions_overlap(broken: tuple[Version, ...]) -> None:
    assert named(laws.no_overlap(broken)) == {(laws.NO_OVERLAP, A)}


def test_l2_finds_an_overlap_with_a_version_that_is_not_the_one_before() -> None:
    broken = [version(A, "x", 1, 9), version(A, "y", 2, 3), version(A, "z", 5, 6)]
    assert len(laws.no_overlap(broken)) == 2


def test_l3_names_a_version_that_ends_before_it_begins() -> None:
    broken = replaced(version(C, "x", 3, 4), version(C, "x", 3, 2))
    assert named(laws.ordered_ends(broken)) == {(laws.ORDERED_ENDS, C)}
    assert laws.no_overlap(broken) == []


def test_l4_names_a_key_that_got_a_new_version_without_a_change() -> None:
    broken = replaced(version(A, "y", 3, 4), version(A, "x", 3, 4))
    assert named(laws.adjacent_versions_differ(broken)) == {(laws.REAL_CHANGES, A)}


def test_l4_takes_null_and_empty_text_for_a_change_and_a_gap_for_none() -> None:
    assert laws.adjacent_versions_differ([version(A, None, 1, 1), version(A, "", 2)]) == []
    assert laws.adjacent_versions_differ([version(A, "x", 1, 1), version(A, "x", 3)]) == []


def test_l1_to_l4_are_checked_together() -> None:
    broken = (
        *(version(A, "x", 1), version(A, "y", 2)),
        *(version(B, "x", 1, 5), version(B, "y", 4)),
        version(C, "x", 3, 2),
        *(version(("d",), "x", 1, 1), version(("d",), "x", 2)),
    )
    assert named(laws.versions_hold_together(iter(broken))) == {
        (laws.ONE_LIVE, A),
        (laws.NO_OVERLAP, A),
        (laws.NO_OVERLAP, B),
        (laws.ORDERED_ENDS, C),
        (laws.REAL_CHANGES, ("d",)),
    }


@pytest.mark.parametrize(
    ("broken", "key"),
    [
        (replaced(version(B, "x", 1)), B),
        (replaced(version(B, "x", 1), version(B, None, 1)), B),
        (replaced(version(B, "x", 1), version(B, "x", 2)), B),
        (replaced(version(C, "x", 3, 4), version(C, "x", 3, 5)), C),
        (replaced(version(C, "x", 3, 4), version(C, "x", 3)), C),
        ((*VERSIONS, version(B, "x", 2, 4)), B),
    ],
    ids=["no version", "another row", "begins late", "ends late", "never ends", "two rows"],
)
def test_l5_names_a_key_that_was_not_as_in_the_source(broken: tuple[Version, ...], key: Key) -> None:
    assert named(laws.as_of_is_source(broken, SNAPSHOTS)) == {(laws.AS_OF_IS_SOURCE, key)}


def test_l5_looks_only_at_the_batches_it_is_given() -> None:
    broken = replaced(version(C, "x", 3, 4), version(C, "x", 2, 4))
    assert laws.as_of_is_source(broken, SNAPSHOTS) == []
    assert laws.as_of_is_source(broken, {**SNAPSHOTS, 2: SNAPSHOTS[1]}) != []


@pytest.mark.parametrize(
    ("live", "key"),
    [
        ([version(A, "y", 7)], B),
        ([version(A, "y", 7), version(B, "x", 1), version(C, "x", 3)], C),
        ([version(A, "z", 7), version(B, "x", 1)], A),
        ([version(A, "y", 3), version(B, "x", 1)], A),
    ],
    ids=["missing", "left over", "another row", "another batch"],
)
def test_l6_names_a_key_whose_live_row_is_not_that_of_the_forensic_table(live: list[Version], key: Key) -> None:
    assert named(laws.live_is_forensic(live, VERSIONS)) == {(laws.LIVE_IS_FORENSIC, key)}


@pytest.mark.parametrize("batch", COUNTS)
@pytest.mark.parametrize("number", ["read", "inserted", "updated", "deleted", "unchanged"])
def test_l10_finds_every_number_that_is_not_what_the_versions_show(batch: int, number: str) -> None:
    wrong = evolve(COUNTS[batch], **{number: getattr(COUNTS[batch], number) + 1})
    violations = laws.counts_are_true(VERSIONS, {**COUNTS, batch: wrong})
    assert named(violations) == {(laws.TRUE_COUNTS, None)}
    assert f"batch {batch} " in violations[0].message


def test_l10_takes_a_batch_without_changes() -> None:
    assert laws.counts_are_true(VERSIONS, {6: DatasetCounts(1, 0, 0, 0, 1)}) == []
    assert laws.counts_are_true(VERSIONS, {6: DatasetCounts(2, 0, 0, 0, 2)}) != []


def test_counts_add_up_finds_each_identity_that_fails() -> None:
    counts = DatasetCounts(read=3, inserted=1, updated=1, deleted=2, unchanged=1)
    assert laws.counts_add_up(4, 4, counts, 3) == []
    assert len(laws.counts_add_up(4, 4, counts, 4)) == 1
    assert len(laws.counts_add_up(4, 4, DatasetCounts(4, 1, 1, 2, 1), 3)) == 1
    assert named(laws.counts_add_up(4, 4, DatasetCounts(4, 1, 1, 2, 1), 4)) == {(laws.COUNTS_ADD_UP, None)}


BEFORE = SNAPSHOTS[3]
AFTER: dict[Key, Row] = {A: ("a", "z"), B: ("b", "x"), ("d",): ("d", None)}
CHANGES = (
    Change(Operation.UPDATE, A, ("a", "z")),
    Change(Operation.DELETE, C, None),
    Change(Operation.INSERT, ("d",), ("d", None)),
)


def test_l12_takes_changes_that_lead_from_before_to_after() -> None:
    assert laws.changes_connect(BEFORE, CHANGES, AFTER) == []


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (CHANGES[1:], A),
        ((*CHANGES[:1], *CHANGES[2:]), C),
        (CHANGES[:2], ("d",)),
        ((*CHANGES, Change(Operation.UPDATE, B, ("b", "x"))), B),
        ((*CHANGES, Change(Operation.UPDATE, A, ("a", "z"))), A),
        ((*CHANGES[1:], Change(Operation.INSERT, A, ("a", "z"))), A),
        ((*CHANGES[:2], Change(Operation.UPDATE, ("d",), ("d", None))), ("d",)),
        ((*CHANGES[:2], Change(Operation.INSERT, ("d",), ("d", ""))), ("d",)),
        ((*CHANGES, Change(Operation.DELETE, ("e",), None)), ("e",)),
        ((*CHANGES, Change(Operation.DELETE, B, None)), B),
    ],
    ids=[
        *(
            "no update",
            "no delete",
            "no insert",
            "no change at all",
            "the same twice",
            "insert of a key that was there",
        ),
        *("update of a key that was not", "another row", "delete of a key that was not", "one delete too many"),
    ],
)
def test_l12_names_the_key_whose_change_is_wrong(wrong: tuple[Change, ...], key: Key) -> None:
    assert named(laws.changes_connect(BEFORE, wrong, AFTER)) == {(laws.CHANGES_CONNECT, key)}


def test_messages_hold_no_cell_of_any_row() -> None:
    secret = "4111-1111"
    broken = (Version((secret,), (secret, secret), 1), Version((secret,), (secret, secret), 1, 2))
    violations = [
        *laws.versions_hold_together(broken),
        *laws.as_of_is_source(broken, {1: {}, 2: {("other",): ("other", secret)}}),
        *laws.live_is_forensic([], broken),
        *laws.changes_connect({}, [Change(Operation.UPDATE, (secret,), (secret, secret))] * 2, {}),
    ]
    assert len(violations) > 5
    assert not any(secret in violation.message for violation in violations)


def test_every_law_has_its_own_id_name_and_one_line_statement() -> None:
    assert [law.id for law in LAWS] == [*(f"L{number}" for number in range(1, 13)), "counts"]
    assert len({law.name for law in LAWS}) == len(LAWS)
    assert all(law.statement.endswith(".") and "\n" not in law.statement for law in LAWS)


@given(
    st.lists(
        st.builds(version, st.sampled_from([A, B]), st.sampled_from(["x", "y"]), st.integers(1, 6), st.integers(1, 6))
    )
)
def test_l2_agrees_with_comparing_every_pair(versions: list[Version]) -> None:
    overlapping = {
        one.key
        for place, one in enumerate(versions)
        for other in versions[:place]
        if one.key == other.key
        and {*range(one.batch_in, one.batch_out + 1)} & {*range(other.batch_in, other.batch_out + 1)}
    }
    assert {violation.key for violation in laws.no_overlap(versions)} == overlapping
