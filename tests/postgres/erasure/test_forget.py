"""A person is forgotten: what goes, what stays, what is refused, and what later batches and operations make of it."""

import pytest
from attrs import evolve

from datasurface.classification import PII
from datasurface.errors import Fenced, NotApplied, OperationRefused, StreamBusy
from datasurface.model import Column, Dataset, SqlWatermark
from datasurface.results import ResultCode
from datasurface.types import Date, VarChar
from datasurface_yellow.batch.records import Records
from datasurface_yellow.store.catalog import platform_names
from datasurface_yellow.store.connection import closing, connect, place
from tests.postgres.conftest import NewPipeline
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import fetch
from tests.support.records import (
    assert_done,
    assert_laws_hold,
    batch_log,
    is_copied,
    merge_tables,
    stored_result,
    tables,
)

PLATFORMS = (LIVE, FORENSIC)
PERSON = ("7",)


def _life(pipeline: Pipeline, platform: str) -> None:
    """Person 7 moves twice, goes, and comes back for a batch; others change, too."""
    for change in (
        "SELECT",
        "UPDATE people SET city = 'two' WHERE id IN (7, 8)",
        "UPDATE people SET city = 'three' WHERE id IN (7, 9)",
        "DELETE FROM people WHERE id IN (7, 10)",
        "INSERT INTO people VALUES (7, 'zyx-name-7', 'four'), (9000, 'new', 'four')",
        "DELETE FROM people WHERE id = 7",
    ):
        pipeline.producer(change)
        assert_done(pipeline.run(platform))


def _without(pipeline: Pipeline, platform: str, person: str) -> dict[str, list[str]]:
    return {
        name: [
            row
            for row in rows
            if "_people_" not in name or not row.startswith((f"({person},", f"(U,{person},", f"(D,{person},"))
        ]
        for name, rows in tables(pipeline, f"{platform.lower()}\\_store1\\_%").items()
    }


@pytest.mark.short
@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_version_and_staged_row_goes_and_nothing_else_changes(people_and_pets: Pipeline, platform: str) -> None:
    _life(people_and_pets, platform)
    before = _without(people_and_pets, platform, "7")

    erased = people_and_pets.runtime(platform).forget("Store1", "people", [PERSON])

    assert (erased.keys, erased.live) == (1, 0)
    assert (erased.closed > 0) == (platform == FORENSIC)
    assert erased.staged > 0
    assert tables(people_and_pets, f"{platform.lower()}\\_store1\\_%") == before
    assert_laws_hold(people_and_pets, platform)
    assert_done(people_and_pets.run(platform))
    assert is_copied(people_and_pets, platform, "people")
    assert_laws_hold(people_and_pets, platform)


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_preview_says_what_goes_and_changes_nothing(people_and_pets: Pipeline, platform: str) -> None:
    _life(people_and_pets, platform)
    before = tables(people_and_pets)
    runtime = people_and_pets.runtime(platform)

    found = runtime.preview_forget("Store1", "people", [PERSON, PERSON, ("8",)], even_if_at_source=True)

    assert tables(people_and_pets) == before
    closed, staged = (5, 4) if platform == FORENSIC else (0, 4)
    names = {LIVE: "LiveDSG", FORENSIC: "ForensicDSG"}
    assert (found.keys, found.live, found.closed, found.messages) == (2, 1, closed, 0)
    assert found.staged == staged
    assert [(each.workspace, each.group) for each in found.consumers] == [("Consumer1", names[platform])]
    erased = runtime.forget("Store1", "people", [PERSON, ("8",)], even_if_at_source=True, seen=found)
    assert evolve(erased, token=found.token) == found


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_it_is_refused_while_the_source_has_the_key(people_and_pets: Pipeline, platform: str) -> None:
    assert_done(people_and_pets.run(platform))
    before, runtime = tables(people_and_pets), people_and_pets.runtime(platform)
    for attempt in (runtime.preview_forget, runtime.forget):
        with pytest.raises(OperationRefused, match=r"still has 1 of the 2 keys.*would bring back") as refused:
            attempt("Store1", "people", [PERSON, ("999",)])
        assert "--even-if-at-source" in str(refused.value.hint)
    assert tables(people_and_pets) == before

    erased = runtime.forget("Store1", "people", [PERSON], even_if_at_source=True)

    assert erased.live == 1
    assert not is_copied(people_and_pets, platform, "people")
    assert_laws_hold(people_and_pets, platform)
    done = people_and_pets.run(platform)
    assert_done(done)
    assert done.datasets["people"].inserted == 1
    assert is_copied(people_and_pets, platform, "people")
    assert_laws_hold(people_and_pets, platform)


