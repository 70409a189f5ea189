"""Replaying changes, and which of them a snapshot of the producer sees."""

import pytest

from datasurface_yellow.simulator.changes import ADDRESSES, CUSTOMERS, ChangeKind, RowChange, replay, visible
from datasurface_yellow.simulator.errors import ChangeLogError, SimulatorError
from tests.unit.customer360.builders import EMPTY, address, change, customer, deleted, inserted, snapshot, updated


def test_replay_inserts_updates_and_deletes_rows_of_both_tables() -> None:
    ada, home, office = customer("C1"), address("A1", "C1"), address("A2", "C1")
    changes = [
        change(1, ChangeKind.NEW_CUSTOMER, inserted(CUSTOMERS, ada), inserted(ADDRESSES, home)),
        change(2, ChangeKind.ADDRESS_INSERT, inserted(ADDRESSES, office)),
        change(3, ChangeKind.CUSTOMER_UPDATE, updated(CUSTOMERS, ada, primaryAddressId="A2")),
        change(4, ChangeKind.ADDRESS_DELETE, deleted(ADDRESSES, home)),
    ]

    assert replay(EMPTY, changes) == snapshot(customer("C1", primaryAddressId="A2"), office)


def test_replay_leaves_the_initial_snapshot_as_it_was() -> None:
    initial = snapshot(customer("C1"), address("A1", "C1"))

    replay(initial, [change(1, ChangeKind.ADDRESS_DELETE, deleted(ADDRESSES, address("A1", "C1")))])

    assert initial == snapshot(customer("C1"), address("A1", "C1"))


def test_a_deleted_key_can_be_inserted_again() -> None:
    old, new = address("A1", "C1"), address("A1", "C1", city="Denver")
    changes = [
        change(1, ChangeKind.ADDRESS_DELETE, deleted(ADDRESSES, old)),
        change(2, ChangeKind.ADDRESS_INSERT, inserted(ADDRESSES, new)),
    ]

    assert replay(snapshot(customer("C1"), old), changes) == snapshot(customer("C1"), new)


@pytest.mark.parametrize(
    "misfit",
    [
        pytest.param(inserted(CUSTOMERS, customer("C1")), id="inserts-what-is-there"),
        pytest.param(updated(CUSTOMERS, customer("C9"), phone="1"), id="updates-what-is-not-there"),
        pytest.param(updated(CUSTOMERS, customer("C1", email=None), phone="1"), id="updates-another-version"),
        pytest.param(deleted(CUSTOMERS, customer("C9")), id="deletes-what-is-not-there"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_with_its_number_and_row(misfit: RowChange) -> None:
    with pytest.raises(ChangeLogError) as caught:
        replay(snapshot(customer("C1")), [change(12, ChangeKind.CUSTOMER_UPDATE, misfit)])

    assert f"change 12 does not fit: customers {misfit.key}" in caught.value.message


@pytest.mark.parametrize(
    ("xid", "seen"),
    [
        pytest.param(99, True, id="over-before-the-oldest-running"),
        pytest.param(100, False, id="the-oldest-running"),
        pytest.param(101, True, id="over-between-running-ones"),
        pytest.param(105, False, id="running"),
        pytest.param(109, True, id="the-last-one-that-had-begun"),
        pytest.param(110, False, id="not-begun"),
        pytest.param(2**40, False, id="of-a-later-epoch"),
    ],
)
def test_a_snapshot_sees_what_was_over_when_it_was_taken(xid: int, seen: bool) -> None:
    assert visible(xid, "100:110:100,105") is seen


def test_a_snapshot_without_running_transactions_has_an_empty_list() -> None:
    assert visible(109, "110:110:")
    assert not visible(110, "110:110:")


@pytest.mark.parametrize("text", ["", "100", "100:110", "a:b:", "100:110:1,", "100:110:,1", " 100:110:"])
def test_text_that_is_no_snapshot_is_refused(text: str) -> None:
    with pytest.raises(SimulatorError, match="is no snapshot"):
        visible(1, text)
