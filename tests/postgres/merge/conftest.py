"""One arena for all tests of the merge; what they played and found stands at the end of the output."""

from collections.abc import Iterator

import pytest

from tests.postgres.merge.law_checks import markdown as markdown_of_laws
from tests.postgres.merge.matrix import markdown
from tests.postgres.merge.report import LAWS, MATRIX, PLAYED, shown
from tests.support.arena import Arena
from tests.support.databases import Databases


@pytest.fixture(scope="session")
def arena(session_databases: Databases) -> Iterator[Arena]:
    arena = Arena(session_databases, session_databases)
    yield arena
    arena.close()


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    reports = terminalreporter.stats.get("", [])
    for section, write in ((PLAYED, "\n".join), (MATRIX, markdown), (LAWS, markdown_of_laws)):
        if lines := shown(section, reports):
            terminalreporter.section(section)
            terminalreporter.write_line(write(lines))
