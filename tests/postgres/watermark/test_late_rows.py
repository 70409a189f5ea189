"""Rows that commit late: producers write at one time and commit at another, in any order, while batches read. Within
the window nothing is lost; below it a row is found again when it is written again.
"""

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from tests.postgres.watermark.producers import (
    CLOCKS,
    Clock,
    Delete,
    End,
    Model,
    Read,
    Step,
    Write,
    as_rows,
    producers,
)
from tests.postgres.watermark.reading import ORDERS, assert_verified, ingest, live, mark, reading
from tests.support.arena import Arena
from tests.support.length import long_or

PRODUCERS = 3
KEYS = 2
"""Of each producer: two that write one row would wait for each other."""


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Anything that producers and the platform may do. Most rows are written with the time of their statement."""
    steps: list[Step] = []
    at_work: set[int] = set()
    for _ in range(draw(st.integers(10, 25))):
        kinds = ["write", "write", "write", "delete", "read"]
        kind = draw(st.sampled_from([*kinds, "end", "end", "end"] if at_work else kinds))
        if kind == "read":
            steps.append(Read())
        elif kind == "end":
            producer = draw(st.sampled_from(sorted(at_work)))
            at_work.remove(producer)
            steps.append(End(producer, draw(st.sampled_from([True, True, True, False]))))
        else:
            producer = draw(st.integers(0, PRODUCERS - 1))
            key = producer * KEYS + draw(st.integers(0, KEYS - 1))
            at_work.add(producer)
            lag = draw(st.sampled_from([0, 0, 0, 0, 2, 5, None]))
            steps.append(Write(producer, key, lag) if kind == "write" else Delete(producer, key))
    return steps


FOUND: list[Step] = [Write(0, 0, 0), Write(1, 2, 0), End(1, True), Read(), End(0, True)]
"""The first row commits behind the mark, and within the window."""
LOST: list[Step] = [Write(0, 0, 0), *[Write(1, 2, 0)] * 4, End(1, True), Read(), End(0, True)]
"""The first row commits below the window."""


@pytest.mark.slow
def test_nothing_is_lost_that_commits_within_the_window(arena: Arena) -> None:
    seen = {"late and found": 0, "lost below the window": 0}

    @settings(max_examples=long_or(200, 10), suppress_health_check=[HealthCheck.too_slow])
    @given(histories(), st.sampled_from(CLOCKS))
    @example(FOUND, CLOCKS[0])
    @example(LOST, CLOCKS[1])
    def played(drawn: list[Step], clock: Clock) -> None:
        model = Model(clock.window_in_ticks)
        with reading(arena, clock.type, window=clock.window) as stage:
            table = stage.source_table(ORDERS)
            with producers(stage.pipeline.source, table, clock, PRODUCERS) as writers:
                for step in [*drawn, *(End(producer, True) for producer in range(PRODUCERS)), Read()]:
                    match step:
                        case Write():
                            writers.write(step, model.write(step))
                        case Delete():
                            model.delete(step)
                            writers.delete(step)
                        case End():
                            behind = _behind(model, step)
                            model.end(step)
                            writers.end(step)
                            seen["late and found"] += len(behind - model.late)
                        case Read():
                            model.read()
                            ingest(stage)
                            assert mark(stage) == clock.text(model.mark)
                            assert set(live(stage)) == as_rows(clock, model.live)
                for batch, held in enumerate(model.batches, start=1):
                    assert set(stage.as_of(ORDERS, batch)) == as_rows(clock, held)
                lost = {key for key, row in model.committed.items() if model.live.get(key) != row}
                assert lost <= model.late, "only what became visible below the window is lost"
                seen["lost below the window"] += len(lost)
                event(f"lost: {len(lost)}")
                for key in sorted(lost):
                    touch = Write(key // KEYS, key, 0)
                    writers.write(touch, model.write(touch))
                    writers.end(End(touch.producer, True))
                    model.end(End(touch.producer, True))
                model.read()
                ingest(stage)
                assert set(live(stage)) == as_rows(clock, model.live) >= as_rows(clock, model.committed)
                assert_verified(stage)

    played()
    assert all(seen.values()), seen


def _behind(model: Model, step: End) -> set[int]:
    """Keys that the end of a transaction makes visible behind the mark."""
    if not step.commits or model.mark is None:
        return set()
    rows = model.open.get(step.producer, {})
    return {key for key, row in rows.items() if row is not None and row[1] is not None and row[1] < model.mark}
