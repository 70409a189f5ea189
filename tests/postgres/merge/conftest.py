"""One arena for all tests of the merge; what they played and found stands at the end of the output."""

from collections.abc import Iterator

import pytest

from tests.postgres.merge.law_checks import markdown as markdown_of_laws
from tests.postgres.merge.matrix import markdown
from tests.postgres.merge.report import LAWS, MATRIX, PLAYED, write_section
from tests.support.arena import Arena
from tests.support.databases import Databases


@pytest.fixture(scope="session")
def arena(session_databases: Databases) -> Iterator[Arena]:
    arena = Arena(session_databases, session_databases)
    yield arena
    arena.close()


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    write_section(terminalreporter, PLAYED)
    write_section(terminalreporter, MATRIX, markdown)
    write_section(terminalreporter, LAWS, markdown_of_laws)
