"""The planner: repeatable, whole in its references, and changing something every time."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasurface_yellow.simulator.changes import ADDRESSES, CUSTOMERS, ChangeKind, Operation, Snapshot, Value
from datasurface_yellow.simulator.errors import SimulatorError
from datasurface_yellow.simulator.options import DEFAULT_WEIGHTS
from datasurface_yellow.simulator.places import PLACES
from datasurface_yellow.simulator.plan import PlannedChange, Planner, ProducerState
from tests.unit.customer360.builders import EMPTY, address, customer, snapshot

FAMILY = snapshot(
    customer("C1", primaryAddressId="A1", billingAddressId="A2"),
    customer("C2", primaryAddressId="A3"),
    address("A1", "C1"),
    address("A2", "C1"),
    address("A3", "C2"),
)


def plans(
    seed: int, count: int, initial: Snapshot = FAMILY, weights: Mapping[ChangeKind, float] = DEFAULT_WEIGHTS
) -> Iterator[tuple[ProducerState, PlannedChange, ProducerState]]:
    """Changes with the state before and after each."""
    planner, state = Planner(seed, weights), ProducerState.of(initial)
    for _ in range(count):
        planned = planner.next_change(state)
        after = state.after(planned.rows)
        yield state, planned, after
        state = after


def only(kind: ChangeKind) -> dict[ChangeKind, float]:
    return {kind: 1.0}


def first(kind: ChangeKind, seed: int, initial: Snapshot = FAMILY) -> tuple[PlannedChange, Snapshot]:
    [(_, planned, after)] = plans(seed, 1, initial, only(kind))
    return planned, after.snapshot


def assert_whole(state: Snapshot) -> None:
    """Every reference has its row, and customers point to addresses of their own."""
    for row in state[ADDRESSES].values():
        assert row["customerId"] in state[CUSTOMERS]
    for key, row in state[CUSTOMERS].items():
        for reference in (row["primaryAddressId"], row["billingAddressId"]):
            assert reference is None or state[ADDRESSES][str(reference)]["customerId"] == key


def homeless(state: Snapshot) -> set[str]:
    return set(state[CUSTOMERS]) - {str(row["customerId"]) for row in state[ADDRESSES].values()}


def updated_columns(seed: int, initial: Snapshot = FAMILY) -> dict[str, Value]:
    """The columns that one update of a customer changes, with their new values."""
    planned, _ = first(ChangeKind.CUSTOMER_UPDATE, seed, initial)
    [change] = planned.rows
    assert change.before is not None
    assert change.row is not None
    return {column: value for column, value in change.row.items() if value != change.before[column]}


@given(st.integers())
def test_one_seed_on_the_same_rows_plans_the_same_changes(seed: int) -> None:
    once = [planned for _, planned, _ in plans(seed, 30)]
    again = [planned for _, planned, _ in plans(seed, 30)]

    assert once == again


def test_two_seeds_plan_different_changes() -> None:
    assert [planned for _, planned, _ in plans(1, 30)] != [planned for _, planned, _ in plans(2, 30)]


@given(st.integers())
def test_references_stay_whole_and_every_customer_keeps_an_address(seed: int) -> None:
    for _, _, after in plans(seed, 60):
        assert_whole(after.snapshot)
        assert not homeless(after.snapshot)


@given(st.integers())
def test_every_change_fits_the_state_and_changes_it(seed: int) -> None:
    for before, planned, after in plans(seed, 60):
        for row in planned.rows:
            assert row.before == before.snapshot[row.table].get(row.key)
            assert row.row == after.snapshot[row.table].get(row.key)
            assert row.before != row.row
        assert len({(row.table, row.key) for row in planned.rows}) == len(planned.rows)


def test_every_kind_of_change_happens() -> None:
    assert {planned.kind for _, planned, _ in plans(7, 100)} == set(ChangeKind)


@pytest.mark.parametrize("seed", range(10))
def test_a_new_customer_comes_with_its_primary_address(seed: int) -> None:
    planned, after = first(ChangeKind.NEW_CUSTOMER, seed)

    assert [row.operation for row in planned.rows] in ([Operation.INSERT] * 2, [Operation.INSERT] * 3)
    assert after[CUSTOMERS]["C1001"]["primaryAddressId"] == "A2001"
    assert after[ADDRESSES]["A2001"]["customerId"] == "C1001"


def test_some_new_customers_have_a_billing_address_of_its_own() -> None:
    billing = {
        bool(after[CUSTOMERS]["C1001"]["billingAddressId"])
        for seed in range(30)
        for _, after in [first(ChangeKind.NEW_CUSTOMER, seed)]
    }

    assert billing == {True, False}


@pytest.mark.parametrize("seed", range(20))
def test_an_address_that_is_pointed_to_is_deleted_only_after_the_customer_points_elsewhere(seed: int) -> None:
    planned, after = first(ChangeKind.ADDRESS_DELETE, seed)

    *updates, removal = planned.rows
    assert removal.operation is Operation.DELETE
    assert removal.key in {"A1", "A2"}
    assert [(row.table, row.key, row.operation) for row in updates] == [(CUSTOMERS, "C1", Operation.UPDATE)]
    assert_whole(after)


def test_an_address_to_which_nobody_points_is_deleted_alone() -> None:
    initial = snapshot(customer("C1", primaryAddressId="A1"), address("A1", "C1"), address("A2", "C1"))
    planned = {len(first(ChangeKind.ADDRESS_DELETE, seed, initial)[0].rows) for seed in range(20)}

    assert planned == {1, 2}


def test_an_only_address_and_one_that_another_customer_points_to_are_not_deleted() -> None:
    initial = snapshot(
        customer("C1", primaryAddressId="A1"),
        customer("C2", primaryAddressId="A2"),
        address("A1", "C1"),
        address("A2", "C1"),
        address("A3", "C2"),
    )

    assert {first(ChangeKind.ADDRESS_DELETE, seed, initial)[0].rows[-1].key for seed in range(20)} == {"A1"}


def test_an_update_of_a_customer_reaches_every_column_that_can_change() -> None:
    changed = {column for seed in range(80) for column in updated_columns(seed)}

    assert changed == {"lastName", "email", "phone", "primaryAddressId", "billingAddressId"}


def test_ids_go_on_after_the_largest_and_pass_over_ids_of_another_form() -> None:
    initial = snapshot(customer("C1499"), customer("C7"), customer("X9999"), customer("C5000b"), address("A2500", "C7"))

    _, after = first(ChangeKind.NEW_CUSTOMER, 1, initial)

    assert set(after[CUSTOMERS]) - set(initial[CUSTOMERS]) == {"C1500"}
    assert min(set(after[ADDRESSES]) - set(initial[ADDRESSES])) == "A2501"


def test_the_id_of_a_deleted_row_is_not_given_again() -> None:
    weights = {ChangeKind.ADDRESS_INSERT: 1.0, ChangeKind.ADDRESS_DELETE: 1.0}
    given_ids = [
        row.key
        for _, planned, _ in plans(3, 200, FAMILY, weights)
        for row in planned.rows
        if row.operation is Operation.INSERT
    ]

    assert given_ids == [f"A{2001 + position}" for position in range(len(given_ids))]


def test_rows_read_again_do_not_bring_ids_back() -> None:
    state = ProducerState.of(snapshot(customer("C1200"))).reloaded(EMPTY)

    assert state.next_customer == 1201


def test_in_an_empty_producer_only_a_new_customer_is_possible() -> None:
    assert next(plans(1, 1, EMPTY))[1].kind is ChangeKind.NEW_CUSTOMER


def test_a_kind_without_a_weight_is_never_chosen() -> None:
    weights = {ChangeKind.CUSTOMER_UPDATE: 1.0, ChangeKind.ADDRESS_INSERT: 0.0}

    assert {planned.kind for _, planned, _ in plans(1, 50, FAMILY, weights)} == {ChangeKind.CUSTOMER_UPDATE}


def test_when_nothing_can_be_changed_the_error_says_so() -> None:
    with pytest.raises(SimulatorError, match="no change is possible"):
        first(ChangeKind.ADDRESS_DELETE, 1, EMPTY)


@pytest.mark.parametrize("seed", range(20))
def test_people_and_places_look_real_and_reach_nobody(seed: int) -> None:
    _, after = first(ChangeKind.NEW_CUSTOMER, seed)
    person, home = after[CUSTOMERS]["C1001"], after[ADDRESSES]["A2001"]
    born, zip_code = person["dob"], str(home["zipCode"])

    assert isinstance(born, date)
    assert 1935 <= born.year <= 2005
    assert re.fullmatch(r"\S.*", str(person["firstName"]))
    assert re.fullmatch(r"None|[a-z]+\.[a-z]+\d+@example\.(com|net|org)", str(person["email"]))
    assert re.fullmatch(r"None|\+1-\d{3}-555-01\d\d", str(person["phone"]))
    assert re.fullmatch(r"\d+ \S.*", str(home["streetName"]))
    [place] = [place for place in PLACES if (place.city, place.state) == (home["city"], home["state"])]
    assert re.fullmatch(r"\d{5}(-\d{4})?", zip_code)
    assert place.zip_codes[0] <= int(zip_code[:5]) <= place.zip_codes[1]


def test_a_name_without_latin_letters_and_a_very_long_one_still_give_an_email() -> None:
    initial = snapshot(customer("C1", firstName="東京", lastName="ß" * 100), customer("C2", lastName="n" * 100))
    values = [updated_columns(seed, initial).get("email") for seed in range(80)]
    emails = {str(value) for value in values if value is not None}

    assert emails
    assert all(re.fullmatch(r"[a-z.]{1,60}\d+@example\.(com|net|org)", email) for email in emails)
