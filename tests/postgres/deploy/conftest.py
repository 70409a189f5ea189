"""How long pushes took, at the end of the output."""

import pytest

from tests.postgres.merge.report import write_section

PUSHED = "pushes from several clones at once"


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    write_section(terminalreporter, PUSHED)
