"""What becomes of a mark when batches are taken back, and when the model changes."""

from attrs import evolve

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset
from datasurface.results import DatasetCounts, ResultCode
from datasurface.types import BigInt, Integer, Text
from tests.postgres.watermark.reading import (
    ORDERS,
    assert_verified,
    change,
    done,
    ingest,
    insert,
    level,
    live,
    logged,
    mark,
    orders,
    read_by_watermark,
    read_whole,
    reading,
)
from tests.support.arena import Arena
from tests.support.pipeline import FORENSIC
from tests.support.stage import PLATFORMS, STORE, Stage

EARLY, NOON, LATER = "2026-01-01 10:00:00+00", "2026-01-01 12:00:00+00", "2026-01-01 13:00:00+00"


def forensic_mark(stage: Stage) -> object:
    """The watermark up to which the forensic platform has read."""
    noted = logged(stage)["watermark"]
    assert isinstance(noted, dict)
    return noted["value"]


def two_batches(stage: Stage) -> None:
    """The second one has read up to LATER."""
    insert(stage, ("1", "a", EARLY), ("2", "b", NOON))
    ingest(stage)
    insert(stage, ("3", "c", LATER))
    change(stage, "1", "A", LATER)
    ingest(stage)


def test_a_rollback_takes_the_mark_back_and_the_next_batch_reads_from_there(arena: Arena) -> None:
    with reading(arena) as stage:
        two_batches(stage)
        held = live(stage)
        stage.pipeline.runtime(FORENSIC).rollback(STORE, 1)
        assert forensic_mark(stage) == NOON

        counts = done(stage, FORENSIC).datasets[ORDERS]

        assert counts == DatasetCounts(read=3, inserted=1, updated=1, unchanged=1)
        assert (live(stage), forensic_mark(stage)) == (held, LATER)
        assert_verified(stage)


def test_a_rollback_to_the_time_before_the_first_batch_leaves_no_mark(arena: Arena) -> None:
    with reading(arena) as stage:
        two_batches(stage)
        stage.pipeline.runtime(FORENSIC).rollback(STORE, 0)
        assert done(stage, FORENSIC).datasets[ORDERS] == DatasetCounts(read=3, inserted=3)


def test_a_replay_brings_the_mark_back(arena: Arena) -> None:
    with reading(arena) as stage:
        two_batches(stage)
        held = live(stage)
        stage.pipeline.runtime(FORENSIC).rollback(STORE, 1)
        stage.produce(ORDERS, "DELETE FROM {table} WHERE id <> 2")

        stage.pipeline.runtime(FORENSIC).replay(STORE)

        assert (live(stage), forensic_mark(stage)) == (held, LATER)
        assert done(stage, FORENSIC).datasets[ORDERS] == DatasetCounts()
        assert_verified(stage)


