"""Scenarios of what happens from outside while batches run: tampering, and a producer that does not stand still."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from datasurface.model import Column, Dataset
from datasurface.results import ResultCode
from datasurface.types import BigInt, Text
from datasurface_yellow.capture.postgres import PostgresSnapshot
from datasurface_yellow.capture.source import Bucket
from datasurface_yellow.store.connection import execute
from tests.postgres.merge.differences import Difference
from tests.postgres.merge.scenarios import Scenario
from tests.support.arena import Arena
from tests.support.pipeline import FORENSIC, LIVE
from tests.support.stage import PLATFORMS, Rows, Stage, TextRow

PARENTS, CHILDREN = (
    Dataset(
        name,
        columns=[Column("id", BigInt(), primary_key=True), Column("value", Text())],
    )
    for name in ("parents", "children")
)
_FIRST: Mapping[str, Rows] = {"parents": [("1", "a"), ("2", "a")], "children": [("1", "a"), ("2", "a")]}
_NEXT: Mapping[str, Rows] = {
    "parents": [("1", "a"), ("2", "b"), ("3", "a")],
    "children": [("1", "a"), ("2", "b"), ("3", "a")],
}

TAMPERINGS = {
    "a staged cell": "UPDATE {table} SET value = 'tampered' WHERE id = 3",
    "a staged row": "DELETE FROM {table} WHERE id = 2",
    "one more staged row": "INSERT INTO {table} SELECT ds_surf_operation, 9, value, ds_surf_key_hash, "
    "ds_surf_all_hash, ds_surf_batch, ds_surf_token FROM {table} WHERE id = 3",
}


def staging_is_tampered_with(arena: Arena) -> list[Difference]:
    """What was staged is changed before it is merged: nothing of the batch may be merged, of no table; the next job
    reads again and heals it.
    """
    return [difference for statement in TAMPERINGS.values() for difference in _tampered_staging(arena, statement)]


def _tampered_staging(arena: Arena, statement: str) -> Iterator[Difference]:
    with arena.stage(PARENTS, CHILDREN) as stage:
        stage.put(_FIRST)
        for platform in PLATFORMS:
            stage.run(platform)
        stage.put(_NEXT)
        for platform in PLATFORMS:
            yield from _unless(ResultCode.KEEP_WORKING, platform, stage.run(platform, budget=0.0).code)
            stage.tamper(stage.staging_table(platform, "children"), statement)
            error = stage.run(platform).error
            if error is None or error.type != "ReceiptMismatch":
                yield Difference("tampering", platform, f"not noticed: {error}")
            yield from _live_rows_differ(stage, platform, _FIRST)
            yield from _unless(ResultCode.DONE, platform, stage.run(platform).code)
            yield from _live_rows_differ(stage, platform, _NEXT)


TABLE_TAMPERINGS = {
    "a live cell": "UPDATE {table} SET value = 'tampered' WHERE id = 1",
    "a live cell to NULL": "UPDATE {table} SET value = NULL WHERE id = 1",
    "a live row gone": "DELETE FROM {table} WHERE id = 1",
    "another batch": "UPDATE {table} SET ds_surf_batch_in = 2 WHERE id = 1",
    "a batch to come": "UPDATE {table} SET ds_surf_batch_in = 9 WHERE id = 1",
    "a key": "UPDATE {table} SET id = 8 WHERE id = 1",
}
HISTORY_TAMPERINGS = {
    "a past cell": "UPDATE {table} SET value = 'tampered' WHERE ds_surf_batch_out = 1",
    "a past row gone": "DELETE FROM {table} WHERE ds_surf_batch_out = 1",
    "a past row longer": "UPDATE {table} SET ds_surf_batch_out = 2 WHERE ds_surf_batch_out = 1",
    "a past row reopened": "UPDATE {table} SET ds_surf_batch_out = 2147483647 WHERE ds_surf_batch_out = 1 AND id = 4",
    "a live row closed": "UPDATE {table} SET ds_surf_batch_out = 2 WHERE id = 1",
}
_PAST: Sequence[Rows] = (
    [("1", "a"), ("2", "a"), ("4", "a")],
    [("1", "a"), ("2", "b")],
    [("1", "a"), ("2", "c"), ("3", "a")],
)


def tables_are_tampered_with(arena: Arena) -> list[Difference]:
    """A merge table is changed behind the engine's back: its verification says so."""
    return list(_tampered_tables(arena))


