"""A state machine of all that can happen to a stream, and the engine beside the oracle after every step."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from psycopg2.extensions import connection as Connection

from tests.postgres.machine.conftest import PLAYED
from tests.postgres.machine.ground import THINGS
from tests.postgres.machine.machine import StreamMachine
from tests.postgres.machine.mistakes import MISTAKES
from tests.postgres.merge.mutations import RECEIPTS_IGNORED, broken
from tests.postgres.merge.report import show
from tests.support.arena import Arena
from tests.support.length import long_or

EXAMPLES, STEPS = long_or(500, 100), long_or(15, 10)


@pytest.mark.slow
def test_whatever_happens_to_a_stream_it_is_where_the_oracle_is(
    arena: Arena, administrator: Connection, request: pytest.FixtureRequest
) -> None:
    done = _play(arena, administrator, settings(max_examples=EXAMPLES, stateful_step_count=STEPS))
    show(request, PLAYED, ", ".join(f"{number} {name}" for name, number in sorted(done.items())))
    assert set(done) >= {
        *("kills", "resets", "rollbacks", "replays", "duplicate jobs", "late jobs", "refusals"),
        *("columns added", "columns dropped", "columns taken back", "columns renamed", "columns widened"),
        *("applies refused", "applies killed", "batches of older columns"),
        *("jobs of older models", "jobs of older models refused"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", MISTAKES)
def test_the_machine_finds_a_mistake(arena: Arena, administrator: Connection, name: str) -> None:
    until_found = settings(
        max_examples=10 * EXAMPLES, stateful_step_count=STEPS, phases=[Phase.generate], report_multiple_bugs=False
    )
    mistake = MISTAKES[name]
    with broken((*mistake.edits, *RECEIPTS_IGNORED)), pytest.raises(AssertionError):
        _play(arena, administrator, until_found, long_or((), mistake.rules))


def _play(arena: Arena, administrator: Connection, examples: settings, only: Sequence[str] = ()) -> Counter[str]:
    """Play the machine, or only these of its rules, and count what happened."""
    done: Counter[str] = Counter()
    steps = {rule.function.__name__: rule.function for rule in StreamMachine.setup_state().rules if only}

    class Machine(StreamMachine):
        def __init__(self) -> None:
            super().__init__(arena.stage(THINGS), administrator, done)

    for name in steps.keys() - set(only):
        setattr(Machine, name, steps[name])  # a method that other rules may call, and no rule
    quiet = settings(examples, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    run_state_machine_as_test(Machine, settings=quiet)
    return done
