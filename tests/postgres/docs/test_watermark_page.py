"""What the page on watermarks says of windows and limits, where no other test shows it."""

import psycopg2
import pytest
from attrs import evolve

from datasurface.results import DatasetCounts, ResultCode
from datasurface.types import BigInt
from tests.postgres.watermark.reading import (
    ORDERS,
    ingest,
    insert,
    mark,
    orders,
    read_by_watermark,
    read_whole,
    reading,
)
from tests.support.arena import Arena
from tests.support.databases import Database, MakeDatabase
from tests.support.pipeline import LIVE
from tests.support.queries import execute, fetch
from tests.support.stage import PLATFORMS
from tests.unit.docs.markdown import blocks, page

LONGEST, LIMIT = [block.text for block in blocks(page("watermark.md"), "sql")]


def longest(source: Database) -> float:
    """Seconds that the query of the page finds; -1 where no transaction is open."""
    [(seconds,)] = fetch(source, f"SELECT coalesce(extract(epoch FROM ({LONGEST})), -1)::float")  # noqa: S608
    return float(str(seconds))


def test_the_query_shows_transactions_that_are_open_in_the_database(make_database: MakeDatabase) -> None:
    source, other = make_database("customer_db"), make_database("other")
    with psycopg2.connect(other.url) as elsewhere, elsewhere.cursor() as cursor:
        cursor.execute("SELECT")
        assert longest(source) == -1
    elsewhere.close()
    session = psycopg2.connect(source.url)
    with session, session.cursor() as cursor:
        cursor.execute("SELECT")
        session.commit()
        assert longest(source) == -1
        cursor.execute("SELECT")
        begun = longest(source)
        assert 0 <= begun < longest(source)
    session.close()


def test_the_limit_ends_a_transaction_that_is_open_too_long(make_database: MakeDatabase) -> None:
    source = make_database("customer_db")
    [(version,)] = fetch(source, "SELECT current_setting('server_version_num')::int")
    if int(str(version)) < 170000:
        pytest.skip("from PostgreSQL 17 on, as the page says")
    execute(source, LIMIT.replace("customer_db", source.name).replace("10min", "200ms"))
    session = psycopg2.connect(source.url)
    with session.cursor() as cursor:
        cursor.execute("SHOW transaction_timeout")
        assert cursor.fetchall() == [("200ms",)]
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("SELECT pg_sleep(60)")
    assert session.closed


def test_a_number_that_is_too_great_hides_what_comes_after_it_until_a_snapshot(arena: Arena) -> None:
    with reading(arena, BigInt(), window=10) as stage:
        insert(stage, ("1", "a", "100"), ("2", "mistaken", "1000000"))
        ingest(stage)
        insert(stage, ("3", "hidden", "101"))
        assert ingest(stage) == DatasetCounts(read=1, unchanged=1)
        stage.produce(ORDERS, "UPDATE {table} SET changed = 102 WHERE id = 2")
        read_whole(stage.pipeline)
        assert ingest(stage) == DatasetCounts(read=3, inserted=1, updated=1, unchanged=1)
        read_by_watermark(stage.pipeline, window=10)
        ingest(stage)
        assert mark(stage) == "102"
        insert(stage, ("4", "seen", "103"))
        assert ingest(stage).inserted == 1


def test_a_live_row_that_somebody_removed_is_found_by_verify(arena: Arena) -> None:
    with reading(arena, BigInt(), window=10) as stage:
        insert(stage, ("1", "a", "1"), ("2", "b", "100"))
        ingest(stage)
        for platform in PLATFORMS:
            assert stage.tamper(stage.merge_table(platform, ORDERS), "DELETE FROM {table} WHERE id = 1") == 1
        assert ingest(stage) == DatasetCounts(read=1, unchanged=1)
        for platform in PLATFORMS:
            assert [check for check in stage.verify(platform) if not check.holds]


def test_parts_of_two_datasets_are_of_one_moment_only_at_the_end(arena: Arena) -> None:
    with arena.stage(orders(), evolve(orders(), name="items")) as stage:
        read_by_watermark(stage.pipeline, rows_per_batch=1)
        times = [f"2026-01-01 12:0{minute}:00+00" for minute in range(3)]
        both = [(str(key), "a", time) for key, time in enumerate(times)]
        stage.put({ORDERS: both[:1], "items": both})
        codes, held = [], []
        for _ in range(3):
            codes.append(stage.run(LIVE).code)
            held.append([len(stage.stored(LIVE, name)) for name in (ORDERS, "items")])
        assert codes == [ResultCode.KEEP_WORKING, ResultCode.KEEP_WORKING, ResultCode.DONE]
        assert held == [[1, 1], [1, 2], [1, 3]]
