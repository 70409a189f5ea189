"""The order of what a model lists says nothing, and neither does the order of the rules."""

import random
from collections.abc import Callable, Sequence
from itertools import count

import pytest
from attrs import fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface.findings import SourceLine
from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.model import (
    Credential,
    Dataset,
    Datastore,
    Ecosystem,
    Element,
    ForeignKey,
    GitRepository,
    GovernanceZone,
    MaskingPolicy,
    PostgresDatabase,
    SqlCapture,
    SqlSnapshot,
    SqlWatermark,
    Team,
    Workspace,
    walk,
)
from datasurface.model.rebuild import evolved, rebuilt
from tests.support.length import long_or
from tests.support.models import ecosystems
from tests.unit.lint import test_lifecycle, test_rules

ORDERED = {
    (Dataset, "columns"),
    (ForeignKey, "columns"),
    (MaskingPolicy, "masks"),
    (SqlCapture, "tables"),
    (SqlWatermark, "column"),
}
"""Lists whose order is part of what they say, and pairs that are sorted anyway."""


Order = Callable[[tuple[object, ...]], Sequence[object]]


def reordered(ecosystem: Ecosystem, order: Order) -> Ecosystem:
    """The same ecosystem with its lists in another order; every object keeps its line."""

    def in_another_order(element: Element) -> Element:
        changes: dict[str, object] = {}
        for attribute in fields(type(element)):
            value = getattr(element, attribute.name)
            ordered = any(isinstance(element, cls) and attribute.name == name for cls, name in ORDERED)
            if isinstance(value, tuple) and len(value) > 1 and not ordered:
                changes[attribute.alias] = order(value)
        return evolved(element, **changes) if changes else element

    return rebuilt(ecosystem, in_another_order)


def by(chance: random.Random) -> Order:
    return lambda items: chance.sample(items, len(items))


def backwards(items: tuple[object, ...]) -> Sequence[object]:
    return items[::-1]


def on_lines(ecosystem: Ecosystem, lines: int) -> None:
    """Give every object a line of the user's, several one and the same."""
    numbers = count()
    for _, element in walk(ecosystem):
        element.with_source(SourceLine("eco.py", next(numbers) % lines + 1))


@pytest.mark.parametrize("lines", [1, 10_000])
def test_the_order_of_lists_changes_nothing_in_models_that_break_a_rule(lines: int) -> None:
    chance = random.Random(lines)
    for _, _, broken in (*test_rules.BROKEN, *test_lifecycle.BROKEN):
        ecosystem = rebuilt(broken, lambda element: evolved(element))
        on_lines(ecosystem, lines)
        findings = lint(ecosystem, RULES)
        assert findings
        for order in (backwards, by(chance)):
            assert lint(reordered(ecosystem, order), RULES) == findings


def test_readers_and_databases_of_one_line_are_told_apart_by_name() -> None:
    here = GitRepository("acme/model")
    database = PostgresDatabase("Own", host="h", database="own", credential=Credential("theirs"))
    workspaces = [
        Workspace(name, groups=[], container=database, reader=Credential(reader))
        for name, reader in (("A", "shared"), ("B", "shared"), ("C", "login"))
    ]
    sources = [PostgresDatabase(name, host="h", database="d", credential=Credential("login")) for name in ("X", "Y")]
    stores = [Datastore(f"Of{each.name}", capture=SqlSnapshot(each), datasets=[]) for each in sources]
    team = Team("T", repository=here, workspaces=workspaces, datastores=stores)
    ecosystem = Ecosystem(
        "E", repository=here, platforms=[], zones=[GovernanceZone("Z", repository=here, teams=[team])]
    )
    on_lines(ecosystem, 1)
    found = [finding.message for finding in lint(ecosystem, RULES) if finding.code == "DS624"]
    assert found == [
        "the reader of workspace 'B' is credential 'shared', which is the reader of workspace 'A'",
        "the reader of workspace 'C' is credential 'login', which opens 'X'",
    ]
    assert lint(reordered(ecosystem, backwards), RULES) == lint(ecosystem, RULES)


@settings(
    max_examples=long_or(2000, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(ecosystems, st.integers(1, 40), st.integers())
def test_the_order_of_lists_and_rules_changes_nothing_and_no_model_makes_a_rule_fail(
    ecosystem: Ecosystem, lines: int, seed: int
) -> None:
    on_lines(ecosystem, lines)
    chance = random.Random(seed)
    findings = lint(ecosystem, RULES)
    assert [finding for finding in findings if "failed on this model" in finding.message] == []
    assert lint(reordered(ecosystem, by(chance)), chance.sample(RULES, len(RULES))) == findings
    assert {finding.path for finding in findings} <= {path for path, _ in walk(ecosystem)}
