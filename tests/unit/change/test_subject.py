"""Every change is found under an object that people know, by its path."""

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from datasurface.change.diff import ChangeKind, diff
from datasurface.change.subject import Subject, subject_of
from datasurface.model import Ecosystem, Team, walk
from tests.support.edits_of_models import edited_models
from tests.support.length import long_or
from tests.unit.lint.models import column, dataset, model, store


def _subject(old: Ecosystem, new: Ecosystem) -> Subject:
    (change,) = diff(old, new)
    return subject_of(change)


def test_a_column_is_in_its_datastore_and_that_in_its_team() -> None:
    old, new = model(), model(stores=[store("Store1", dataset("customers", column(key=True), column("nick")))])
    assert _subject(old, new) == Subject("zones/zone/teams/team/datastores/Store1", "Datastore", "Store1", "zone/team")


def test_what_has_no_object_above_it_is_the_ecosystems() -> None:
    assert _subject(model(), evolve(model(), description="x")) == Subject("", "Ecosystem", "E", "")


@pytest.mark.parametrize("name", ["A", "A/columns/B", "A#2", "1", "#1", "a b"])
def test_names_may_hold_what_paths_are_made_of(name: str) -> None:
    old = model(stores=[store(name, dataset("d", column("x/y#2")))])
    new = model(stores=[store(name, dataset("d", column("x/y#2", key=True)))])
    for change in diff(old, new):
        assert subject_of(change).path == f"zones/zone/teams/team/datastores/{name}"


def test_the_second_of_two_of_one_name_is_told_apart() -> None:
    old = model(stores=[store("A"), store("A")])
    new = model(stores=[store("A"), store("A", dataset("other"))])
    assert {subject_of(change).path for change in diff(old, new)} == {"zones/zone/teams/team/datastores/A#2"}


@settings(max_examples=long_or(500, 25), suppress_health_check=[HealthCheck.too_slow])
@given(edited_models())
def test_a_change_is_inside_its_subject(models: tuple[Ecosystem, Ecosystem]) -> None:
    old, new = models
    for change in diff(old, new):
        subject = subject_of(change)
        inside = subject.inside(change.path)
        assert change.path == "/".join(filter(None, (subject.path, inside)))
        assert change.path.startswith(subject.path)
        assert subject.kind in {type(element).__name__ for element in (*change.before, *change.after)}
        if isinstance(change.element, Team) and change.kind is not ChangeKind.CHANGED:
            assert inside == ""
            assert (
                subject.path in {path for path, _ in walk(old if change.kind is ChangeKind.REMOVED else new)}
                or "#" in subject.path
            )
