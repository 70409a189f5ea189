"""``on_add=OnAdd.BACKFILL``: the first batch that reads a new column fills it in place, and everything can still be
proved and undone.
"""

from collections import Counter

import pytest

from datasurface.classification import PUBLIC
from datasurface.milestoning.rows import LIVE as NEVER_CLOSED
from datasurface.model import Column, Dataset, OnAdd
from datasurface.results import DatasetCounts, ResultCode
from datasurface.types import Integer, VarChar
from tests.postgres.conftest import NewPipeline
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done, assert_laws_hold, is_copied

PLATFORMS = (LIVE, FORENSIC)
ID = Column("id", Integer(), primary_key=True, classification=PUBLIC)
NAME = Column("name", VarChar(50), nullable=False, classification=PUBLIC)
NICK = Column("nick", VarChar(20), classification=PUBLIC)
CODE = Column("code", Integer(), classification=PUBLIC)
CREATE = (
    "CREATE TABLE people (id int, name varchar(50))",
    "INSERT INTO people SELECT i, 'name ' || i FROM generate_series(1, 20) i",
)
BATCHES = (
    ("UPDATE people SET name = 'second' WHERE id <= 3", "DELETE FROM people WHERE id = 20"),
    ("UPDATE people SET name = 'third' WHERE id <= 2", "INSERT INTO people VALUES (21, 'new')"),
)
ADD_NICK = ("ALTER TABLE people ADD nick varchar(20)", "UPDATE people SET nick = 'nick ' || id WHERE id <> 5")
CHANGED = ("UPDATE people SET name = 'fourth' WHERE id = 1", "DELETE FROM people WHERE id = 19")
ROWS = "SELECT id, name, nick, ds_surf_batch_in, {end} FROM yellow{platform}_store1_people_merge ORDER BY 1, 4"


@pytest.fixture
def people(copied_pipeline: NewPipeline) -> Pipeline:
    """Three batches on each platform."""
    pipeline = copied_pipeline([_people(ID, NAME)], *CREATE)
    for statements in ((), *BATCHES):
        pipeline.producer("SELECT", *statements)
        _run(pipeline)
    return pipeline


def _people(*columns: Column) -> Dataset:
    return Dataset("people", columns=columns, on_add=OnAdd.BACKFILL)


def _apply(pipeline: Pipeline, *columns: Column) -> None:
    pipeline.datasets = [_people(*columns)]
    pipeline.put_in_force()
    for platform in PLATFORMS:
        pipeline.runtime(platform).apply()


def _run(pipeline: Pipeline, *statements: str) -> list[DatasetCounts]:
    pipeline.producer("SELECT", *statements)
    counts = []
    for platform in PLATFORMS:
        result = pipeline.run(platform)
        assert_done(result)
        assert_laws_hold(pipeline, platform)
        assert is_copied(pipeline, platform, "people")
        counts.append(result.datasets["people"])
    return counts


def _rows(pipeline: Pipeline, platform: str) -> list[tuple[object, ...]]:
    end = "ds_surf_batch_out" if platform == FORENSIC else str(NEVER_CLOSED)
    return pipeline.query(ROWS.format(end=end, platform=platform.removeprefix("Yellow").lower()))


def _reason(pipeline: Pipeline, platform: str) -> str | None:
    return pipeline.runtime(platform).status("Store1", last=1)[0].reason


def test_the_first_batch_fills_rows_that_are_otherwise_the_same(people: Pipeline) -> None:
    _apply(people, ID, NAME, NICK)
    before = {platform: _rows(people, platform) for platform in PLATFORMS}
    assert _run(people, *ADD_NICK, *CHANGED) == [DatasetCounts(19, 0, 1, 1, 18)] * 2
    for platform in PLATFORMS:
        assert _reason(people, platform) == "filled 17 rows of people: column nick"
        expected = []
        for number, name, nick, first, last in before[platform]:
            is_live = last == NEVER_CLOSED
            if is_live and number not in (1, 5, 19):
                nick = f"nick {number}"
            if platform == FORENSIC and is_live and number in (1, 19):
                last = 3
            if platform == FORENSIC or number not in (1, 19):
                expected.append((number, name, nick, first, last))
        expected.append((1, "fourth", "nick 1", 4, NEVER_CLOSED))
        assert Counter(_rows(people, platform)) == Counter(expected)


