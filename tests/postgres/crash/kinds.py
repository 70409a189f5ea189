"""The kinds of work that are killed: what stands when one begins, and how it is done."""

from collections.abc import Callable, Sequence
from functools import partial

import psycopg2
from attrs import evolve, frozen

from datasurface.errors import DataSurfaceError
from datasurface.model import Column, OnAdd, SqlSnapshot, SqlWatermark
from datasurface.results import ResultCode
from datasurface.types import BigInt, Integer, Text
from datasurface_yellow.runtime import YellowRuntime
from tests.postgres.erasure.aging import grow_old, need_history_for
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done

DATASETS = (PEOPLE, PETS)
PRODUCER = (*CREATE, *fill(people=40, pets=10))
RUN_ID = "killed"

_CHANGES = (
    "UPDATE people SET city = 'new' WHERE id % 9 = 0",
    "UPDATE people SET id = id + 500 WHERE id = 7",
    "DELETE FROM people WHERE id > 38 AND id < 500",
    "UPDATE pets SET owner = NULL WHERE id = 4",
    "DELETE FROM pets WHERE id = 5",
)


@frozen
class Kind:
    """One kind of work on one platform.

    Attributes:
        prepare: from an applied pipeline with a filled producer to where the work begins.
        begin: the work that is killed; True where it says that all is done.
        finish: what is done after a kill.
        is_job: whether a stored result says that it is done; if not, the batch log does.
        every: of so many boundaries one, where the run is not a long one.
        is_apply: whether it alters tables; then it is always done again.
    """

    name: str
    platform: str
    prepare: Callable[[Pipeline, str], None]
    begin: Callable[[YellowRuntime], bool]
    finish: Callable[[YellowRuntime], bool]
    is_job: bool = True
    every: int = 1
    is_apply: bool = False


def kind_of(name: str) -> Kind:
    """The kind with this name: names travel to other processes, functions do not."""
    return next(kind for kind in KINDS if kind.name == name)


def _batch(runtime: YellowRuntime) -> bool:
    return runtime.run_batch("Store1", RUN_ID, allow_deletes=True).code is ResultCode.DONE


def _stage_only(runtime: YellowRuntime) -> bool:
    """A job whose time is up when all is staged, and the one after it."""
    first = runtime.run_batch("Store1", "staged", allow_deletes=True, budget=0.0)
    return first.code is not ResultCode.ERROR and _batch(runtime)


def _drain(runtime: YellowRuntime, run_id: str = RUN_ID) -> bool:
    """Jobs until none leaves rows to the next one."""
    code = ResultCode.KEEP_WORKING
    while code is ResultCode.KEEP_WORKING:
        code = runtime.run_batch("Store1", run_id).code
    return code is ResultCode.DONE


def _reset(runtime: YellowRuntime) -> bool:
    return _is_said_to_be_done(lambda: runtime.reset("Store1"))


def _repair(runtime: YellowRuntime) -> bool:
    """The order to mend the tables, and the job that does."""
    return _is_said_to_be_done(lambda: runtime.repair("Store1")) and _batch(runtime)


def _rollback(runtime: YellowRuntime) -> bool:
    return _is_said_to_be_done(lambda: runtime.rollback("Store1", 2))


def _replay(runtime: YellowRuntime) -> bool:
    return _is_said_to_be_done(lambda: runtime.replay("Store1"))


def _forget(runtime: YellowRuntime) -> bool:
    return _is_said_to_be_done(lambda: runtime.forget("Store1", "people", [("9",)], even_if_at_source=True))


def _prune(runtime: YellowRuntime) -> bool:
    return _is_said_to_be_done(lambda: runtime.prune_history("Store1"))


def _apply(runtime: YellowRuntime) -> bool:
    return _is_said_to_be_done(runtime.apply)


def _is_said_to_be_done(operation: Callable[[], object]) -> bool:
    try:
        operation()
    except (DataSurfaceError, psycopg2.Error):
        return False
    return True


def _nothing(_pipeline: Pipeline, _platform: str) -> None:
    """A first load finds the pipeline as it was applied."""


def _two_batches(pipeline: Pipeline, platform: str) -> None:
    """Batch 1 loaded, batch 2 made the first history; the killed one is the third."""
    assert_done(pipeline.run(platform))
    pipeline.producer("UPDATE people SET name = 'other' WHERE id % 5 = 0", "DELETE FROM pets WHERE id = 9")
    assert_done(pipeline.run(platform))


def _changed(pipeline: Pipeline, platform: str) -> None:
    _two_batches(pipeline, platform)
    pipeline.producer(*_CHANGES)


def _staged(pipeline: Pipeline, platform: str) -> None:
    _changed(pipeline, platform)
    assert pipeline.run(platform, budget=0.0).code is ResultCode.KEEP_WORKING


def _damaged(pipeline: Pipeline, platform: str) -> None:
    _changed(pipeline, platform)
    pipeline.store("UPDATE yellowlive_store1_people_merge SET city = 'damaged' WHERE id IN (9, 11)")


def _four_batches(pipeline: Pipeline, platform: str) -> None:
    _changed(pipeline, platform)
    assert_done(pipeline.run(platform))
    pipeline.producer("UPDATE people SET city = 'newer' WHERE id % 4 = 0", "INSERT INTO pets VALUES (99, 1, 'late')")
    assert_done(pipeline.run(platform))