def _tampered_tables(arena: Arena) -> Iterator[Difference]:
    with arena.stage(PARENTS) as stage:
        for rows in _PAST:
            stage.put({"parents": rows})
            for platform in PLATFORMS:
                yield from _unless(ResultCode.DONE, platform, stage.run(platform).code)
        for platform, tamperings in ((LIVE, TABLE_TAMPERINGS), (FORENSIC, {**TABLE_TAMPERINGS, **HISTORY_TAMPERINGS})):
            for name, statement in tamperings.items():
                with _as_it_was(stage, stage.merge_table(platform, "parents")) as table:
                    if not stage.tamper(table, statement):
                        yield Difference("tampering", platform, f"nothing to tamper with: {name}")
                    elif all(check.holds for check in stage.verify(platform)):
                        yield Difference("tampering", platform, f"verify does not notice {name}")


@contextmanager
def _as_it_was(stage: Stage, table: str) -> Iterator[str]:
    """The table, whose rows are put back at the end."""
    stage.tamper(table, "CREATE TEMPORARY TABLE as_it_was AS TABLE {table}")
    yield table
    stage.tamper(table, "DELETE FROM {table}")
    stage.tamper(table, "INSERT INTO {table} SELECT * FROM pg_temp.as_it_was")
    stage.tamper(table, "DROP TABLE pg_temp.as_it_was")


def producer_does_not_stand_still(arena: Arena) -> list[Difference]:
    """The producer commits between two reads of one batch, which sees nothing of it; the next batch sees it all."""
    return list(_moving_producer(arena))


def _moving_producer(arena: Arena) -> Iterator[Difference]:
    with arena.stage(PARENTS, CHILDREN) as stage:
        for platform in PLATFORMS:
            stage.put(_FIRST)
            yield from _unless(ResultCode.DONE, platform, stage.run(platform).code)
            stage.put(_NEXT)
            with _producer_moves_on(stage):
                yield from _unless(ResultCode.DONE, platform, stage.run(platform).code)
            yield from _live_rows_differ(stage, platform, _NEXT)
            yield from _unless(ResultCode.DONE, platform, stage.run(platform).code)
            moved: list[TextRow] = [("1", "a"), ("2", "moved"), ("9", "moved")]
            yield from _live_rows_differ(stage, platform, {"parents": moved, "children": moved})


@contextmanager
def _producer_moves_on(stage: Stage) -> Iterator[None]:
    """In one transaction of the producer, when the rows of the first table have been counted."""
    count_rows = PostgresSnapshot.buckets
    pending = [("parents", "children")]

    def moving(self: PostgresSnapshot, dataset: str) -> Mapping[int, Bucket]:
        counted = count_rows(self, dataset)
        for names in pending:
            execute(stage.producer, "BEGIN")
            for name in names:
                stage.produce(name, "UPDATE {table} SET value = 'moved' WHERE id = 2")
                stage.produce(name, "DELETE FROM {table} WHERE id = 3")
                stage.produce(name, "INSERT INTO {table} VALUES (9, 'moved')")
            execute(stage.producer, "COMMIT")
        pending.clear()
        return counted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PostgresSnapshot, "buckets", moving)
        yield


def _unless(expected: ResultCode, platform: str, code: ResultCode) -> Iterator[Difference]:
    if code is not expected:
        yield Difference("result", platform, f"{code.name}, not {expected.name}")


def _live_rows_differ(stage: Stage, platform: str, expected: Mapping[str, Rows]) -> Iterator[Difference]:
    for name, wanted in expected.items():
        live = sorted(row.row for row in stage.stored(platform, name) if row.is_live)
        if live != sorted(wanted):
            yield Difference("rows", platform, f"{name} holds {live}, not {sorted(wanted)}")


STAGING = Scenario("tampered staging", staging_is_tampered_with, is_only_here=True)
TABLES = Scenario("tampered tables", tables_are_tampered_with, is_only_here=True)
MOVING_PRODUCER = Scenario("a producer that commits meanwhile", producer_does_not_stand_still, is_only_here=True)
