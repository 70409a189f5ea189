"""The model that uses every class does so, and is sound."""

from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.model import walk
from tests.support.classes import classes_of_models
from tests.support.every_class import every_class


def test_it_has_an_object_of_every_class() -> None:
    assert {type(element) for _, element in walk(every_class())} == set(classes_of_models())


def test_it_has_no_finding() -> None:
    assert [f"{finding.path}: {finding.message}" for finding in lint(every_class(), RULES)] == []
