# ruff: noqa: S608 every name in these statements went through the quoting function
"""Histories from which a person is erased, or whose old part is pruned, against the oracle: they are what they would be
if the person had never been in a snapshot, or without the versions that ended before the horizon.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import cast

import pytest
from attrs import frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasurface.milestoning.oracle import ForensicTable, LiveTable, merge
from datasurface.milestoning.rows import Key, Layout, Version
from datasurface.model import Dataset
from datasurface.results import DatasetCounts, ResultCode
from datasurface.testing.snapshots import Case, cases
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.quoting import identifier, qualified
from tests.postgres.erasure.aging import grow_old, need_history_for
from tests.postgres.merge.differences import rows_differ, verify_complains
from tests.postgres.merge.tables import TABLE
from tests.support.arena import Arena
from tests.support.length import long_or
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.stage import PLATFORMS, STORE, Rows, Stage


class Order(Enum):
    """What happens to the history, in which order."""

    FORGET = ("forget",)
    PRUNE = ("prune",)
    FORGET_PRUNE = ("forget", "prune")
    PRUNE_FORGET = ("prune", "forget")
    FORGET_ROLLBACK = ("forget", "rollback")
    ROLLBACK_FORGET = ("rollback", "forget")


@frozen
class Plan:
    """A history and what happens to it.

    Attributes:
        case: the table and its snapshots.
        before: how many of them are merged before it happens.
        at: chooses the batch that is the horizon, or is gone back to.
        person: chooses who is erased, among all that the snapshots have.
    """

    case: Case
    order: Order
    before: int
    at: int
    person: int

    @property
    def layout(self) -> Layout:
        return self.case.shape.layout

    @property
    def batch(self) -> int:
        return 1 + self.at % self.before

    @property
    def key(self) -> Key | None:
        """Who is erased; None where no snapshot has a row."""
        keys = sorted({self.layout.key_of(row) for rows in self.case.snapshots for row in rows})
        return keys[self.person % len(keys)] if keys else None

    def without(self, rows: Rows) -> Rows:
        return [row for row in rows if self.layout.key_of(row) != self.key]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    case = draw(cases(3, 5))
    number = st.integers(0, 59)
    before = draw(st.integers(2, len(case.snapshots) - 1))
    return Plan(case, draw(st.sampled_from(Order)), before, draw(number), draw(number))


EXAMPLES = settings(
    max_examples=long_or(100, 5), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@pytest.mark.slow
def test_what_is_left_is_what_would_have_been(arena: Arena) -> None:
    @EXAMPLES
    @given(plans())
    def histories(plan: Plan) -> None:
        with arena.stage(Dataset(TABLE, columns=plan.case.shape.columns)) as stage:
            _live_through(stage, plan)

    histories()


def _live_through(stage: Stage, plan: Plan) -> None:
    need_history_for(stage.pipeline)
    snapshots: list[Rows] = list(plan.case.snapshots)
    numbers = list(range(1, plan.before + 1))
    for rows_ in snapshots[: plan.before]:
        _merge(stage, rows_)
    done = _do(stage, plan)
    if "rollback" in done:
        numbers = numbers[: plan.batch]
    gone, horizon = "forget" in done, plan.batch if "prune" in done else 0
    merged = [plan.without(rows_) if gone else rows_ for rows_ in snapshots[: len(numbers)]]
    _compare(stage, plan, dict(zip(numbers, merged, strict=True)), horizon)
    for number, rows_ in enumerate(snapshots[plan.before :], start=plan.before + 1):
        numbers.append(number)
        merged.append(plan.without(rows_) if gone else rows_)
        _merge(stage, merged[-1])
    _compare(stage, plan, dict(zip(numbers, merged, strict=True)), horizon)


def _merge(stage: Stage, snapshot: Rows) -> None:
    stage.put({TABLE: snapshot})
    for platform in PLATFORMS:
        result = stage.run(platform)
        assert result.code is ResultCode.DONE, result.error


def _do(stage: Stage, plan: Plan) -> Sequence[str]:
    """What was done; a forensic table alone is pruned and rolled back, and a live one goes with it."""
    done = []
    for step in plan.order.value:
        if step == "forget" and plan.key is not None:
            for platform in PLATFORMS:
                runtime = stage.pipeline.runtime(platform)
                key = tuple(str(cell) for cell in plan.key)
                runtime.forget(STORE, TABLE, [key], even_if_at_source=True)
            done.append(step)
        elif step == "prune":
            log = qualified(stage.schema, naming.batch_metrics(FORENSIC))
            execute(stage.consumer, grow_old(log, plan.batch))
            [pruned] = stage.pipeline.runtime(FORENSIC).prune_history(STORE)
            assert pruned.horizon == plan.batch
            done += [step] * bool(pruned.versions)
        elif step == "rollback" and plan.batch < plan.before:
            stage.pipeline.runtime(FORENSIC).rollback(STORE, plan.batch)
            # What a live table was then is not kept: it merges the snapshot again.
            stage.put({TABLE: plan.case.snapshots[plan.batch - 1]})
            done.append(step)
    return done


def _compare(stage: Stage, plan: Plan, merged: dict[int, Rows], horizon: int) -> None:
    forensic, live, counts = ForensicTable(), LiveTable(), dict[int, DatasetCounts]()
    for batch, snapshot in merged.items():
        forensic, counts[batch] = merge(forensic, snapshot, plan.layout, batch, allow_deletes=True)
        live, _ = merge(live, snapshot, plan.layout, batch, allow_deletes=True)
    kept: Iterable[Version] = [version for version in forensic.versions if version.batch_out >= horizon]
    differences = [*rows_differ(FORENSIC, stage.stored(FORENSIC, TABLE), kept)]
    rolled_back = "rollback" in plan.order.value and plan.batch < plan.before
    if not rolled_back:
        differences += rows_differ(LIVE, stage.stored(LIVE, TABLE), live.versions)
    for platform in PLATFORMS:
        differences += verify_complains(platform, stage.verify(platform))
        assert plan.key is None or "forget" not in plan.order.value or not _staged(stage, plan, platform)
    assert not differences
    logged = _logged_counts(stage)
    assert {batch: logged[batch] for batch in counts if batch > horizon} == {
        batch: found for batch, found in counts.items() if batch > horizon
    }


def _staged(stage: Stage, plan: Plan, platform: str) -> bool:
    """Whether staging has a row of the person."""
    columns = [column for column in plan.case.shape.columns if column.primary_key]
    texts = ", ".join(f"{identifier(column.name)}::text" for column in columns)
    found = rows(stage.consumer, f"SELECT {texts} FROM {stage.staging_table(platform, TABLE)}")
    return plan.key in found


def _logged_counts(stage: Stage) -> dict[int, DatasetCounts]:
    log = qualified(stage.schema, naming.batch_metrics(FORENSIC))
    found = cast(
        "list[tuple[int, dict[str, dict[str, int]]]]", rows(stage.consumer, f"SELECT batch, datasets FROM {log}")
    )
    names = ("read", "inserted", "updated", "deleted", "unchanged")
    return {batch: DatasetCounts(*(document[TABLE][name] for name in names)) for batch, document in found}
