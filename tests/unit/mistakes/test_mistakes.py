"""A mistake in a model is one finding at the user's file and line."""

from pathlib import Path

import pytest

from datasurface.findings import Finding
from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.loader import load
from datasurface_yellow import YellowDataPlatform
from tests.unit.mistakes.cases import CASES
from tests.unit.mistakes.mistake import EXAMPLE, Mistake


def findings_in(folder: Path, timeout: float = 60.0) -> tuple[Finding, ...]:
    loaded = load(folder, [YellowDataPlatform], timeout=timeout)
    if loaded.ecosystem is None:
        return loaded.findings
    return lint(loaded.ecosystem, RULES, loaded.findings)


@pytest.mark.parametrize("mistake", CASES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_a_finding_at_the_users_line(mistake: Mistake, tmp_path: Path) -> None:
    mistake.write_to(tmp_path)
    findings = findings_in(tmp_path, mistake.timeout)
    assert [(f.code, f.source.file, f.source.line) for f in findings if f.source] == sorted(
        mistake.places, key=lambda place: (place[1], place[2])
    )
    assert any(finding.is_error for finding in findings) is mistake.is_error
    main = next(finding for finding in findings if finding.code == mistake.code)
    assert mistake.hint in main.hint
    assert main.message
    assert main.hint
    for finding in findings:
        assert "Traceback" not in finding.message
        assert str(tmp_path / "eco.py") not in finding.message


def test_the_example_has_no_findings() -> None:
    assert findings_in(EXAMPLE) == ()


def test_names_of_mistakes_are_different() -> None:
    assert len({mistake.name for mistake in CASES}) == len(CASES)
