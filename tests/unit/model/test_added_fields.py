"""A field that is added to a class takes part in everything by itself."""

import json
import subprocess
import sys

import pytest

from tests.support.classes import classes_of_models
from tests.support.plugins import REPOSITORY

Found = list[dict[str, object]]


@pytest.fixture(scope="module")
def found() -> Found:
    """What a process says in which every class of the model has a field more."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.added_fields"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    changes: Found = json.loads(done.stdout)
    return changes


def test_every_class_has_one(found: Found) -> None:
    assert {cls.__name__ for cls in classes_of_models()} == {
        change["class"] for change in found if change["field"] == f"added_to_{change['class']}"
    }


def test_equality_and_diff_find_it_at_the_objects_place_and_nothing_else(found: Found) -> None:
    assert [change for change in found if change["equal"]] == []
    assert [change for change in found if change["found at"] != change["is at"]] == []
    assert [change for change in found if change["all found"] != len(_places(change))] == []


def test_it_is_its_owner_s_to_change_and_nobody_else_s(found: Found) -> None:
    assert [change for change in found if change["owners"] != [1]] == []
    assert [change for change in found if change["refused"] != change["all found"]] == []


def test_json_carries_it(found: Found) -> None:
    assert [change for change in found if not change["survives"]] == []


def _places(change: dict[str, object]) -> list[object]:
    places = change["is at"]
    assert isinstance(places, list)
    return places