def test_a_value_that_arrives_later_is_a_version(people: Pipeline) -> None:
    _apply(people, ID, NAME, NICK)
    _run(people, *ADD_NICK)
    assert _run(people, "UPDATE people SET nick = 'at last' WHERE id = 5") == [DatasetCounts(20, 0, 1, 0, 19)] * 2
    assert [_reason(people, platform) for platform in PLATFORMS] == [None, None]


def test_each_column_is_filled_once(people: Pipeline) -> None:
    _apply(people, ID, NAME, NICK)
    _run(people, *ADD_NICK)
    _apply(people, ID, NAME, NICK, CODE)
    more = (
        "ALTER TABLE people ADD code int",
        "UPDATE people SET code = id",
        "UPDATE people SET nick = 'x' WHERE id = 5",
    )
    assert _run(people, *more) == [DatasetCounts(20, 0, 1, 0, 19)] * 2
    assert _reason(people, FORENSIC) == "filled 19 rows of people: column code"


def test_two_columns_of_two_applies_are_filled_together(people: Pipeline) -> None:
    _apply(people, ID, NAME, NICK)
    _apply(people, ID, NAME, NICK, CODE)
    more = ("ALTER TABLE people ADD code int", "UPDATE people SET code = id WHERE id < 9")
    assert _run(people, *ADD_NICK, *more) == [DatasetCounts(20, 0, 0, 0, 20)] * 2
    assert _reason(people, LIVE) == "filled 20 rows of people: columns code, nick"


@pytest.mark.parametrize("to", [3, 2, 1])
def test_a_rollback_keeps_what_was_filled_and_the_past_is_proved(people: Pipeline, to: int) -> None:
    _apply(people, ID, NAME, NICK)
    _run(people, *ADD_NICK, *CHANGED)
    filled = {(row[0], row[3]): row[2] for row in _rows(people, FORENSIC) if row[2] is not None and row[3] != 4}
    people.runtime(FORENSIC).rollback("Store1", to)
    assert_laws_hold(people, FORENSIC)
    kept = {(row[0], row[3]): row[2] for row in _rows(people, FORENSIC) if row[2] is not None}
    assert kept == {place: nick for place, nick in filled.items() if isinstance(place[1], int) and place[1] <= to}
    if to == 3:
        people.runtime(FORENSIC).replay("Store1")
        assert_laws_hold(people, FORENSIC)
        assert is_copied(people, FORENSIC, "people")
    _run(people)


def test_a_batch_that_is_staged_fills_when_it_is_merged(people: Pipeline) -> None:
    _apply(people, ID, NAME, NICK)
    people.producer(*ADD_NICK)
    for platform in PLATFORMS:
        assert people.run(platform, budget=0.0).code is ResultCode.KEEP_WORKING
    assert _run(people) == [DatasetCounts(20, 0, 0, 0, 20)] * 2
    assert _reason(people, FORENSIC) == "filled 19 rows of people: column nick"


def test_rows_that_somebody_changed_are_not_filled(people: Pipeline) -> None:
    _apply(people, ID, NAME, NICK)
    people.store("UPDATE yellowlive_store1_people_merge SET ds_surf_all_hash = 1 WHERE id = 7")
    people.producer(*ADD_NICK)
    before = _rows(people, LIVE)
    result = people.run(LIVE)
    assert result.error is not None
    assert result.error.type == "ReceiptMismatch"
    assert _rows(people, LIVE) == before
