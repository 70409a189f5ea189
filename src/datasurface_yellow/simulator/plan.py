"""Which change comes next: decided from the producer's rows and a seeded source of chance, without a database."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Self, TypeVar

from attrs import evolve, frozen

from datasurface_yellow.simulator.changes import (
    ADDRESSES,
    CUSTOMERS,
    ChangeKind,
    Operation,
    Row,
    RowChange,
    Snapshot,
    Value,
    with_rows,
)
from datasurface_yellow.simulator.errors import SimulatorError
from datasurface_yellow.simulator.invention import Inventor

_T = TypeVar("_T")
_FIRST_CUSTOMER, _FIRST_ADDRESS = 1001, 2001
_LOCATION = ("streetName", "city", "state", "zipCode")
_REFERENCES = ("primaryAddressId", "billingAddressId")
_SEPARATE_BILLING_SHARE = 0.25
_LOST_SHARE = 0.15
"""How often an e-mail or telephone number goes away instead of changing."""


@frozen
class ProducerState:
    """What the simulator knows of the producer.

    Attributes:
        next_customer: the number in the next new customer's id. It only grows, so that the id of a row that is gone is
            not given again.
        next_address: likewise for addresses.
    """

    snapshot: Snapshot
    next_customer: int = _FIRST_CUSTOMER
    next_address: int = _FIRST_ADDRESS

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """The state of a producer with these rows; ids go on after the largest of them."""
        return cls(snapshot)._past(snapshot[CUSTOMERS], snapshot[ADDRESSES])

    def reloaded(self, snapshot: Snapshot) -> Self:
        """The state after the rows were read again."""
        return evolve(self, snapshot=snapshot)._past(snapshot[CUSTOMERS], snapshot[ADDRESSES])

    def after(self, rows: Sequence[RowChange]) -> Self:
        """The state once these rows are written."""
        keys = [row.key for row in rows]
        return evolve(self, snapshot=with_rows(self.snapshot, rows))._past(keys, keys)

    def _past(self, customers: Iterable[str], addresses: Iterable[str]) -> Self:
        return evolve(
            self,
            next_customer=max(self.next_customer, _largest("C", customers) + 1),
            next_address=max(self.next_address, _largest("A", addresses) + 1),
        )


@frozen
class PlannedChange:
    """A change that is not written yet; its rows stand in the order in which they must be written."""

    kind: ChangeKind
    rows: tuple[RowChange, ...]


class Planner:
    """Chooses changes. Two planners with one seed choose the same changes for the same states.

    Every customer that has addresses keeps at least one, and an address to which a customer points is deleted only
    together with an update that points elsewhere.
    """

    def __init__(self, seed: int, weights: Mapping[ChangeKind, float]) -> None:
        self._source = Random(seed)  # noqa: S311 (no secret, and repeatable)
        self._inventor = Inventor(self._source)
        self._weights = weights

    def next_change(self, state: ProducerState) -> PlannedChange:
        """The next change. SimulatorError when no kind of change that has a weight is possible."""
        homes = _addresses_by_customer(state.snapshot)
        deletable = _deletable(state.snapshot, homes)
        possible: dict[ChangeKind, Callable[[], list[RowChange]]] = {
            ChangeKind.NEW_CUSTOMER: lambda: self._new_customer(state)
        }
        if state.snapshot[CUSTOMERS]:
            possible[ChangeKind.CUSTOMER_UPDATE] = lambda: self._customer_update(state, homes)
            possible[ChangeKind.ADDRESS_INSERT] = lambda: self._address_insert(state)
        if state.snapshot[ADDRESSES]:
            possible[ChangeKind.ADDRESS_UPDATE] = lambda: self._address_update(state)
        if deletable:
            possible[ChangeKind.ADDRESS_DELETE] = lambda: self._address_delete(state, homes, deletable)
        weights = [self._weights.get(kind, 0) for kind in possible]
        if not any(weights):
            raise SimulatorError(
                "no change is possible: every kind that has a weight needs rows that are not there",
                hint="create the seed data first, or give new-customer a weight",
            )
        [kind] = self._source.choices(list(possible), weights)
        return PlannedChange(kind, tuple(possible[kind]()))

    def _new_customer(self, state: ProducerState) -> list[RowChange]:
        key, home, billing = f"C{state.next_customer}", f"A{state.next_address}", f"A{state.next_address + 1}"
        separate = self._source.random() < _SEPARATE_BILLING_SHARE
        customer: Row = {
            "id": key,
            **self._inventor.person(),
            "primaryAddressId": home,
            "billingAddressId": billing if separate else None,
        }
        addresses = [self._new_address(address, key) for address in ((home, billing) if separate else (home,))]
        return [_insert(CUSTOMERS, customer), *addresses]

    def _customer_update(self, state: ProducerState, homes: Mapping[str, list[str]]) -> list[RowChange]:
        before = self._any_row(state.snapshot[CUSTOMERS])
        own = homes.get(str(before["id"]), [])
        columns = ["lastName", "email", "phone"]
        choices: dict[str, list[Value]] = {
            "primaryAddressId": [address for address in own if address != before["primaryAddressId"]],
            "billingAddressId": [address for address in (None, *own) if address != before["billingAddressId"]],
        }
        column = self._source.choice(columns + [column for column, values in choices.items() if values])
        if column in choices:
            return [_update(CUSTOMERS, before, {column: self._source.choice(choices[column])})]
        makers: Mapping[str, Callable[[], Value]] = {
            "lastName": self._inventor.last_name,
            "email": lambda: self._kept(self._inventor.email(str(before["firstName"]), str(before["lastName"]))),
            "phone": lambda: self._kept(self._inventor.phone()),
        }
        return [_update(CUSTOMERS, before, {column: _unlike(before[column], makers[column])})]

    def _address_insert(self, state: ProducerState) -> list[RowChange]:
        customer = self._any_row(state.snapshot[CUSTOMERS])
        return [self._new_address(f"A{state.next_address}", str(customer["id"]))]

    def _address_update(self, state: ProducerState) -> list[RowChange]:
        before = self._any_row(state.snapshot[ADDRESSES])
        match self._source.choice(("moved", "street corrected", "ZIP code completed")):
            case "moved":
                stands = {column: before[column] for column in _LOCATION}
                return [_update(ADDRESSES, before, _unlike(stands, self._inventor.location))]
            case "street corrected":
                return [
                    _update(ADDRESSES, before, {"streetName": _unlike(before["streetName"], self._inventor.street)})
                ]
            case _:
                code = before["zipCode"]
                completed = _unlike(code, lambda: self._inventor.extended_zip_code(str(code)[:5]))
                return [_update(ADDRESSES, before, {"zipCode": completed})]

    def _address_delete(
        self, state: ProducerState, homes: Mapping[str, list[str]], deletable: list[str]
    ) -> list[RowChange]:
        key = self._source.choice(deletable)
        before = state.snapshot[ADDRESSES][key]
        owner = state.snapshot[CUSTOMERS][str(before["customerId"])]
        other = self._source.choice([address for address in homes[str(owner["id"])] if address != key])
        pointing: Row = {column: other for column in _REFERENCES if owner[column] == key}
        return [
            *([_update(CUSTOMERS, owner, pointing)] if pointing else []),
            RowChange(ADDRESSES, Operation.DELETE, key, before, None),
        ]

    def _new_address(self, key: str, customer: str) -> RowChange:
        return _insert(ADDRESSES, {"id": key, "customerId": customer, **self._inventor.location()})

    def _any_row(self, rows: Mapping[str, Row]) -> Row:
        return self._source.choice(list(rows.values()))

    def _kept(self, value: str) -> Value:
        return None if self._source.random() < _LOST_SHARE else value


def _unlike(current: _T, make: Callable[[], _T]) -> _T:
    """The first made value that is not the current one, so that an update always changes something."""
    while (value := make()) == current:
        pass
    return value


def _addresses_by_customer(snapshot: Snapshot) -> dict[str, list[str]]:
    homes = defaultdict(list)
    for key, address in snapshot[ADDRESSES].items():
        homes[str(address["customerId"])].append(key)
    return homes


def _deletable(snapshot: Snapshot, homes: Mapping[str, list[str]]) -> list[str]:
    """Addresses that are not their customer's only one, and to which no other customer points."""
    pointed_at_by_others = {
        address
        for key, customer in snapshot[CUSTOMERS].items()
        for column in _REFERENCES
        if (address := customer[column]) is not None and address not in homes.get(key, [])
    }
    return [
        address
        for addresses in homes.values()
        if len(addresses) > 1
        for address in addresses
        if address not in pointed_at_by_others
    ]


def _largest(prefix: str, keys: Iterable[str]) -> int:
    return max((int(match[1]) for key in keys if (match := re.fullmatch(f"{prefix}([0-9]+)", key))), default=0)


def _insert(table: str, row: Row) -> RowChange:
    return RowChange(table, Operation.INSERT, str(row["id"]), None, row)


def _update(table: str, before: Row, changed: Row) -> RowChange:
    return RowChange(table, Operation.UPDATE, str(before["id"]), before, {**before, **changed})
