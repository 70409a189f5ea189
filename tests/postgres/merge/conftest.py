"""One arena for all tests of the merge; what they played and found stands at the end of the output."""

from collections.abc import Iterator

import pytest

from tests.postgres.merge.report import shown
from tests.support.arena import Arena
from tests.support.databases import Databases


@pytest.fixture(scope="session")
def arena(session_databases: Databases) -> Iterator[Arena]:
    arena = Arena(session_databases, session_databases)
    yield arena
    arena.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for kind in ("passed", "", "error") for report in terminalreporter.stats.get(kind, [])]
    lines = shown(report for report in reports if isinstance(report, pytest.TestReport))
    if lines:
        terminalreporter.section("engine and oracle")
        for name, line in lines:
            terminalreporter.write_line(f"{name}: {line}")
