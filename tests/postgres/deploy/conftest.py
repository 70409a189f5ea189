"""A datastore that comes and goes, and how long pushes took, at the end of the output."""

import pytest

from tests.postgres.conftest import NewPipeline
from tests.postgres.deploy.village import PROVISIONED, US, Village
from tests.postgres.merge.report import write_section
from tests.support.people import CREATE, PEOPLE, PETS, fill

PUSHED = "pushes from several clones at once"


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    write_section(terminalreporter, PUSHED)


@pytest.fixture
def village(copied_pipeline: NewPipeline) -> Village:
    """Not ingested, and in force for us."""
    village = Village(copied_pipeline([PEOPLE, PETS], *CREATE, *fill(people=30, pets=10)))
    village.pipeline.store("TRUNCATE yellowlive_owner, yellowforensic_owner")  # the template is nobody's
    village.apply(village.of(US, PROVISIONED))
    return village
