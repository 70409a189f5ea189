"""Verification on random tables: any one cell that was changed behind the engine's back is found."""

import psycopg2
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from datasurface.model import Dataset
from datasurface.testing.snapshots import TableShape
from tests.postgres.merge.play import Step
from tests.postgres.merge.sequences import small_tables
from tests.postgres.merge.tables import TABLE
from tests.support.arena import Arena
from tests.support.stage import PLATFORMS, Stage, Stored

Drawn = tuple[TableShape, list[Step]]


@pytest.mark.slow
def test_any_one_cell_that_was_changed_is_found_by_the_receipts_law(arena: Arena) -> None:
    @settings(
        max_examples=max(settings().max_examples * 2 // 5, 1),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(small_tables(2, 4), st.sampled_from(PLATFORMS), st.integers(0, 2**16), st.integers(0, 2**16))
    def tampering(drawn: Drawn, platform: str, which_row: int, which_cell: int) -> None:
        shape, steps = drawn
        with arena.stage(Dataset(TABLE, columns=shape.columns)) as stage:
            for step in steps:
                stage.put(step.snapshot)
                assert stage.run(platform).error is None
            stored = stage.stored(platform, TABLE)
            assume(stored)
            _change(stage, platform, stored, which_row % len(stored), which_cell % len(shape.columns))
            broken = {check.law for check in stage.verify(platform) if not check.holds}
        assert "L11" in broken

    tampering()


def _change(stage: Stage, platform: str, stored: list[Stored], number: int, at: int) -> None:
    """Give one cell the text that another row has there, or NULL where it may be."""
    row, column = stored[number], stage.dataset(TABLE).columns[at]
    other = next((found.row[at] for found in stored if found.row[at] != row.row[at]), None)
    assume(other != row.row[at] and (other is not None or column.nullable))
    try:
        changed = stage.tamper_with_cell(platform, TABLE, row, column, other)
    except psycopg2.errors.UniqueViolation:
        assume(False)
    assert changed == 1
