"""All datasets of a store are read at one moment of the source, however long the reading takes."""

from typing import cast

import pytest
from attrs import evolve
from psycopg2.sql import SQL, Identifier

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset
from datasurface.types import BigInt
from tests.postgres.conftest import NewPipeline
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import assert_done, assert_laws_hold, is_copied
from tests.support.sessions import Watch, at_work, holding, until

PLATFORMS = [LIVE, FORENSIC]
OPEN = Dataset(
    "open_orders",
    columns=[
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("amount", BigInt(), classification=PUBLIC),
    ],
)
CLOSED = evolve(OPEN, name="closed_orders")


@pytest.fixture
def orders(copied_pipeline: NewPipeline) -> Pipeline:
    """500 orders are open, 500 are closed; a move from the one table to the other is one transaction."""
    return copied_pipeline(
        [OPEN, CLOSED],
        "CREATE TABLE open_orders AS SELECT i AS id, i * 10 AS amount FROM generate_series(1::bigint, 500) i",
        "CREATE TABLE closed_orders AS SELECT i AS id, i * 10 AS amount FROM generate_series(501::bigint, 1000) i",
    )


CLOSE = "WITH gone AS (DELETE FROM open_orders WHERE id = 7 RETURNING *) INSERT INTO closed_orders SELECT * FROM gone"
REOPEN = (
    "WITH gone AS (DELETE FROM closed_orders WHERE id = 507 RETURNING *) INSERT INTO open_orders SELECT * FROM gone"
)


def _seen(pipeline: Pipeline, platform: str) -> list[list[int]]:
    """The ids of the open orders and of the closed ones that consumers see."""
    live = "_live" if platform == FORENSIC else ""
    names = [f"{platform.lower()}_store1_{dataset.name}_merge{live}" for dataset in (OPEN, CLOSED)]
    return [
        [cast(int, id) for (id,) in fetch(pipeline.target, SQL("SELECT id FROM {}").format(Identifier(name)))]
        for name in names
    ]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("move", [CLOSE, REOPEN], ids=["to the table that is read later", "to the one read before"])
@pytest.mark.parametrize("is_first", [True, False], ids=["first load", "later batch"])
def test_a_row_that_moves_between_tables_is_never_seen_twice_or_not_at_all(
    orders: Pipeline, platform: str, move: str, is_first: bool, watch: Watch
) -> None:
    if not is_first:
        assert_done(orders.run(platform))
    # Held here, the job has read open_orders and not yet closed_orders.
    second = f"{platform.lower()}_store1_closed_orders_{'merge' if is_first else 'staging'}"
    with (
        holding(orders.target, f"LOCK TABLE {second} IN SHARE MODE") as gate,
        at_work(orders, platform) as job,
    ):
        until(watch.waits_for_lock(orders.target), job)
        orders.producer(move)
        gate.rollback()
        assert_done(job.result())
    is_open, is_closed = _seen(orders, platform)
    assert (len(is_open), len(is_closed)) == (500, 500)
    assert sorted([*is_open, *is_closed]) == list(range(1, 1001))

    assert_done(orders.run(platform))

    assert is_copied(orders, platform, "open_orders")
    assert is_copied(orders, platform, "closed_orders")
    assert_laws_hold(orders, platform)


def test_the_moment_is_logged(orders: Pipeline) -> None:
    assert_done(orders.run(LIVE))
    execute(orders.source, CLOSE)
    assert_done(orders.run(LIVE))

    snapshots = orders.query("SELECT source_snapshot::pg_snapshot::text FROM yellowlive_batch_metrics ORDER BY batch")

    assert snapshots[0] != snapshots[1]
