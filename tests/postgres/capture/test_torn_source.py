"""A producer that moves rows from one table to another while a job reads: every committed batch holds each row once."""

from collections.abc import Iterator
from random import Random

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from datasurface.model import Column, Dataset
from datasurface.types import BigInt
from datasurface_yellow.store.connection import execute
from tests.postgres.conftest import NewPipeline
from tests.postgres.merge.mutations import broken
from tests.postgres.merge.variant import in_source
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import fetch
from tests.support.records import assert_done
from tests.support.statements import HeardConnection, Moment, When, heard

ACCOUNTS, ARCHIVE = (
    Dataset(name, columns=[Column("id", BigInt(), primary_key=True), Column("amount", BigInt(), nullable=False)])
    for name in ("accounts", "archive")
)
COUNT, AMOUNT = 40, 100
PRODUCER = (
    "CREATE TABLE accounts (id bigint PRIMARY KEY, amount bigint NOT NULL)",
    "CREATE TABLE archive (id bigint PRIMARY KEY, amount bigint NOT NULL)",
    f"INSERT INTO accounts SELECT i, {AMOUNT} FROM generate_series(1, {COUNT}) i",  # noqa: S608 numbers of ours
)
BATCHES = 10

_MOVE = """
    BEGIN;
    WITH moved AS (DELETE FROM {source} WHERE id %% 7 = {part} RETURNING *) INSERT INTO {target} SELECT * FROM moved;
    UPDATE {target} SET amount = amount - 1 WHERE id = (SELECT min(id) FROM {target});
    UPDATE {target} SET amount = amount + 1 WHERE id = (SELECT max(id) FROM {target});
    COMMIT"""


class Mover:
    """Moves some rows from one table to the other and some of an amount between two of them, in one transaction, before
    every statement of a job.
    """

    def __init__(self, producer: Connection) -> None:
        self.producer, self.random, self.moves = producer, Random(3), 0

    def __call__(self, moment: Moment, _session: HeardConnection) -> None:
        if moment.when is not When.AFTER:
            source, target = self.random.sample(["accounts", "archive"], 2)
            execute(self.producer, _MOVE.format(source=source, target=target, part=self.random.randrange(7)))
            self.moves += 1


@pytest.fixture
def pipeline(copied_pipeline: NewPipeline) -> Pipeline:
    return copied_pipeline([ACCOUNTS, ARCHIVE], *PRODUCER)


@pytest.fixture
def mover(pipeline: Pipeline) -> Iterator[Mover]:
    producer = psycopg2.connect(pipeline.source.url)
    producer.autocommit = True
    yield Mover(producer)
    producer.close()


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
def test_rows_that_are_moved_between_two_tables_while_they_are_read_are_in_every_batch_once(
    pipeline: Pipeline, mover: Mover, platform: str
) -> None:
    for _ in range(BATCHES):
        moves = mover.moves
        _run_beside(mover, pipeline, platform)
        assert mover.moves - moves > 20
        assert _standing(pipeline, platform) == (COUNT, COUNT, COUNT * AMOUNT)


def test_a_job_that_reads_each_table_at_another_moment_is_found_out(pipeline: Pipeline, mover: Mover) -> None:
    with broken([in_source("ISOLATION LEVEL REPEATABLE READ", "ISOLATION LEVEL READ COMMITTED")]):
        _run_beside(mover, pipeline, LIVE)

    assert _standing(pipeline, LIVE) != (COUNT, COUNT, COUNT * AMOUNT)


def _run_beside(mover: Mover, pipeline: Pipeline, platform: str) -> None:
    with heard(lambda _: mover, {pipeline.source.name: "source", pipeline.target.name: "target"}):
        assert_done(pipeline.run(platform))


def _standing(pipeline: Pipeline, platform: str) -> tuple[object, ...]:
    """Rows, different ids and the sum of all amounts, as consumers read them in one statement."""
    live = " WHERE ds_surf_batch_out = 2147483647" if platform == FORENSIC else ""
    prefix = f"{platform.lower()}_store1"
    accounts, archive = (f"TABLE {prefix}_{name}_merge" for name in ("accounts", "archive"))
    read = f"SELECT count(*), count(DISTINCT id), sum(amount)::bigint FROM ({accounts} UNION ALL {archive}) m{live}"  # noqa: S608 names of ours
    [found] = fetch(pipeline.target, read)
    return found
