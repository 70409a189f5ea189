"""The page on watermarks names the tests of what it says."""

import re

from tests.unit.docs.markdown import REPOSITORY, page, prose, text_of

TESTS = REPOSITORY / "tests" / "postgres"


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", prose(page("watermark.md"))))
    there = {
        name
        for path in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", text_of(path), re.MULTILINE)
    }
    assert len(named) > 10
    assert named <= there
