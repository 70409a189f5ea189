"""How rules become findings."""

from collections.abc import Iterator

import pytest

from datasurface.findings import Finding, Severity, SourceLine
from datasurface.lint.registry import Problem, Rule, lint, rule
from datasurface.lint.rules import RULES
from datasurface.model import Ecosystem, walk
from tests.unit.lint.models import dataset, model, store


@rule("XX101", "Nothing is called customers", Severity.WARNING)
def no_customers(ecosystem: Ecosystem) -> Iterator[Problem]:
    """People are guests here."""
    for datastore in ecosystem.datastores():
        for item in datastore.datasets:
            if item.name == "customers":
                yield Problem(item, "a dataset is called customers", "call it guests")


@rule("XX102", "Always fails")
def fails(ecosystem: Ecosystem) -> Iterator[Problem]:
    """Divides by nothing."""
    yield Problem(ecosystem, "so far so good", "wait")
    raise ZeroDivisionError("by design")


def test_a_finding_has_the_rules_code_and_severity_and_the_elements_path_and_line() -> None:
    ecosystem = model()
    customers = next(element for path, element in walk(ecosystem) if path.endswith("datasets/customers"))
    customers.with_source(SourceLine("eco.py", 7))
    assert lint(ecosystem, [no_customers]) == (
        Finding(
            code="XX101",
            severity=Severity.WARNING,
            path="zones/zone/teams/team/datastores/Store1/datasets/customers",
            message="a dataset is called customers",
            hint="call it guests",
            source=SourceLine("eco.py", 7),
        ),
    )


def test_an_object_that_is_used_twice_is_told_once_at_its_first_place() -> None:
    shared = dataset()
    ecosystem = model(stores=[store("Store1", shared), store("Store2", shared)])
    assert [finding.path for finding in lint(ecosystem, [no_customers])] == [
        "zones/zone/teams/team/datastores/Store1/datasets/customers"
    ]


def test_findings_are_in_the_order_of_files_and_lines() -> None:
    places = [SourceLine("b.py", 1), SourceLine("a.py", 10), None, SourceLine("a.py", 9)]
    more = [Finding("ZZ1", Severity.ERROR, "", "wrong", "change it", place) for place in places]
    assert [finding.source for finding in lint(model(), [], more)] == [
        None,
        SourceLine("a.py", 9),
        SourceLine("a.py", 10),
        SourceLine("b.py", 1),
    ]


def test_a_rule_that_fails_says_so_and_leaves_the_others() -> None:
    findings = lint(model(), [fails, no_customers])
    assert {(finding.code, finding.severity) for finding in findings} == {
        ("XX101", Severity.WARNING),
        ("XX102", Severity.ERROR),
    }
    assert any("ZeroDivisionError: by design" in finding.message for finding in findings)


@pytest.mark.parametrize("item", RULES, ids=lambda item: item.code)
def test_a_rule_is_documented(item: Rule) -> None:
    assert len(item.documentation) > len(item.title)
    assert not item.title.endswith(".")


def test_what_is_said_twice_of_one_line_is_told_once_at_the_path_that_comes_first() -> None:
    first, second = dataset(), dataset()
    assert first is not second
    for each in (first, second):
        each.with_source(SourceLine("eco.py", 7))
    ecosystem = model(stores=[store("Store2", second), store("Store1", first)])
    assert [finding.path for finding in lint(ecosystem, [no_customers])] == [
        "zones/zone/teams/team/datastores/Store1/datasets/customers"
    ]


def test_codes_are_different() -> None:
    assert len({item.code for item in RULES}) == len(RULES)
