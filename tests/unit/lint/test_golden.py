"""Every rule has a model that breaks it, and says what is wrong, where, and what to do, in three lines at most."""

from pathlib import Path

import pytest
from click import unstyle

from datasurface.cli.output import finding_text
from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.loader import load
from datasurface_yellow import YellowDataPlatform
from tests.unit.lint.broken import COMPANY, Broken, built
from tests.unit.lint.golden import (
    consumers,
    datasets,
    mapping,
    names,
    places,
    policies,
    protection,
    time,
    transformers,
)

CASES: tuple[Broken, ...] = (
    *names.CASES,
    *datasets.CASES,
    *transformers.CASES,
    *consumers.CASES,
    *mapping.CASES,
    *time.CASES,
    *protection.CASES,
    *places.CASES,
    *policies.CASES,
)


def test_every_rule_has_a_model_that_breaks_it() -> None:
    assert [case.code for case in CASES] == [rule.code for rule in RULES]


def test_there_are_many_rules() -> None:
    assert len(RULES) >= 60


def test_the_company_has_no_findings() -> None:
    loaded = load(COMPANY, [YellowDataPlatform])
    assert loaded.findings == ()
    assert loaded.ecosystem is not None
    assert lint(loaded.ecosystem, RULES) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_a_mistake_is_told_in_these_words(case: Broken, tmp_path: Path) -> None:
    findings = lint(built(case.files(), tmp_path), RULES)
    (said,) = (unstyle(finding_text(finding)) for finding in findings if finding.code == case.code)
    assert said == case.text()
    assert len(said.splitlines()) <= 3
    assert said.count("    hint: ") == 1
    assert {finding.code for finding in findings} == {case.code, *case.also}


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.code in ("DS223", "DS902", "DS331")], ids=lambda c: c.code
)
def test_it_is_the_same_when_the_model_came_through_the_loader(case: Broken, tmp_path: Path) -> None:
    for name, text in case.files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    loaded = load(tmp_path, [YellowDataPlatform])
    assert loaded.ecosystem is not None
    assert lint(loaded.ecosystem, RULES) == lint(built(case.files(), tmp_path), RULES)
