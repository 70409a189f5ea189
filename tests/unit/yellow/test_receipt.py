"""The counts and fingerprints that prove a batch."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from datasurface.errors import ReceiptMismatch, RefusedData
from datasurface.milestoning.strategy import Fingerprint, Staged
from datasurface.model import Dataset
from datasurface.results import DatasetCounts
from datasurface_yellow.merge.receipt import Merged, check_deletes, check_load, check_merge, counts_of
from tests.support.people import PEOPLE

BEFORE = Fingerprint(10, 0b1111, "r", versions=0b101)
MERGED = Merged(
    replaced=2, deleted=1, closed_xor=0b0011, closed_versions=0b1, opened=4, opened_xor=0b1100, opened_versions=2
)
STAGED = Staged(DatasetCounts(read=11, inserted=2, updated=2, deleted=1, unchanged=7), Fingerprint(11, 0, "r"))


def test_a_merge_that_is_what_was_staged_and_read_leaves_the_sources_fingerprint() -> None:
    counts, after = check_merge("people", STAGED, BEFORE, MERGED)

    assert counts == STAGED.counts
    assert after == STAGED.source
    assert after.versions == 0b110


def test_versions_that_were_never_kept_are_not_made_up() -> None:
    assert check_merge("people", STAGED, evolve(BEFORE, versions=None), MERGED)[1].versions is None


@pytest.mark.parametrize(
    "merged",
    [
        evolve(MERGED, replaced=1),
        evolve(MERGED, deleted=0),
        evolve(MERGED, opened=3),
        evolve(MERGED, replaced=1, deleted=2),
    ],
)
def test_other_counts_than_those_staged_are_a_mismatch(merged: Merged) -> None:
    with pytest.raises(ReceiptMismatch, match="staged 2 inserted, 2 updated, 1 deleted, merged") as mismatch:
        check_merge("people", STAGED, BEFORE, merged)
    assert mismatch.value.dataset == "people"


@pytest.mark.parametrize("merged", [evolve(MERGED, closed_xor=0), evolve(MERGED, opened_xor=0)])
def test_another_hash_than_the_sources_is_a_mismatch(merged: Merged) -> None:
    with pytest.raises(ReceiptMismatch, match=r"the source sent 11 rows with hash 0{16}, the table would hold 11 rows"):
        check_merge("people", STAGED, BEFORE, merged)


@pytest.mark.parametrize("before", [evolve(BEFORE, rows=9), evolve(BEFORE, xor=0)])
def test_another_table_than_the_last_batch_left_is_a_mismatch(before: Fingerprint) -> None:
    with pytest.raises(ReceiptMismatch, match="nothing was committed"):
        check_merge("people", STAGED, before, MERGED)


@pytest.mark.parametrize("xor", [BEFORE.xor, 0])
def test_hashes_of_another_recipe_are_said_to_be_such(xor: int) -> None:
    before = evolve(BEFORE, recipe="1:other", xor=xor)

    with pytest.raises(
        ReceiptMismatch, match="left hashes of recipe 1:other, those of this batch are of r;"
    ) as mismatch:
        check_merge("people", STAGED, before, MERGED)

    assert mismatch.value.dataset == "people"
    assert "datasurface batch repair" in (mismatch.value.hint or "")


def test_where_no_row_was_left_no_recipe_was() -> None:
    staged = Staged(DatasetCounts(read=4, inserted=4, unchanged=0), Fingerprint(4, 0b1100, "r"))
    merged = evolve(MERGED, replaced=0, deleted=0, closed_xor=0)

    assert check_merge("people", staged, Fingerprint(0, 0, "1:other"), merged)[1] == staged.source


def test_a_hash_is_shown_as_the_64_bits_that_it_is() -> None:
    staged = evolve(STAGED, source=Fingerprint(11, -1, "r"))

    with pytest.raises(
        ReceiptMismatch, match=r"with hash ffffffffffffffff, the table would hold 11 rows with hash 0{16}"
    ):
        check_merge("people", staged, BEFORE, MERGED)


def test_a_first_load_is_proved_by_what_is_stored() -> None:
    loaded = check_load("people", 3, (3, 5, 5, 9), "r")

    assert loaded == Fingerprint(3, 5, "r")
    assert loaded.versions == 9


@pytest.mark.parametrize("found", [(2, 5, 5, 9), (3, 5, 4, 9)])
def test_a_first_load_of_other_rows_is_a_mismatch(found: tuple[int, int, int, int]) -> None:
    with pytest.raises(ReceiptMismatch, match="the source sent 3 rows with hash 0000000000000005, the table holds"):
        check_load("people", 3, found, "r")


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_what_was_read_is_inserted_updated_or_unchanged(
    inserted: int, updated: int, deleted: int, unchanged: int
) -> None:
    counts = counts_of(inserted + updated + unchanged, inserted, updated, deleted)

    assert counts == DatasetCounts(inserted + updated + unchanged, inserted, updated, deleted, unchanged)


def _limited(fraction: float | None) -> Dataset:
    return evolve(PEOPLE, max_delete_fraction=fraction)


@pytest.mark.parametrize(
    ("fraction", "before", "read", "deleted"),
    [
        (None, 0, 0, 0),
        (None, 0, 5, 0),
        (None, 100, 1, 99),
        (None, 102, 51, 51),
        (None, 1, 1, 1),
        (0.29, 100, 71, 29),
        (0.1, 30, 27, 3),
        (0, 10, 10, 0),
        (1, 1000, 1, 999),
    ],
)
def test_deletes_within_the_limit_are_taken(fraction: float | None, before: int, read: int, deleted: int) -> None:
    check_deletes(_limited(fraction), before, read, deleted)


@pytest.mark.parametrize(
    ("fraction", "before", "read", "deleted", "words"),
    [
        (None, 101, 50, 51, "would delete 51 of 101 rows, more than 50%"),
        (None, 1000, 499, 501, "would delete 501 of 1000 rows, more than 50%"),
        (0.29, 100, 70, 30, "would delete 30 of 100 rows, more than 29%"),
        (0.005, 1000, 994, 6, "would delete 6 of 1000 rows, more than 0.5%"),
        (0, 10, 9, 1, "would delete 1 of 10 rows, more than 0%"),
        (None, 5, 0, 5, "0 rows where there were 5"),
        (1, 5, 0, 5, "0 rows where there were 5"),
    ],
)
def test_deletes_beyond_the_limit_are_refused(
    fraction: float | None, before: int, read: int, deleted: int, words: str
) -> None:
    with pytest.raises(RefusedData, match=words) as refused:
        check_deletes(_limited(fraction), before, read, deleted)
    assert refused.value.dataset == "people"
    assert "--allow-deletes" in (refused.value.hint or "")