def test_a_batch_that_is_reset_is_read_again_from_the_mark_of_the_one_before(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", EARLY), ("2", "b", NOON))
        ingest(stage)
        insert(stage, ("3", "c", LATER))
        assert done(stage, FORENSIC, budget=0.0).code is ResultCode.KEEP_WORKING
        assert forensic_mark(stage) == NOON
        stage.pipeline.runtime(FORENSIC).reset(STORE)
        insert(stage, ("4", "d", NOON))

        assert done(stage, FORENSIC).datasets[ORDERS] == DatasetCounts(read=3, inserted=2, unchanged=1)


def test_from_a_snapshot_to_a_watermark_all_is_read_once_and_nothing_deleted(arena: Arena) -> None:
    with reading(arena) as stage:
        read_whole(stage.pipeline)
        insert(stage, ("1", "a", EARLY), ("2", "b", NOON), ("3", "c", EARLY))
        ingest(stage)
        assert "watermark" not in logged(stage)
        read_by_watermark(stage.pipeline)
        change(stage, "1", "A", EARLY)
        stage.produce(ORDERS, "DELETE FROM {table} WHERE id = 3")

        assert ingest(stage) == DatasetCounts(read=2, updated=1, unchanged=1)
        assert (level(stage), mark(stage)) == ("window", NOON)
        assert ingest(stage) == DatasetCounts(read=1, unchanged=1)
        assert [row[:2] for row in live(stage)] == [("1", "A"), ("2", "b"), ("3", "c")]
        assert_verified(stage)


def test_from_a_watermark_to_a_snapshot_the_next_batch_finds_what_was_not_seen(arena: Arena) -> None:
    with reading(arena) as stage:
        two_batches(stage)
        insert(stage, ("4", "below the window", EARLY))
        change(stage, "2", "B", NOON)
        stage.produce(ORDERS, "DELETE FROM {table} WHERE id = 3")
        assert ingest(stage) == DatasetCounts(read=1, unchanged=1)
        read_whole(stage.pipeline)

        assert ingest(stage) == DatasetCounts(read=3, inserted=1, updated=1, deleted=1, unchanged=1)
        assert set(live(stage)) == set(stage.source_rows(ORDERS))
        assert_verified(stage)

        read_by_watermark(stage.pipeline)
        assert ingest(stage) == DatasetCounts(read=3, unchanged=3)
        assert_verified(stage)


def assert_reads_all_once(stage: Stage) -> None:
    """The next batch also sees a row that changed under a watermark far below the mark, the one after it does not."""
    change(stage, "2", "changed unseen", EARLY)
    assert ingest(stage) == DatasetCounts(read=2, updated=1, unchanged=1)
    change(stage, "2", "changed again", EARLY)
    assert ingest(stage) == DatasetCounts(read=1, unchanged=1)
    assert_verified(stage)


def two_orders(stage: Stage) -> None:
    """One batch, up to NOON, with a row that no later batch reads."""
    insert(stage, ("1", "a", NOON), ("2", "b", EARLY))
    ingest(stage)


def test_by_another_column_all_is_read_once(arena: Arena) -> None:
    with reading(arena, BigInt(), window=1) as stage:
        insert(stage, ("1", "a", "5000"), ("2", "b", "10"))
        ingest(stage)
        read_by_watermark(stage.pipeline, column="id", window=1)
        change(stage, "2", "changed unseen", "10")
        insert(stage, ("900", "c", "10"))

        assert ingest(stage) == DatasetCounts(read=3, inserted=1, updated=1, unchanged=1)
        assert mark(stage) == "900"
        insert(stage, ("899", "late", "10"), ("898", "too late", "10"))
        assert ingest(stage) == DatasetCounts(read=2, inserted=1, unchanged=1)
        assert_verified(stage)


def test_from_another_table_all_is_read_once(arena: Arena) -> None:
    with reading(arena) as stage:
        two_orders(stage)
        stage.produce(ORDERS, "ALTER TABLE {table} RENAME TO moved")
        read_by_watermark(stage.pipeline, tables={ORDERS: "moved"})
        stage.produce(ORDERS, f"CREATE VIEW {{table}} AS TABLE {stage.source_table('moved')}")
        assert_reads_all_once(stage)


def test_under_another_schema_all_is_read_once(arena: Arena) -> None:
    with reading(arena) as stage:
        two_orders(stage)
        columns = [evolve(column, nullable=False) if column.name == "what" else column for column in orders().columns]
        put_in_force(stage, evolve(orders(), columns=columns))
        assert_reads_all_once(stage)


def test_values_of_a_column_that_was_added_are_read_whatever_their_watermark(arena: Arena) -> None:
    with reading(arena) as stage:
        two_orders(stage)
        stage.produce(ORDERS, "ALTER TABLE {table} ADD COLUMN nick text DEFAULT 'n'")
        apply(stage, evolve(orders(), columns=[*orders().columns, Column("nick", Text(), classification=PUBLIC)]))

        assert ingest(stage) == DatasetCounts(read=2, updated=2)
        assert ingest(stage) == DatasetCounts(read=1, unchanged=1)
        assert_verified(stage)


def test_a_watermark_that_is_widened_is_read_from_its_first_row_once(arena: Arena) -> None:
    with reading(arena, Integer(), window=1) as stage:
        insert(stage, ("1", "a", "100"), ("2", "b", "10"))
        ingest(stage)
        apply(stage, orders(BigInt()))
        insert(stage, ("3", "c", "11"))

        assert ingest(stage) == DatasetCounts(read=3, inserted=1, unchanged=2)
        assert mark(stage) == "100"
        assert ingest(stage) == DatasetCounts(read=1, unchanged=1)
        assert_verified(stage)


def test_a_wider_window_needs_no_other_mark(arena: Arena) -> None:
    with reading(arena, BigInt(), window=1) as stage:
        insert(stage, ("1", "a", "100"))
        ingest(stage)
        insert(stage, ("2", "below", "98"), ("3", "far below", "89"))
        assert ingest(stage) == DatasetCounts(read=1, unchanged=1)
        read_by_watermark(stage.pipeline, window=10)
        assert ingest(stage) == DatasetCounts(read=2, inserted=1, unchanged=1)


def test_a_job_that_fails_at_the_source_leaves_the_mark(arena: Arena) -> None:
    with reading(arena) as stage:
        two_orders(stage)
        insert(stage, ("3", "c", LATER))
        stage.produce(ORDERS, "ALTER TABLE {table} RENAME TO away")
        for platform in PLATFORMS:
            assert stage.run(platform).code is ResultCode.ERROR
        assert mark(stage) == NOON
        stage.produce(ORDERS, f"ALTER TABLE {stage.source_table('away')} RENAME TO {ORDERS}")
        assert ingest(stage) == DatasetCounts(read=2, inserted=1, unchanged=1)


def apply(stage: Stage, dataset: Dataset) -> None:
    """Apply the dataset in another form on both platforms."""
    put_in_force(stage, dataset)
    for platform in PLATFORMS:
        stage.pipeline.runtime(platform).apply()


def put_in_force(stage: Stage, dataset: Dataset) -> None:
    """Let both platforms have the dataset in another form from now on."""
    pipeline = stage.pipeline
    for name, deployment in pipeline.by_name.items():
        streams = tuple(evolve(stream, datasets=(dataset,)) for stream in deployment.streams)
        pipeline.by_name = {**pipeline.by_name, name: evolve(deployment, streams=streams)}
