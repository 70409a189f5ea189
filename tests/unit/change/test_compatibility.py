"""The verdicts on changes."""

from datasurface.change.compatibility import judge
from tests.unit.change.company import COMPANY, TODAY


def test_without_changes_there_is_no_judgement() -> None:
    assert judge((), COMPANY, COMPANY, today=TODAY) == ()
