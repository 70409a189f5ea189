"""A state machine of all that can happen to a stream, and the engine beside the oracle after every step."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg2.extensions import connection as Connection

from tests.postgres.machine.conftest import PLAYED
from tests.postgres.machine.machine import THINGS, StreamMachine
from tests.postgres.merge.report import show
from tests.support.arena import Arena
from tests.support.length import long_or

EXAMPLES, STEPS = long_or(500, 100), long_or(15, 10)


@pytest.mark.slow
def test_whatever_happens_to_a_stream_it_is_where_the_oracle_is(
    arena: Arena, administrator: Connection, request: pytest.FixtureRequest
) -> None:
    done: Counter[str] = Counter()

    class Machine(StreamMachine):
        def __init__(self) -> None:
            super().__init__(arena.stage(THINGS), administrator, done)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
    show(request, PLAYED, ", ".join(f"{number} {name}" for name, number in sorted(done.items())))
    assert set(done) >= {"kills", "resets", "rollbacks", "replays", "duplicate jobs", "late jobs", "refusals"}
