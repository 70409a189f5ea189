"""Sources that send their rows to be compared at the target: refused where they break a rule of their dataset, read in
one moment, and complete or not at all.
"""

import tracemalloc
from collections.abc import Iterator, Mapping
from random import Random

import pytest

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset
from datasurface.results import DatasetCounts
from datasurface.types import BigInt, Text, VarChar
from tests.postgres.capture.other import KINDS, other_source, refused
from tests.postgres.merge.mutations import SqlEdit, broken
from tests.support.arena import Arena
from tests.support.other_sources import OtherSource
from tests.support.records import assert_done
from tests.support.stage import PLATFORMS, Rows, Stage
from tests.support.statements import HeardConnection, Moment, When, heard

PEOPLE = Dataset(
    "people",
    columns=[
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("name", VarChar(50), nullable=False),
    ],
)
PETS = Dataset("pets", columns=[Column("id", BigInt(), primary_key=True), Column("owner", BigInt())])

GOOD: Rows = [(str(number), f"zyx-{number}") for number in range(1, 201)]
BAD: dict[str, tuple[Rows, str]] = {
    "a key twice": ([*GOOD, ("7", "zyx")], "more than one row for a key (id): (7)"),
    "a new key twice": ([*GOOD, ("900", "zyx"), ("900", "zyx")], "more than one row for a key (id): (900)"),
    "NULL in a key": ([*GOOD, (None, "zyx")], "key column id of people is NULL in 1 rows, among them (NULL)"),
    "NULL in a required column": ([*GOOD, ("900", None)], "column name of people is NULL in 1 rows, among them (900)"),
}
TOO_FEW: dict[str, tuple[Rows, str]] = {
    "no rows": ([], "has 0 rows where there were 200"),
    "too many deletes": (GOOD[101:], "would delete 101 of 200 rows, more than 50%"),
}


@pytest.fixture(params=KINDS)
def other(request: pytest.FixtureRequest) -> OtherSource:
    return other_source(str(request.param), request)


@pytest.fixture
def stage(arena: Arena, other: OtherSource) -> Iterator[Stage]:
    with arena.stage(PEOPLE, PETS, other=other) as stage:
        yield stage


def test_bad_rows_are_refused_by_a_first_load_and_by_later_batches(stage: Stage) -> None:
    pets: Mapping[str, Rows] = {"pets": [("1", "2")]}
    for rows, words in BAD.values():
        with refused(stage, "RefusedData", words):
            stage.put({"people": rows, **pets})
    stage.put({"people": GOOD, **pets})
    _run(stage, people=DatasetCounts(200, 200), pets=DatasetCounts(1, 1))
    for rows, words in [*BAD.values(), *TOO_FEW.values()]:
        with refused(stage, "RefusedData", words):
            stage.put({"people": rows, **pets})
    stage.put({"people": [("1", "zyx-other"), *GOOD[2:]], **pets})
    _run(stage, people=DatasetCounts(199, 0, 1, 1, 198), pets=DatasetCounts(1, 0, 0, 0, 1))


ACCOUNTS, ARCHIVE = (
    Dataset(name, columns=[Column("id", BigInt(), primary_key=True), Column("amount", BigInt(), nullable=False)])
    for name in ("accounts", "archive")
)
COUNT, AMOUNT = 40, 100
NO_SNAPSHOT = {
    "SQLite": SqlEdit("capture/sqlite.sql.j2", "BEGIN DEFERRED", "SELECT 1"),
    "MariaDB": SqlEdit("capture/mysql.sql.j2", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", "DO 0"),
}


class Mover:
    """Deals the accounts to two tables anew, and some of their amounts, before every statement of a job."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.random, self.moves = stage, Random(5), 0

    def __call__(self, moment: Moment, _session: HeardConnection) -> None:
        if moment.when is not When.AFTER:
            self.move()

    def move(self) -> None:
        amounts = [AMOUNT] * COUNT
        for _ in range(4):
            giver, taker = self.random.sample(range(COUNT), 2)
            amounts[giver], amounts[taker] = amounts[giver] - 1, amounts[taker] + 1
        dealt: dict[str, list[tuple[str, str]]] = {"accounts": [], "archive": []}
        for number, amount in enumerate(amounts):
            dealt[self.random.choice(["accounts", "archive"])].append((str(number), str(amount)))
        self.stage.put(dealt)
        self.moves += 1


def test_rows_that_are_moved_while_they_are_read_are_in_every_batch_once(arena: Arena, other: OtherSource) -> None:
    with arena.stage(ACCOUNTS, ARCHIVE, other=other) as stage:
        mover = Mover(stage)
        mover.move()
        for _ in range(3):
            for platform in PLATFORMS:
                moves = mover.moves
                _run_beside(mover, platform)
                assert mover.moves - moves > 10
                assert _totals(stage, platform) == (COUNT, COUNT, COUNT * AMOUNT)


def test_a_job_that_reads_each_table_at_another_moment_is_found_out(arena: Arena, other: OtherSource) -> None:
    with arena.stage(ACCOUNTS, ARCHIVE, other=other) as stage:
        mover = Mover(stage)
        mover.move()
        with broken([NO_SNAPSHOT[other.name]]):
            _run_beside(mover, PLATFORMS[0])

        assert _totals(stage, PLATFORMS[0]) != (COUNT, COUNT, COUNT * AMOUNT)


def _run_beside(mover: Mover, platform: str) -> None:
    pipeline = mover.stage.pipeline
    with heard(lambda _: mover, {pipeline.source.name: "source", pipeline.target.name: "target"}):
        assert_done(mover.stage.run(platform))


def _totals(stage: Stage, platform: str) -> tuple[int, int, int]:
    """Rows, different ids and the sum of all amounts."""
    live = [row.row for name in ("accounts", "archive") for row in stage.stored(platform, name) if row.is_live]
    return len(live), len({row[0] for row in live}), sum(int(row[1] or 0) for row in live)


def _run(stage: Stage, **counts: DatasetCounts) -> None:
    for platform in PLATFORMS:
        result = stage.run(platform, allow_deletes=False)
        assert_done(result)
        assert result.datasets == counts
        assert all(check.holds for check in stage.verify(platform))


LONG = Dataset("long", columns=[Column("id", BigInt(), primary_key=True), Column("text", Text())])
_MANY = {
    "SQLite": "INSERT INTO `long` WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
    "SELECT i, printf('%01000d', i) FROM n",
    "MariaDB": "INSERT INTO `long` SELECT seq, LPAD(seq, 1000, '0') FROM seq_1_to_60000",
}


@pytest.mark.slow
def test_memory_does_not_grow_with_the_table(arena: Arena, other: OtherSource) -> None:
    """60 MB of rows pass through, and a few of these are in memory at once."""
    with arena.stage(LONG, other=other) as stage:
        assert stage.other is not None
        stage.other.execute(_MANY[other.name])
        tracemalloc.start()
        try:
            assert_done(stage.run(PLATFORMS[0]))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(stage.stored(PLATFORMS[0], "long")) == 60_000
    assert peak < 25e6
