"""What was played stands at the end of the output."""

import pytest

from tests.postgres.merge.report import write_section

PLAYED = "schedules of two runners, all of which left a serial history"


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    write_section(terminalreporter, PLAYED)