@pytest.mark.slow
def test_a_source_that_cannot_be_asked_refuses_too(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(LIVE))
    people_and_pets.producer("ALTER TABLE people RENAME TO gone")
    with pytest.raises(OperationRefused, match="cannot be said"):
        people_and_pets.runtime(LIVE).forget("Store1", "people", [PERSON])
    assert people_and_pets.runtime(LIVE).forget("Store1", "people", [PERSON], even_if_at_source=True).live == 1


@pytest.mark.slow
def test_rows_that_a_watermark_hides_are_seen_at_the_source(people_and_pets: Pipeline) -> None:
    people_and_pets.change_captures(lambda capture: SqlWatermark(capture.container, column="id", window=5))
    for change in ("SELECT", "UPDATE people SET city = 'late' WHERE id >= 499", "DELETE FROM people WHERE id = 500"):
        people_and_pets.producer(change)
        for platform in PLATFORMS:
            assert_done(people_and_pets.run(platform))
    for number, platform in enumerate(PLATFORMS, start=600):
        runtime = people_and_pets.runtime(platform)
        with pytest.raises(OperationRefused, match="still has"):
            runtime.forget("Store1", "people", [PERSON])
        assert runtime.forget("Store1", "people", [("500",)]).live == 1
        assert_laws_hold(people_and_pets, platform)
        people_and_pets.producer(f"INSERT INTO people SELECT {number}, 'new', 'new'")
        assert_done(people_and_pets.run(platform))
        assert_laws_hold(people_and_pets, platform)


@pytest.mark.slow
def test_a_second_time_there_is_nothing(people_and_pets: Pipeline) -> None:
    _life(people_and_pets, FORENSIC)
    runtime = people_and_pets.runtime(FORENSIC)
    assert not runtime.forget("Store1", "people", [PERSON]).is_nothing
    before = tables(people_and_pets)
    assert runtime.forget("Store1", "people", [PERSON]).is_nothing
    assert tables(people_and_pets) == before


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_record_says_when_and_how_much_and_not_who(people_and_pets: Pipeline, platform: str) -> None:
    _life(people_and_pets, platform)
    erased = people_and_pets.runtime(platform).forget("Store1", "people", [PERSON])
    [row] = fetch(people_and_pets.target, f"SELECT * FROM {platform.lower()}_erasure")  # noqa: S608 names of this test
    assert (*row[:2], *row[3:]) == (
        *("Store1", "people", 1, 6),
        *(erased.keys, erased.live, erased.closed, erased.staged, erased.messages),
    )


@pytest.mark.slow
def test_an_earlier_batch_can_be_gone_back_to_and_replayed_without_the_person(people_and_pets: Pipeline) -> None:
    _life(people_and_pets, FORENSIC)
    runtime = people_and_pets.runtime(FORENSIC)
    runtime.forget("Store1", "people", [PERSON])
    left = merge_tables(people_and_pets, FORENSIC)
    runtime.rollback("Store1", 3)
    assert_laws_hold(people_and_pets, FORENSIC)
    assert [state.batch for state in runtime.replay("Store1")] == [9, 8, 7]
    assert_laws_hold(people_and_pets, FORENSIC)
    assert not _holds(people_and_pets, "zyx-name-7,")
    again = merge_tables(people_and_pets, FORENSIC)
    assert [len(rows) for rows in again.values()] == [len(rows) for rows in left.values()]


@pytest.mark.slow
def test_what_was_taken_back_before_is_not_replayed_afterwards(people_and_pets: Pipeline) -> None:
    _life(people_and_pets, FORENSIC)
    runtime = people_and_pets.runtime(FORENSIC)
    runtime.rollback("Store1", 4)
    runtime.forget("Store1", "people", [PERSON])
    assert_laws_hold(people_and_pets, FORENSIC)
    before = tables(people_and_pets)
    with pytest.raises(OperationRefused, match="keys were erased since"):
        runtime.replay("Store1")
    assert tables(people_and_pets) == before
    assert_done(people_and_pets.run(FORENSIC))
    assert is_copied(people_and_pets, FORENSIC, "people")
    assert_laws_hold(people_and_pets, FORENSIC)


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_staged_batch_is_finished_or_given_up_first(people_and_pets: Pipeline, platform: str) -> None:
    _life(people_and_pets, platform)
    people_and_pets.producer("UPDATE people SET city = 'five' WHERE id = 9")
    assert people_and_pets.run(platform, budget=0.0).code is ResultCode.KEEP_WORKING
    runtime = people_and_pets.runtime(platform)
    for attempt in (runtime.preview_forget, runtime.forget):
        with pytest.raises(OperationRefused, match="INGESTED"):
            attempt("Store1", "people", [PERSON])
    runtime.reset("Store1")
    assert runtime.forget("Store1", "people", [PERSON]).staged
    assert_done(people_and_pets.run(platform))
    assert_laws_hold(people_and_pets, platform)


