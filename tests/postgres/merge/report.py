"""Lines of a test's own that stand at the end of the session's output, also where tests run in several processes."""

from collections.abc import Iterable

import pytest

_PROPERTY = "shown at the end"


def show(request: pytest.FixtureRequest, line: str) -> None:
    """Add a line under the name of the test that runs."""
    request.node.user_properties.append((_PROPERTY, line))


def shown(reports: Iterable[pytest.TestReport]) -> list[tuple[str, str]]:
    """The tests' names with their lines."""
    return [
        (report.nodeid.rpartition("::")[2], str(value))
        for report in reports
        if report.when == "teardown"
        for name, value in report.user_properties
        if name == _PROPERTY
    ]
