"""SQLite databases as sources: what they may be, which values do not pass, and how a read ends that cannot go on."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from attrs import evolve

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset
from datasurface.results import DatasetCounts
from datasurface.types import BigInt, Decimal, Json, Text, VarChar
from tests.postgres.capture.other import refused
from tests.support.arena import Arena
from tests.support.records import assert_done
from tests.support.sqlite_source import SQLITE, SqliteProducer
from tests.support.stage import PLATFORMS, Stage

THINGS = Dataset(
    "things",
    columns=[
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("note", Text()),
        Column("price", Decimal(10, 2)),
        Column("data", Json()),
    ],
)


@pytest.fixture
def stage(arena: Arena) -> Iterator[Stage]:
    with arena.stage(THINGS, other=SQLITE) as stage:
        stage.put({"things": [(str(number), "zyx", "1.50", "{}") for number in range(1, 9)]})
        yield stage


def _producer(stage: Stage) -> SqliteProducer:
    assert isinstance(stage.other, SqliteProducer)
    return stage.other


MISFITS = {
    "CAST(x'7a007a' AS TEXT)": ("column note of things has the character NUL", "in 2 rows, among them (3), (6)"),
    "CAST(x'7aff' AS TEXT)": ("column note of things is not valid UTF-8", "in 2 rows"),
    "x'7a'": ("column note of things is bytes, not text", "in 2 rows"),
}


def test_values_that_do_not_fit_are_counted_and_refused(stage: Stage) -> None:
    for value, words in MISFITS.items():
        with refused(stage, "RefusedData", *words):
            _producer(stage).execute("UPDATE things SET note = VALUE WHERE id % 3 = 0".replace("VALUE", value))
    _producer(stage).execute("UPDATE things SET note = 'zyx'")
    with refused(stage, "RefusedData", "column price of things is no decimal number, in 1 rows, among them (4)"):
        _producer(stage).execute("UPDATE things SET price = 'zyx' WHERE id = 4")
    _producer(stage).execute("UPDATE things SET price = 7 WHERE id = 4")
    with refused(stage, "RefusedData", "column data of things", "invalid_text_representation (22P02)"):
        _producer(stage).execute("UPDATE things SET data = '{zyx' WHERE id = 4")
    _producer(stage).execute("UPDATE things SET data = '[1.0]' WHERE id = 4")

    _run(stage, DatasetCounts(8, 8))
    for platform in PLATFORMS:
        [row] = [row.row for row in stage.stored(platform, "things") if row.row[0] == "4"]
        assert row == ("4", "zyx", "7.00", "[1.0]")


def test_tables_that_are_not_what_the_model_says(stage: Stage) -> None:
    with refused(stage, "SourceUnavailable", "shop has no table things"):
        _producer(stage).execute("ALTER TABLE things RENAME TO others")
    _producer(stage).execute("ALTER TABLE others RENAME TO things")
    with refused(stage, "SourceDrift", "column price is missing"):
        _producer(stage).execute("ALTER TABLE things RENAME COLUMN price TO cost")
    _producer(stage).execute("ALTER TABLE things RENAME COLUMN cost TO price")
    with refused(
        stage, "SourceDrift", "column note is INTEGER, which turns text that looks like a number into one", "Text()"
    ):
        _producer(stage).execute("ALTER TABLE things DROP COLUMN note", "ALTER TABLE things ADD COLUMN note INTEGER")
    _producer(stage).execute("ALTER TABLE things DROP COLUMN note", "ALTER TABLE things ADD COLUMN note text")

    _run(stage, DatasetCounts(8, 8))


def test_a_view_is_read_and_a_virtual_table_is_not(stage: Stage) -> None:
    _producer(stage).execute(
        "ALTER TABLE things RENAME TO stored", "CREATE VIEW things AS SELECT * FROM stored WHERE id > 4"
    )
    _run(stage, DatasetCounts(4, 4))
    with refused(stage, "SourceDrift", "table things is a virtual one"):
        _producer(stage).execute("DROP VIEW things", "CREATE VIRTUAL TABLE things USING fts5(id, note, price, data)")


def test_a_file_that_is_missing_is_not_made(stage: Stage) -> None:
    path = _producer(stage).path
    kept = path.with_suffix(".kept")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = delete")
    with refused(stage, "SourceUnavailable", "cannot open shop", str(path), "unable to open database file"):
        path.rename(kept)
    assert not path.exists()
    with refused(stage, "SourceUnavailable", "file is not a database"):
        path.write_text("zyx" * 4096)
    path.unlink()
    kept.rename(path)

    _run(stage, DatasetCounts(8, 8))


def test_a_read_that_breaks_off_in_the_middle_deletes_nothing(arena: Arena) -> None:
    people = Dataset("people", columns=[Column("id", BigInt(), primary_key=True), Column("name", VarChar(500))])
    with arena.stage(people, other=SQLITE) as stage:
        producer = _producer(stage)
        rows = [(str(number), "x" * 200) for number in range(20_000)]
        stage.put({"people": rows})
        _run(stage, DatasetCounts(20_000, 20_000))
        with closing(sqlite3.connect(producer.path)) as connection:
            connection.execute("PRAGMA journal_mode = delete")
        whole = producer.path.read_bytes()
        with refused(stage, "SourceUnavailable", "database disk image is malformed", allow_deletes=True):
            middle = len(whole) // 2
            producer.path.write_bytes(whole[:middle] + b"\xff" * 40_960 + whole[middle + 40_960 :])
        producer.path.write_bytes(whole)
        _run(stage, DatasetCounts(20_000, 0, 0, 0, 20_000))


def test_a_file_that_stays_locked_is_given_up_after_the_lock_wait(stage: Stage) -> None:
    stage.pipeline.change_platforms(lambda platform: evolve(platform, lock_wait=timedelta(milliseconds=50)))
    with closing(sqlite3.connect(_producer(stage).path, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = delete")
        with refused(stage, "SourceUnavailable", "database is locked"):
            writer.execute("BEGIN EXCLUSIVE")
        writer.execute("ROLLBACK")
    _run(stage, DatasetCounts(8, 8))


def test_a_table_that_takes_too_long_is_given_up_after_the_read_limit(stage: Stage) -> None:
    with refused(stage, "SourceUnavailable", "reading things took longer than 0:00:00"):
        stage.pipeline.change_platforms(lambda platform: evolve(platform, read_limit=timedelta(0)))
    stage.pipeline.change_platforms(lambda platform: evolve(platform, read_limit=timedelta(minutes=1)))
    _run(stage, DatasetCounts(8, 8))


def test_the_file_is_only_read(stage: Stage) -> None:
    path = _producer(stage).path
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = delete")
    before = path.read_bytes(), os.listdir(path.parent)
    _run(stage, DatasetCounts(8, 8))
    assert (path.read_bytes(), os.listdir(path.parent)) == before


def _run(stage: Stage, counts: DatasetCounts) -> None:
    for platform in PLATFORMS:
        result = stage.run(platform, allow_deletes=False)
        assert_done(result)
        assert result.datasets == {stage.datasets[0].name: counts}
