"""What was played stands at the end of the output."""

import pytest

from tests.postgres.merge.report import write_section

PLAYED = "what happened to streams, after each of which the engine was where the oracle is"


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    write_section(terminalreporter, PLAYED)