@pytest.mark.slow
def test_messages_that_name_the_key_are_masked(people_and_pets: Pipeline) -> None:
    _life(people_and_pets, FORENSIC)
    people_and_pets.producer("INSERT INTO people VALUES (7, 'a', 'a'), (7, 'b', 'b'), (77, 'a', 'a'), (77, 'b', 'b')")
    failed = people_and_pets.run(FORENSIC)
    assert failed.error is not None
    assert "(7)" in failed.error.message
    people_and_pets.producer("DELETE FROM people WHERE id IN (7, 77)")

    assert people_and_pets.runtime(FORENSIC).forget("Store1", "people", [PERSON]).messages == 2

    said = str([stored_result(people_and_pets, FORENSIC, failed.run_id), batch_log(people_and_pets, FORENSIC)])
    assert "(7)" not in said
    assert said.count("(77), (•••)") + said.count("(•••), (77)") == 2


@pytest.mark.slow
def test_a_stream_that_another_session_works_on_is_left_alone(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(LIVE))
    runtime = people_and_pets.runtime(LIVE)
    where = place(runtime.platform.merge_database, people_and_pets.access.credentials)
    with closing(connect(where, "other")) as session:
        Records(session, platform_names(LIVE, "public"), "Store1").take()
        with pytest.raises(StreamBusy):
            runtime.forget("Store1", "people", [PERSON], even_if_at_source=True)


@pytest.mark.slow
def test_a_preview_that_is_out_of_date_is_refused(people_and_pets: Pipeline) -> None:
    assert_done(people_and_pets.run(LIVE))
    seen = people_and_pets.runtime(LIVE).preview_forget("Store1", "people", [PERSON], even_if_at_source=True)
    assert_done(people_and_pets.run(LIVE))
    before = tables(people_and_pets)
    with pytest.raises(Fenced):
        people_and_pets.runtime(LIVE).forget("Store1", "people", [PERSON], even_if_at_source=True, seen=seen)
    assert tables(people_and_pets) == before


@pytest.mark.slow
def test_keys_and_names_that_mean_nothing_are_refused(people_and_pets: Pipeline) -> None:
    runtime = people_and_pets.runtime(LIVE)
    for keys, match in (
        ([("seven",)], r"none of people: its columns are id BigInt\(\)"),
        ([("7", "8")], "1 value: id"),
        ([], "1 value: id"),
    ):
        with pytest.raises(OperationRefused, match=match):
            runtime.preview_forget("Store1", "people", keys)
    with pytest.raises(NotApplied, match="no dataset 'persons'"):
        runtime.preview_forget("Store1", "persons", [PERSON])


@pytest.mark.slow
def test_a_key_of_two_columns_with_odd_names(new_pipeline: NewPipeline) -> None:
    columns = [
        Column('first "%s', VarChar(20), primary_key=True, classification=PII),
        Column("Born", Date(), primary_key=True, classification=PII),
        Column("value", VarChar(20), classification=PII),
    ]
    create = 'CREATE TABLE odd ("first ""%s" varchar(20), "Born" date, value varchar(20))'
    fill = "INSERT INTO odd VALUES ('{\"O'',\\', '2020-02-29', 'a'), ('{\"O'',\\', '2020-03-01', 'b')"
    pipeline = new_pipeline([Dataset("odd", columns=columns)], create, fill)
    for change in (
        "SELECT",
        "UPDATE odd SET value = 'c'",
        "DELETE FROM odd WHERE value = 'c' AND \"Born\" < '2020-03-01'",
    ):
        pipeline.producer(change)
        assert_done(pipeline.run(FORENSIC))
    runtime = pipeline.runtime(FORENSIC)
    key = ("{\"O',\\", "2020-02-29")
    assert runtime.forget("Store1", "odd", [key]).closed == 2
    with pytest.raises(OperationRefused, match="still has"):
        runtime.forget("Store1", "odd", [("{\"O',\\", "2020-03-01")])
    assert_laws_hold(pipeline, FORENSIC)


@pytest.mark.slow
def test_tables_that_an_older_program_left_are_worked_on_and_not_erased_from(people_and_pets: Pipeline) -> None:
    people_and_pets.store(
        "DROP TABLE yellowlive_erasure, yellowlive_horizon", "UPDATE yellowlive_catalog SET version = version - 1"
    )
    assert_done(people_and_pets.run(LIVE))
    assert_laws_hold(people_and_pets, LIVE)
    with pytest.raises(NotApplied, match="no place for a record"):
        people_and_pets.runtime(LIVE).preview_forget("Store1", "people", [PERSON])


def _holds(pipeline: Pipeline, text: str) -> bool:
    return any(text in row for rows in tables(pipeline).values() for row in rows)
