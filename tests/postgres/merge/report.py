"""Lines of a test's own that stand at the end of the session's output, also where tests run in several processes."""

from collections.abc import Callable, Iterable

import pytest

PLAYED = "what was played"
MATRIX = "which check catches which variant"
LAWS = "which law's test kills which mutation"


def show(request: pytest.FixtureRequest, section: str, line: str) -> None:
    """Add a line to a section."""
    request.node.user_properties.append((section, line))


def shown(section: str, reports: Iterable[object]) -> list[str]:
    """The section's lines, in the order of the tests."""
    return [
        str(value)
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
        for name, value in report.user_properties
        if name == section
    ]


def write_section(
    terminal: "pytest.TerminalReporter", section: str, write: Callable[[Iterable[str]], str] = "\n".join
) -> None:
    """Write a section that has lines."""
    if lines := shown(section, terminal.stats.get("", [])):
        terminal.section(section)
        terminal.write_line(write(lines))
