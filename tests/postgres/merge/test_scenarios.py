"""The scenarios on the engine as it is: they find nothing."""

import pytest

from tests.postgres.merge import incidents, scenarios
from tests.postgres.merge.scenarios import Scenario
from tests.support.arena import Arena

ALL = [value for module in (scenarios, incidents) for value in vars(module).values() if isinstance(value, Scenario)]


@pytest.mark.parametrize("scenario", ALL, ids=[scenario.name for scenario in ALL])
def test_the_engine_does_what_the_oracle_does(arena: Arena, scenario: Scenario) -> None:
    differences = scenario.run(arena)
    assert not differences, "\n".join(map(str, differences))
