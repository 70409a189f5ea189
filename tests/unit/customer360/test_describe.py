"""The line that people read."""

from datasurface_yellow.simulator.changes import ADDRESSES, CUSTOMERS, ChangeKind
from datasurface_yellow.simulator.describe import describe
from tests.unit.customer360.builders import address, change, customer, deleted, inserted, updated


def test_an_update_names_the_columns_that_changed() -> None:
    line = describe(
        change(
            12,
            ChangeKind.ADDRESS_UPDATE,
            updated(ADDRESSES, address("A2003", "C1"), city="Denver", zipCode="80202"),
        )
    )

    assert line == "#12 address update A2003: city 'Austin' → 'Denver', zipCode '78701' → '80202'"


def test_a_value_that_comes_or_goes_is_called_none() -> None:
    line = describe(
        change(1, ChangeKind.CUSTOMER_UPDATE, updated(CUSTOMERS, customer("C1"), email=None, phone="+1-512-555-0100"))
    )

    assert line == "#1 customer update C1: email 'ada@example.com' → none, phone none → '+1-512-555-0100'"


def test_a_new_customer_is_one_line_with_its_address() -> None:
    line = describe(
        change(
            3,
            ChangeKind.NEW_CUSTOMER,
            inserted(CUSTOMERS, customer("C7", primaryAddressId="A9")),
            inserted(ADDRESSES, address("A9", "C7")),
        )
    )

    assert line == (
        "#3 new customer C7: Ada Byron, born 1985-12-10; address A9: 1 Main Street, Austin, Texas 78701 (of C7)"
    )


def test_a_deletion_comes_before_the_update_that_made_it_possible() -> None:
    line = describe(
        change(
            4,
            ChangeKind.ADDRESS_DELETE,
            updated(CUSTOMERS, customer("C1", primaryAddressId="A1"), primaryAddressId="A2"),
            deleted(ADDRESSES, address("A1", "C1")),
        )
    )

    assert line == (
        "#4 address delete A1: 1 Main Street, Austin, Texas 78701 (of C1); customer C1: primaryAddressId 'A1' → 'A2'"
    )