def _old(pipeline: Pipeline, platform: str) -> None:
    _four_batches(pipeline, platform)
    pipeline.store(grow_old(f"{platform.lower()}_batch_metrics", 3))
    need_history_for(pipeline)


def _rolled_back(pipeline: Pipeline, platform: str) -> None:
    _four_batches(pipeline, platform)
    assert _rollback(pipeline.runtime(platform))


def _by_watermark(rows_per_batch: int | None, pipeline: Pipeline, platform: str) -> None:
    """Read up to 40 and 10; then rows come above these, below them within the window of 5, and where no batch looks."""
    pipeline.change_captures(
        lambda capture: SqlWatermark(capture.container, column="id", window=5, rows_per_batch=rows_per_batch)
    )
    assert _drain(pipeline.runtime(platform), "before")
    pipeline.producer(
        "DELETE FROM people WHERE id IN (20, 38)",
        "UPDATE people SET city = 'new' WHERE id > 36 OR id < 9",
        "INSERT INTO people SELECT i, 'new', 'city' FROM generate_series(41, 60) i",
        "UPDATE pets SET owner = NULL WHERE id = 4 OR id = 9",
    )


def _sent(pipeline: Pipeline, platform: str) -> None:
    """The producer only sends its rows."""
    pipeline.change_captures(lambda capture: SqlSnapshot(capture.container, hash_at_source=False))
    _changed(pipeline, platform)


def _with_a_column_more(pipeline: Pipeline, platform: str) -> None:
    """People are about to have a nickname."""
    _two_batches(pipeline, platform)
    pipeline.datasets = [evolve(PEOPLE, columns=[*PEOPLE.columns, Column("nick", Text())]), PETS]
    pipeline.put_in_force()


def _to_fill(pipeline: Pipeline, platform: str) -> None:
    """The nicknames that people have are about to be read, among other changes."""
    _two_batches(pipeline, platform)
    nicknamed = evolve(PEOPLE, columns=[*PEOPLE.columns, Column("nick", Text())], on_add=OnAdd.BACKFILL)
    pipeline.datasets = [nicknamed, PETS]
    pipeline.apply()
    pipeline.producer("ALTER TABLE people ADD COLUMN nick text", "UPDATE people SET nick = 'nick ' || id", *_CHANGES)


def _to_rewrite(pipeline: Pipeline, platform: str) -> None:
    """A column of pets that came later is about to be wider, one of people to have another name, and one to be left
    out."""
    _two_batches(pipeline, platform)
    size = Column("size", Integer())
    pipeline.producer("ALTER TABLE pets ADD COLUMN size int DEFAULT 7")
    pipeline.datasets = [PEOPLE, evolve(PETS, columns=[*PETS.columns, size])]
    pipeline.apply()
    assert_done(pipeline.run(platform))
    people = [PEOPLE.columns[0], evolve(PEOPLE.columns[1], name="title", renamed_from="name")]
    pets = [*PETS.columns, evolve(size, type=BigInt())]
    pipeline.datasets = [evolve(PEOPLE, columns=people), evolve(PETS, columns=pets)]
    pipeline.put_in_force()


def _kinds() -> Sequence[Kind]:
    kinds = []
    for platform, name in ((LIVE, "live"), (FORENSIC, "forensic")):
        kinds += [
            Kind(f"{name} first load", platform, _nothing, _batch, _batch),
            Kind(f"{name} batch", platform, _changed, _batch, _batch),
            Kind(f"{name} batch without changes", platform, _two_batches, _batch, _batch),
            Kind(f"{name} batch in two jobs", platform, _changed, _stage_only, _batch),
        ]
    kinds += [
        Kind(name, platform, prepare, _apply, _apply, is_job=False, every=12, is_apply=True)
        for name, platform, prepare in (
            ("apply of a column more, in long runs", FORENSIC, _with_a_column_more),
            ("apply that rewrites hashes, live, in long runs", LIVE, _to_rewrite),
            ("apply that rewrites hashes", FORENSIC, _to_rewrite),
        )
    ]
    return [
        *kinds,
        Kind("repair of a damaged table in two jobs", LIVE, _damaged, _repair, _repair),
        Kind("forensic batch that fills a column", FORENSIC, _to_fill, _batch, _batch, every=8),
        Kind("forensic batch of rows that are sent", FORENSIC, _sent, _batch, _batch, every=8),
        Kind("forensic batch by watermark", FORENSIC, partial(_by_watermark, None), _drain, _drain, every=12),
        Kind("live backlog by watermark in two jobs", LIVE, partial(_by_watermark, 15), _drain, _drain),
        Kind("reset of a staged batch", FORENSIC, _staged, _reset, _reset, is_job=False),
        Kind("rollback of two batches", FORENSIC, _four_batches, _rollback, _rollback, is_job=False),
        Kind("replay of two batches", FORENSIC, _rolled_back, _replay, _replay, is_job=False),
        Kind("erasure of a person", FORENSIC, _four_batches, _forget, _forget, is_job=False, every=6),
        Kind("erasure of a person, live, in long runs", LIVE, _four_batches, _forget, _forget, is_job=False),
        Kind("erasure after a rollback, in long runs", FORENSIC, _rolled_back, _forget, _forget, is_job=False),
        Kind("retention, in long runs", FORENSIC, _old, _prune, _prune, is_job=False, is_apply=True),
    ]


KINDS = _kinds()
IN_EVERY_RUN = [kind for kind in KINDS if not kind.name.endswith((" without changes", " in two jobs", " in long runs"))]
"""The others are killed in long runs."""
