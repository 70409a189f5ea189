"""What is refused of a source that is read by a watermark, and names that need quoting."""

import pytest
from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.classification import PII
from datasurface.model import Column, Dataset
from datasurface.results import JobFailure, ResultCode
from datasurface.types import Text, Timestamp
from datasurface_yellow.capture.postgres import PostgresSnapshot
from datasurface_yellow.store.connection import execute
from tests.postgres.watermark.reading import (
    ORDERS,
    assert_verified,
    ingest,
    insert,
    live,
    mark,
    orders,
    read_by_watermark,
    reading,
)
from tests.support.arena import Arena
from tests.support.pipeline import FORENSIC
from tests.support.stage import PLATFORMS, Stage, TextRow

EARLY, NOON, LATER = "2026-01-01 10:00:00+00", "2026-01-01 12:00:00+00", "2026-01-01 13:00:00+00"


def refused(stage: Stage) -> JobFailure:
    """Why both platforms refuse the batch; they say the same, and nothing has changed."""
    before = live(stage), mark(stage)
    failures = [stage.run(platform).error for platform in PLATFORMS]
    assert failures[0] is not None
    assert failures[1] is not None
    assert failures[0].message.split(": ", 1)[1] == failures[1].message.split(": ", 1)[1]
    assert (live(stage), mark(stage)) == before
    return failures[0]


BAD: dict[str, tuple[list[TextRow], str]] = {
    "a new key twice": ([("2", "b", LATER), ("2", "c", LATER)], "more than one row for a key (id): (2)"),
    "a row twice": ([("2", "b", LATER), ("2", "b", LATER)], "more than one row for a key (id): (2)"),
    "a live key twice": ([("1", "a", NOON)], "more than one row for a key (id): (1)"),
    "no key": ([(None, "b", LATER)], "key column id of orders is NULL in 1 rows"),
    "no key and no watermark": ([(None, "b", None)], "key column id of orders is NULL in 1 rows"),
}


@pytest.mark.parametrize(("rows", "words"), BAD.values(), ids=BAD.keys())
def test_a_batch_with_bad_keys_is_refused_and_the_next_good_one_goes_on(
    arena: Arena, rows: list[TextRow], words: str
) -> None:
    with reading(arena) as stage:
        known = [(str(key), "known", NOON) for key in range(10, 20)]  # so many that changed rows are fetched by key
        insert(stage, ("1", "a", NOON), *known)
        ingest(stage)
        insert(stage, *rows)

        failure = refused(stage)

        assert failure.type == "RefusedData"
        assert words in failure.message
        stage.put({ORDERS: [("1", "a", NOON), ("2", "b", LATER)]})
        assert ingest(stage).inserted == 1
        assert_verified(stage)


def test_a_key_that_is_twice_but_once_in_the_window_is_not_noticed(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", EARLY), ("2", "b", NOON))
        ingest(stage)
        insert(stage, ("1", "again", LATER))
        assert ingest(stage).updated == 1
        assert live(stage)[0] == ("1", "again", LATER)


def test_a_missing_value_is_refused_where_it_is_in_the_window(arena: Arena) -> None:
    columns = [evolve(column, nullable=False) if column.name == "what" else column for column in orders().columns]
    with arena.stage(evolve(orders(), columns=columns)) as stage:
        read_by_watermark(stage.pipeline)
        insert(stage, ("1", "a", NOON))
        ingest(stage)
        insert(stage, ("2", None, EARLY), ("3", None, LATER))
        assert "column what of orders is NULL in 1 rows, among them (3)" in refused(stage).message


def test_keys_in_messages_are_masked_as_their_columns_are(arena: Arena) -> None:
    columns = [evolve(column, classification=PII) for column in orders().columns]
    with arena.stage(evolve(orders(), columns=columns)) as stage:
        read_by_watermark(stage.pipeline)
        insert(stage, ("4711", "a", NOON))
        ingest(stage)
        insert(stage, ("4711", "a", NOON))
        assert "4711" not in str(refused(stage))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ALTER TABLE {table} DROP COLUMN changed", "column changed is missing"),
        ("ALTER TABLE {table} ALTER COLUMN changed TYPE timestamp", "column changed is timestamp without time zone"),
    ],
)
def test_a_watermark_that_is_gone_or_of_another_type_is_drift(arena: Arena, change: str, words: str) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", NOON))
        ingest(stage)
        stage.produce(ORDERS, change)
        failure = refused(stage)
        assert (failure.type, failure.dataset) == ("SourceDrift", ORDERS)
        assert words in failure.message


def test_a_first_batch_with_a_key_twice_loads_nothing(arena: Arena) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", NOON), ("1", "b", NOON))
        results = [stage.run(platform) for platform in PLATFORMS]
        assert [result.error.type for result in results if result.error] == ["RefusedData", "RefusedData"]
        assert live(stage) == []


def test_rows_that_are_not_those_that_the_source_hashed_are_not_committed(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reading(arena) as stage:
        insert(stage, ("1", "a", NOON))
        ingest(stage)
        before = stage.stored(FORENSIC, ORDERS)
        insert(stage, ("2", "b", LATER))
        copy_keys = PostgresSnapshot.copy_keys

        def lie(self: PostgresSnapshot, dataset: str, target: Connection, into: str) -> int:
            count = copy_keys(self, dataset, target, into)
            execute(target, f"UPDATE {into} SET ds_surf_all_hash = ds_surf_all_hash # 1 WHERE id = 2")  # noqa: S608
            return count

        with monkeypatch.context() as patch:
            patch.setattr(PostgresSnapshot, "copy_keys", lie)
            failure = stage.run(FORENSIC).error

        assert failure is not None
        assert failure.type == "ReceiptMismatch"
        assert stage.stored(FORENSIC, ORDERS) == before
        assert stage.run(FORENSIC).code is ResultCode.DONE
        assert len(stage.stored(FORENSIC, ORDERS)) == 2


@pytest.mark.parametrize("hash_at_source", [True, False])
def test_names_and_values_may_hold_what_statements_are_made_of(arena: Arena, hash_at_source: bool) -> None:
    dataset = Dataset(
        "Orders",
        columns=[
            Column('50% "key"', Text(), primary_key=True),
            Column('changed %(at)s "then"', Timestamp()),
        ],
    )
    key = evolve(dataset.columns[0], type=orders().columns[0].type)
    dataset = evolve(dataset, columns=[key, dataset.columns[1]])
    with arena.stage(dataset) as stage:
        read_by_watermark(
            stage.pipeline, column='changed %(at)s "then"', rows_per_batch=1, hash_at_source=hash_at_source
        )
        rows: list[TextRow] = [("1", "2026-01-01 12:00:00"), ("2", "2026-01-01 12:05:00"), ("3", None)]
        stage.put({"Orders": rows})
        for platform in PLATFORMS:
            codes = [stage.run(platform).code for _ in range(3)]
            assert codes == [ResultCode.KEEP_WORKING, ResultCode.DONE, ResultCode.DONE]
            assert sorted(row.row for row in stage.stored(platform, "Orders") if row.is_live) == rows
