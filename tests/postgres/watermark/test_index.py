"""With an index on the watermark, a batch that reads little costs little at the source."""

from typing import cast

import pytest

from datasurface.model import SqlWatermark
from datasurface.types import BigInt, DataType, Date, Timestamp
from datasurface_yellow.capture.postgres_window import open_window
from datasurface_yellow.capture.window import Mark
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store.connection import place, rows
from datasurface_yellow.store.table import stream_tables
from tests.postgres.watermark.reading import MINUTES, ORDERS, reading
from tests.support.arena import Arena
from tests.support.pipeline import FORENSIC
from tests.support.stage import Stage

FILL = {
    "an instant": (Timestamp(timezone=True), "timestamptz '2026-01-01 00:00:00+00' + i * interval '1 minute'"),
    "a time": (Timestamp(), "timestamp '2026-01-01 00:00:00' + i * interval '1 minute'"),
    "a date": (Date(), "date '1900-01-01' + i"),
    "a number": (BigInt(), "i"),
}


@pytest.mark.parametrize(("kind", "watermark"), FILL.values(), ids=FILL.keys())
@pytest.mark.parametrize("rows_per_batch", [None, 10])
def test_the_rows_that_are_due_are_found_by_the_index(
    arena: Arena, kind: DataType, watermark: str, rows_per_batch: int | None
) -> None:
    window = 10 if isinstance(kind, BigInt) else MINUTES
    with reading(arena, kind, window=window, rows_per_batch=rows_per_batch) as stage:
        stage.produce(ORDERS, f"INSERT INTO {{table}} SELECT i, 'a', {watermark} FROM generate_series(1, 20000) i")  # noqa: S608
        stage.produce(ORDERS, "CREATE INDEX ON {table} (changed)")
        stage.produce(ORDERS, "ANALYZE {table}")
        mark, _ = _plan(stage, {})

        _, plan = _plan(stage, {ORDERS: mark})

        assert "Seq Scan" not in plan
        assert "Index" in plan


def _plan(stage: Stage, marks: dict[str, Mark]) -> tuple[Mark, str]:
    """How far a batch would read, and how the source would find its rows."""
    deployment = stage.pipeline.by_name[FORENSIC]
    platform, [stream] = deployment.platform, deployment.streams
    assert isinstance(platform, YellowDataPlatform)
    assert isinstance(stream.capture, SqlWatermark)
    where = place(stream.capture.container, stage.pipeline.access.credentials)
    tables = stream_tables(deployment, stream, platform.schema)
    with open_window(where, stream.capture, tables, platform, "datasurface test", marks) as snapshot:
        query = f"EXPLAIN SELECT * FROM {snapshot.tables[ORDERS].name} t"  # noqa: S608
        plan = "\n".join(cast(str, line) for (line,) in rows(snapshot.connection, query))
        return snapshot.marks[ORDERS], plan
