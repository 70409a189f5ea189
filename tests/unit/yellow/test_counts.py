"""Whether the counts in the batch log add up, wherever the log begins."""

from collections.abc import Mapping

import pytest
from attrs import asdict, evolve

from datasurface.milestoning.strategy import Fingerprint
from datasurface.results import DatasetCounts
from datasurface_yellow.batch.counts import check_counts
from datasurface_yellow.batch.records import dataset_document, fingerprint_document

LEFT = Fingerprint(10, 0b1111, "r", versions=0b101)
AFTER = Fingerprint(11, 0b1010, "r", versions=0b110)
COUNTS = DatasetCounts(read=11, inserted=2, updated=3, deleted=1, unchanged=6)
DELETED = DatasetCounts(read=10, inserted=0, updated=0, deleted=1, unchanged=10)


def _document(before: Fingerprint, counts: DatasetCounts, after: Fingerprint) -> dict[str, object]:
    return {**dataset_document(counts, after, "keys"), "before": fingerprint_document(before)}


LOG = ((7, _document(LEFT, COUNTS, AFTER)), (9, _document(AFTER, DELETED, LEFT)))
"""Two batches of a log whose first part was pruned, with one between them that was taken back."""


def _detail(*log: tuple[int, Mapping[str, object]]) -> str:
    check = check_counts("Store1", "people", log)
    assert check.holds == (not check.detail)
    assert (check.law, check.stream, check.dataset, check.checked) == ("counts", "Store1", "people", len(log))
    return check.detail


def test_a_log_without_its_beginning_adds_up() -> None:
    assert _detail(*LOG) == ""
    assert _detail() == ""


def test_a_batch_that_read_a_part_of_the_source_adds_up() -> None:
    part = DatasetCounts(read=4, inserted=1, updated=1, deleted=0, unchanged=2)

    assert _detail((7, _document(LEFT, part, AFTER))) == ""


@pytest.mark.parametrize("name", ["inserted", "deleted"])
def test_rows_that_do_not_follow_from_what_came_and_went_are_found(name: str) -> None:
    counts = evolve(COUNTS, **{name: 0, "unchanged": 8 if name == "inserted" else 6})

    assert "is not 11 after" in _detail((7, _document(LEFT, counts, AFTER)))


@pytest.mark.parametrize("name", ["read", "updated", "unchanged"])
def test_rows_that_were_read_and_not_counted_are_found(name: str) -> None:
    counts = evolve(COUNTS, **{name: asdict(COUNTS)[name] + 1})

    assert " unchanged is not " in _detail((7, _document(LEFT, counts, AFTER)))


@pytest.mark.parametrize(
    "began",
    [evolve(AFTER, xor=1), evolve(AFTER, versions=1), evolve(AFTER, rows=12), evolve(AFTER, rows=12, recipe="q")],
)
def test_a_batch_that_began_with_other_rows_than_the_one_before_left_is_found(began: Fingerprint) -> None:
    counts = evolve(DELETED, deleted=began.rows - LEFT.rows)

    detail = _detail(LOG[0], (9, _document(began, counts, LEFT)))

    assert detail == f"batch 9: it began with other rows ({began.rows}) than the batch before left (11)"


@pytest.mark.parametrize("began", [evolve(AFTER, recipe="other", xor=1), evolve(AFTER, versions=None)])
def test_what_cannot_be_compared_is_not_held_against_a_batch(began: Fingerprint) -> None:
    assert _detail(LOG[0], (9, _document(began, DELETED, LEFT))) == ""


def test_a_repair_begins_with_what_it_found() -> None:
    found = evolve(AFTER, rows=12, xor=7)

    assert _detail(LOG[0], (9, {**_document(found, evolve(DELETED, deleted=2), LEFT), "level": "repair"})) == ""
    assert _detail(LOG[0], (9, {**_document(found, DELETED, LEFT), "level": "repair"})) != ""


def test_a_document_of_the_first_programs_is_compared_with_what_the_batch_before_left() -> None:
    old = [(batch, {name: value for name, value in document.items() if name != "before"}) for batch, document in LOG]

    assert _detail(*old) == ""
    assert "is not 10 after" in _detail(LOG[0], (9, {**old[1][1], "deleted": 0}))


def test_no_more_than_three_mistakes_are_told() -> None:
    wrong = _document(LEFT, evolve(COUNTS, read=0), AFTER)

    assert _detail(*((batch, wrong) for batch in range(5))).count("; ") == 2
