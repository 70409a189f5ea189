"""The difference of two models, found by their fields."""

from attrs import evolve
from hypothesis import HealthCheck, given, settings

from datasurface.change.diff import ChangeKind, diff
from datasurface.model import Column, Ecosystem
from datasurface.types import Integer, VarChar
from tests.support.length import long_or
from tests.support.models import ecosystems
from tests.unit.lint.models import column, dataset, model, store

DATASET = "zones/zone/teams/team/datastores/Store1/datasets/customers"


def with_columns(*columns: Column) -> Ecosystem:
    return model(stores=[store("Store1", dataset("customers", *columns))])


@settings(max_examples=long_or(500, 30), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(ecosystems, ecosystems)
def test_a_difference_is_empty_for_equal_models_only(one: Ecosystem, other: Ecosystem) -> None:
    assert diff(one, evolve(one)) == ()
    assert bool(diff(one, other)) == (one != other)
    assert len(diff(one, other)) == len(set(diff(one, other)))


def test_added_removed_and_changed_elements_are_told_apart() -> None:
    old = with_columns(column("id"), column("gone"), column("same"))
    new = with_columns(column("id"), evolve(column("same"), type=VarChar(5)), column("fresh"))
    assert [(change.path, change.kind, change.attribute) for change in diff(old, new)] == [
        (f"{DATASET}/columns/gone", ChangeKind.REMOVED, None),
        (f"{DATASET}/columns/same", ChangeKind.CHANGED, "type"),
        (f"{DATASET}/columns/fresh", ChangeKind.ADDED, None),
    ]
    changed = diff(old, new)[1]
    assert (changed.old, changed.new) == (Integer(), VarChar(5))
    assert [type(element).__name__ for element in changed.after] == [
        "Ecosystem", "GovernanceZone", "Team", "Datastore", "Dataset", "Column",
    ]  # fmt: skip


def test_a_new_order_is_one_change() -> None:
    (change,) = diff(with_columns(column("a"), column("b")), with_columns(column("b"), column("a")))
    assert (change.path, change.attribute, change.old, change.new) == (DATASET, "columns", ("a", "b"), ("b", "a"))
