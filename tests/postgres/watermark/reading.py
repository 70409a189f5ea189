"""A table of orders that is read by its watermark, as the tests of this folder need it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

from datasurface.classification import PUBLIC
from datasurface.model import Capture, Column, Dataset, SqlSnapshot, SqlWatermark
from datasurface.model.datastore import SqlCapture
from datasurface.results import DatasetCounts, JobResult, ResultCode
from datasurface.types import BigInt, DataType, Text, Timestamp
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import rows
from datasurface_yellow.store.quoting import qualified
from tests.support.arena import Arena
from tests.support.pipeline import FORENSIC, Pipeline
from tests.support.stage import PLATFORMS, Stage, TextRow

ORDERS = "orders"
MINUTES = timedelta(minutes=10)


def orders(watermark: DataType | None = None) -> Dataset:
    """Orders with an id, what is in them, and when they were changed."""
    return Dataset(
        ORDERS,
        columns=[
            Column("id", BigInt(), primary_key=True, classification=PUBLIC),
            Column("what", Text(), classification=PUBLIC),
            Column("changed", watermark or Timestamp(timezone=True), classification=PUBLIC),
        ],
    )


def read_by_watermark(
    pipeline: Pipeline,
    *,
    column: str = "changed",
    window: timedelta | int = MINUTES,
    rows_per_batch: int | None = None,
    tables: Mapping[str, str] | None = None,
    hash_at_source: bool = True,
) -> None:
    """Let both platforms read by a watermark from now on."""

    def change(capture: Capture) -> Capture:
        assert isinstance(capture, SqlCapture)
        return SqlWatermark(
            capture.container,
            schema=capture.schema,
            tables=tables or {},
            column=column,
            window=window,
            rows_per_batch=rows_per_batch,
            hash_at_source=hash_at_source,
        )

    pipeline.change_captures(change)


def read_whole(pipeline: Pipeline) -> None:
    """Let both platforms read all rows from now on."""

    def change(capture: Capture) -> Capture:
        assert isinstance(capture, SqlCapture)
        return SqlSnapshot(capture.container, schema=capture.schema)

    pipeline.change_captures(change)


@contextmanager
def reading(
    arena: Arena,
    watermark: DataType | None = None,
    *,
    window: timedelta | int = MINUTES,
    rows_per_batch: int | None = None,
) -> Iterator[Stage]:
    """A stage whose orders are read by their watermark."""
    with arena.stage(orders(watermark)) as stage:
        read_by_watermark(stage.pipeline, window=window, rows_per_batch=rows_per_batch)
        yield stage


def insert(stage: Stage, *new: TextRow) -> None:
    """New orders, committed at once."""
    cells = {f"c{at}": cell for at, cell in enumerate(cell for row in new for cell in row)}
    names = iter(cells)
    values = ", ".join("(" + ", ".join(f"%({next(names)})s" for _ in row) + ")" for row in new)
    with stage.producer.cursor() as cursor:
        cursor.execute(f"INSERT INTO {stage.source_table(ORDERS)} VALUES {values}", cells)  # noqa: S608


def change(stage: Stage, key: str, what: str, changed: str | None) -> None:
    """Change one order, committed at once."""
    with stage.producer.cursor() as cursor:
        cursor.execute(
            f"UPDATE {stage.source_table(ORDERS)} SET what = %s, changed = %s WHERE id = %s",  # noqa: S608
            (what, changed, key),
        )


def logged(stage: Stage, platform: str = FORENSIC) -> Mapping[str, object]:
    """What the batch log has of the orders in the last committed batch."""
    log = qualified(stage.schema, naming.batch_metrics(platform))
    newest = "status = 'COMMITTED' ORDER BY batch DESC LIMIT 1"
    [(document,)] = rows(stage.consumer, f"SELECT datasets -> 'orders' FROM {log} WHERE {newest}")  # noqa: S608
    return cast("Mapping[str, object]", document)


def mark(stage: Stage, *platforms: str) -> str | None:
    """The watermark up to which both platforms have read, or those that are named."""
    marks = {
        cast("Mapping[str, str | None]", logged(stage, platform)["watermark"])["value"]
        for platform in platforms or PLATFORMS
    }
    [found] = marks
    return found


def level(stage: Stage) -> object:
    """How the last committed batch found what changed."""
    return logged(stage)["level"]


def ingest(stage: Stage) -> DatasetCounts:
    """One batch on both platforms, which have the same to say of it; what it did."""
    results = [done(stage, platform) for platform in PLATFORMS]
    assert results[0].datasets == results[1].datasets
    assert results[0].code is results[1].code
    return results[0].datasets[ORDERS]


def done(stage: Stage, platform: str, *, budget: float | None = None) -> JobResult:
    """One job that ends well."""
    result = stage.run(platform, budget=budget)
    assert result.error is None, result.error
    assert result.code in (ResultCode.DONE, ResultCode.KEEP_WORKING)
    return result


def live(stage: Stage) -> Sequence[TextRow]:
    """The live rows, which are the same on both platforms, in the order of their ids."""
    found = [
        sorted((row.row for row in stage.stored(platform, ORDERS) if row.is_live), key=lambda row: int(str(row[0])))
        for platform in PLATFORMS
    ]
    assert found[0] == found[1]
    return found[0]


def assert_verified(stage: Stage) -> None:
    """Every law that can be checked on the real tables holds."""
    for platform in PLATFORMS:
        assert [check for check in stage.verify(platform) if not check.holds] == []
