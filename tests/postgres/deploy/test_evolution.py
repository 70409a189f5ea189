# ruff: noqa: S608 names that stand in this file
"""Datasets that change under rows that were merged: what apply does to the tables, what the next batches do, and that
everything can still be proved and undone.
"""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from attrs import evolve

from datasurface.classification import PUBLIC
from datasurface.errors import ApplyRefused, OperationRefused
from datasurface.model import Column, Dataset
from datasurface.results import BatchState, BatchStatus, DatasetCounts, ResultCode
from datasurface.types import (
    Array,
    BigInt,
    Decimal,
    Float32,
    Float64,
    Integer,
    Json,
    SmallInt,
    Text,
    Timestamp,
    TinyInt,
    VarChar,
)
from datasurface_yellow import YellowDataPlatform
from tests.postgres.conftest import NewPipeline
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.queries import fetch
from tests.support.records import assert_done, assert_laws_hold, batch_log, is_copied, merge_tables
from tests.support.sessions import Watch, at_work, holding, until
from tests.support.statements import HeardConnection, Moment, When, heard

PLATFORMS = (LIVE, FORENSIC)
ID = Column("id", Integer(), primary_key=True, classification=PUBLIC)
NAME = Column("name", VarChar(50), nullable=False, classification=PUBLIC)
AGE = Column("age", Integer(), classification=PUBLIC)
NICK = Column("nick", VarChar(20), classification=PUBLIC)
PEOPLE = Dataset("people", columns=[ID, NAME, AGE])
CREATE = (
    "CREATE TABLE people (id int, name varchar(50), age int)",
    "INSERT INTO people SELECT i, 'name ' || i, i % 9 FROM generate_series(1, 40) i",
)
SECOND = ("UPDATE people SET age = age + 1 WHERE id <= 5", "DELETE FROM people WHERE id = 9")
COUNT = 39
MERGE = "yellow{}_store1_people_merge"


@pytest.fixture
def people(copied_pipeline: NewPipeline) -> Pipeline:
    """Two batches on each platform."""
    pipeline = copied_pipeline([PEOPLE], *CREATE)
    for statements in ((), SECOND):
        pipeline.producer("SELECT", *statements)
        for platform in PLATFORMS:
            assert_done(pipeline.run(platform))
    return pipeline


def changed(pipeline: Pipeline, *columns: Column) -> list[list[str]]:
    """Apply another model; the steps of each platform."""
    pipeline.datasets = [Dataset("people", columns=columns)]
    pipeline.put_in_force()
    done = [[f"{step.action} {step.object}" for step in pipeline.runtime(platform).apply()] for platform in PLATFORMS]
    for platform in PLATFORMS:
        assert pipeline.runtime(platform).apply() == []
        assert_laws_hold(pipeline, platform)
    return done


def versions(pipeline: Pipeline, platform: str = FORENSIC) -> int:
    [(count,)] = pipeline.query(f"SELECT count(*) FROM {platform.lower()}_store1_people_merge")
    assert isinstance(count, int)
    return count


def batches(pipeline: Pipeline) -> list[DatasetCounts]:
    """The next batch of each platform, which must copy the source."""
    found = []
    for platform in PLATFORMS:
        result = pipeline.run(platform)
        assert_done(result)
        assert is_copied(pipeline, platform, "people")
        assert_laws_hold(pipeline, platform)
        found.append(result.datasets["people"])
    return found


def files(pipeline: Pipeline) -> list[tuple[object, ...]]:
    """Where the rows of the merge tables are stored: elsewhere after a rewrite."""
    return pipeline.query(
        "SELECT relname, relfilenode FROM pg_class WHERE relname ~ 'people_merge(_live|_history)?$' ORDER BY 1"
    )


UNCHANGED = [DatasetCounts(COUNT, 0, 0, 0, COUNT)] * 2


def test_a_new_column_changes_no_version_until_a_value_arrives(people: Pipeline) -> None:
    before, places = versions(people), files(people)
    people.producer("ALTER TABLE people ADD COLUMN nick varchar(20)")

    steps = changed(people, *PEOPLE.columns, NICK)

    assert steps[0][0] == "added column people.nick"
    assert (versions(people), files(people)) == (before, places)
    assert batches(people) == UNCHANGED
    assert versions(people) == before
    people.producer("UPDATE people SET nick = 'Bo' WHERE id IN (1, 2)", "INSERT INTO people VALUES (50, 'new', 1, 'N')")
    assert batches(people) == [DatasetCounts(COUNT + 1, 1, 2, 0, COUNT - 2)] * 2
    assert versions(people) == before + 3
    people.producer("UPDATE people SET nick = NULL WHERE id = 1", "UPDATE people SET nick = 'Al' WHERE id = 2")
    assert batches(people) == [DatasetCounts(COUNT + 1, 0, 2, 0, COUNT - 1)] * 2


def test_the_same_value_in_two_columns_that_were_added_one_after_the_other_is_a_change(people: Pipeline) -> None:
    alias = evolve(NICK, name="alias")
    people.producer("ALTER TABLE people ADD COLUMN nick varchar(20), ADD COLUMN alias varchar(20)")
    changed(people, *PEOPLE.columns, NICK)
    changed(people, *PEOPLE.columns, NICK, alias)
    assert batches(people) == UNCHANGED
    people.producer("UPDATE people SET nick = 'Bo', alias = 'Bo' WHERE id = 3")
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2
    people.producer("UPDATE people SET alias = NULL WHERE id = 3")
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2
    people.producer("UPDATE people SET alias = 'Bo', nick = NULL WHERE id = 3")
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2


def test_a_new_column_that_is_never_null_may_be_null_in_the_table_and_not_at_the_source(people: Pipeline) -> None:
    people.producer("ALTER TABLE people ADD COLUMN nick varchar(20)")
    changed(people, *PEOPLE.columns, evolve(NICK, nullable=False))
    people.producer("UPDATE people SET nick = 'n' WHERE id > 1")
    for platform in PLATFORMS:
        result = people.run(platform)
        assert result.error is not None
        assert (result.error.type, "column nick of people is NULL in 1 rows" in result.error.message) == (
            "RefusedData",
            True,
        )
    people.producer("UPDATE people SET nick = 'n'")
    assert batches(people) == [DatasetCounts(COUNT, 0, COUNT, 0, 0)] * 2


@pytest.mark.parametrize(
    "columns",
    [
        (ID, evolve(NAME, type=VarChar(90)), AGE),
        (ID, evolve(NAME, type=Text()), AGE),
        (ID, evolve(NAME, type=VarChar(50)), AGE),
        (AGE, NAME, ID),
    ],
    ids=["longer", "text", "same", "order"],
)
def test_what_the_tables_hold_already_is_not_touched(people: Pipeline, columns: Sequence[Column]) -> None:
    places = files(people)
    changed(people, *columns)
    assert files(people) == places
    people.producer("ALTER TABLE people ALTER COLUMN name TYPE varchar(45)")
    assert batches(people) == UNCHANGED


def test_nullability_changes_in_both_directions(people: Pipeline) -> None:
    changed(people, ID, evolve(NAME, nullable=True), AGE)
    people.producer("UPDATE people SET name = NULL WHERE id = 1")
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2
    changed(people, ID, NAME, AGE)
    result = people.run(FORENSIC)
    assert result.code is ResultCode.DONE  # nothing changed, so nothing is looked at
    people.producer("UPDATE people SET name = NULL WHERE id = 2")
    result = people.run(FORENSIC)
    assert result.error is not None
    assert result.error.type == "RefusedData"
    people.producer("UPDATE people SET name = 'x' WHERE name IS NULL")
    batches(people)


def marked(pipeline: Pipeline, platform: str) -> BatchState:
    return pipeline.runtime(platform).status("Store1", last=1)[0]


@pytest.mark.parametrize("wide", ["age", "id"])
def test_a_wider_number_rewrites_the_hashes_in_a_batch_of_its_own_and_makes_no_version(
    people: Pipeline, wide: str
) -> None:
    before = versions(people)
    columns = [evolve(column, type=BigInt()) if column.name == wide else column for column in PEOPLE.columns]

    steps = changed(people, *columns)

    assert (
        f"rewrote table yellowforensic_store1_people_merge ({before:,} rows): column {wide} widened to bigint"
        in steps[1]
    )
    for platform in PLATFORMS:
        state = marked(people, platform)
        assert (state.batch, state.status) == (3, BatchStatus.COMMITTED)
        assert state.reason == f"rewrote hashes of people: column {wide} widened to bigint"
        assert state.datasets == {"people": DatasetCounts(COUNT, 0, 0, 0, COUNT)}
    assert versions(people) == before
    people.producer(f"ALTER TABLE people ALTER COLUMN {wide} TYPE bigint")
    assert batches(people) == UNCHANGED
    people.producer(f"UPDATE people SET {wide} = 5000000000 WHERE id = 3")
    batches(people)


def test_a_narrower_number_in_the_model_leaves_the_wide_one_in_the_table(people: Pipeline) -> None:
    changed(people, ID, NAME, evolve(AGE, type=BigInt()))
    places = files(people)
    changed(people, *PEOPLE.columns)
    assert files(people) == places
    assert batches(people) == UNCHANGED
    people.producer("ALTER TABLE people ALTER COLUMN age TYPE bigint")
    assert people.run(LIVE).error is not None


def test_a_renamed_column_keeps_its_values_and_can_be_named_back(people: Pipeline) -> None:
    places = files(people)
    people.producer("ALTER TABLE people RENAME COLUMN name TO title")
    steps = changed(people, ID, evolve(NAME, name="title", renamed_from="name"), AGE)
    assert "renamed column people.name to title" in steps[0]
    assert files(people) == places
    assert batches(people) == UNCHANGED
    people.producer("UPDATE people SET title = 'other' WHERE id = 4")
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2

    people.producer("ALTER TABLE people RENAME COLUMN title TO name")
    changed(people, *PEOPLE.columns)
    assert batches(people) == UNCHANGED
    assert files(people) == places


def test_the_model_of_before_a_rename_still_runs_until_the_new_one_is_in_force(people: Pipeline) -> None:
    old = people.by_name
    changed(people, ID, evolve(NAME, name="title", renamed_from="name"), AGE, NICK)
    people.by_name = old
    people.producer("UPDATE people SET name = 'late' WHERE id = 4")
    for platform in PLATFORMS:
        result = people.run(platform)
        assert_done(result)
        assert result.datasets["people"] == DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)
    assert people.query("SELECT title FROM yellowlive_store1_people_merge WHERE id = 4") == [("late",)]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_job_of_an_older_model_does_not_empty_a_column_that_it_does_not_know(people: Pipeline, platform: str) -> None:
    late = people.runtime(platform)
    changed(people, ID, NAME, AGE, NICK)
    people.producer("ALTER TABLE people ADD nick varchar(20)", "UPDATE people SET nick = 'nick ' || id")
    assert_done(people.run(platform))
    before = (merge_tables(people, platform), batch_log(people, platform))

    result = late.run_batch("Store1", "late", allow_deletes=True)
    assert result.code is ResultCode.ERROR
    assert result.error is not None
    assert "a batch has read its column nick" in result.error.message
    assert (merge_tables(people, platform), batch_log(people, platform)) == before
    assert_done(people.run(platform))
    assert_laws_hold(people, platform)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_late_job_does_not_empty_a_column_that_was_left_out_when_it_began_and_is_back(
    people: Pipeline, platform: str
) -> None:
    changed(people, *PEOPLE.columns, NICK)
    people.producer("ALTER TABLE people ADD nick varchar(20)", "UPDATE people SET nick = 'nick ' || id")
    assert_done(people.run(platform))
    changed(people, *PEOPLE.columns)
    assert_done(people.run(platform))
    late = people.runtime(platform)
    changed(people, *PEOPLE.columns, NICK)
    before = (merge_tables(people, platform), batch_log(people, platform))

    result = late.run_batch("Store1", "late", allow_deletes=True)
    assert result.error is not None
    assert "a batch has read its column nick" in result.error.message
    assert (merge_tables(people, platform), batch_log(people, platform)) == before
    result = people.run(platform)
    assert_done(result)
    assert result.datasets["people"].unchanged == COUNT


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_model_of_before_a_new_column_still_runs_until_the_new_one_is_in_force(
    people: Pipeline, platform: str
) -> None:
    old = people.runtime(platform)
    changed(people, ID, NAME, evolve(AGE, type=BigInt()), NICK)  # with a marked batch, which knows the column
    people.producer("UPDATE people SET age = age + 1 WHERE id < 4")
    result = old.run_batch("Store1", "old")
    assert_done(result)
    assert result.datasets["people"].updated == 3


def test_a_dropped_column_keeps_its_past_and_comes_back(people: Pipeline) -> None:
    before = versions(people)
    changed(people, ID, NAME)
    assert marked(people, LIVE).reason == "rewrote hashes of people: column age dropped from the model"
    people.producer("UPDATE people SET name = 'other' WHERE id = 4", "UPDATE people SET age = 99 WHERE id = 5")
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2
    assert versions(people) == before + 1
    query = "SELECT id, age FROM yellowlive_store1_people_merge WHERE id IN (4, 5) ORDER BY id"
    assert people.query(query) == [(4, None), (5, 6)]

    changed(people, *PEOPLE.columns)
    assert marked(people, LIVE).reason == "rewrote hashes of people: column age taken back into the model"
    assert batches(people) == [DatasetCounts(COUNT, 0, 2, 0, COUNT - 2)] * 2


REFUSED = [
    ((ID, NAME, evolve(AGE, type=VarChar(9))), "column age is stored as integer, and the model says varchar"),
    ((ID, NAME, evolve(AGE, type=Decimal())), "column age is stored as integer, and the model says numeric"),
    ((ID, evolve(NAME, type=Timestamp()), AGE), "column name is stored as varchar, and the model says timestamp"),
    ((ID, evolve(NAME, primary_key=True), AGE), "the key is id, the model says id, name"),
    (
        (ID, evolve(NAME, name="age", type=Integer(), renamed_from="name")),
        "column age is renamed from name, and the table has a column of each name",
    ),
]


@pytest.mark.parametrize(("columns", "words"), REFUSED, ids=["text", "decimal", "timestamp", "key", "two names"])
def test_what_cannot_be_stored_beside_the_old_values_is_refused(
    people: Pipeline, columns: Sequence[Column], words: str
) -> None:
    before = people.query("TABLE yellowforensic_store1_people_merge")
    with pytest.raises(ApplyRefused, match=words) as refused:
        changed(people, *columns)
    assert "model it as a new dataset" in (refused.value.hint or "")
    assert people.query("TABLE yellowforensic_store1_people_merge") == before
    changed(people, *PEOPLE.columns)
    assert batches(people) == UNCHANGED


def test_a_rollback_goes_behind_a_rewrite_and_what_was_staged_before_it_is_not_replayed(people: Pipeline) -> None:
    first = people.query(
        "SELECT id, name, age FROM yellowforensic_store1_people_merge WHERE ds_surf_batch_in = 1 ORDER BY 1"
    )
    changed(people, ID, NAME, evolve(AGE, type=BigInt()))
    people.producer("UPDATE people SET age = 7 WHERE id = 20")
    batches(people)

    undone = people.runtime(FORENSIC).rollback("Store1", 1)

    assert [state.batch for state in undone] == [4, 3, 2]
    assert people.query("SELECT id, name, age FROM yellowforensic_store1_people_merge ORDER BY 1") == first
    assert_laws_hold(people, FORENSIC)
    with pytest.raises(OperationRefused, match="read under another schema"):
        people.runtime(FORENSIC).replay("Store1")
    assert_done(people.run(FORENSIC))
    assert is_copied(people, FORENSIC, "people")
    assert_laws_hold(people, FORENSIC)


def test_a_cell_that_somebody_changed_is_not_hidden_by_a_rewrite(people: Pipeline) -> None:
    people.store("UPDATE yellowforensic_store1_people_merge SET name = 'forged' WHERE id = 7")
    with pytest.raises(ApplyRefused, match="1 rows were changed behind the engine's back"):
        changed(people, ID, NAME, evolve(AGE, type=BigInt()))
    people.store("UPDATE yellowforensic_store1_people_merge SET name = 'name 7' WHERE id = 7")
    people.store("DELETE FROM yellowforensic_store1_people_merge WHERE id = 8")
    with pytest.raises(ApplyRefused, match="its rows are not what batch 1, 2 left"):
        changed(people, ID, NAME, evolve(AGE, type=BigInt()))


def test_a_batch_that_was_staged_under_the_old_schema_is_not_merged(people: Pipeline) -> None:
    people.producer("UPDATE people SET age = 7 WHERE id = 20", "ALTER TABLE people ADD COLUMN nick varchar(20)")
    for platform in PLATFORMS:
        assert people.run(platform, budget=0).code is ResultCode.KEEP_WORKING
    changed(people, *PEOPLE.columns, NICK)
    for platform in PLATFORMS:
        result = people.run(platform)
        assert result.error is not None
        assert (result.error.type, "with people.nick varchar" in result.error.message) == ("BatchStuck", True)
        people.runtime(platform).reset("Store1")
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2


def test_a_batch_that_is_staged_keeps_hashes_from_being_rewritten(people: Pipeline) -> None:
    people.producer("UPDATE people SET age = 7 WHERE id = 20")
    assert people.run(LIVE, budget=0).code is ResultCode.KEEP_WORKING
    with pytest.raises(ApplyRefused, match="batch 3 of stream Store1 is INGESTED"):
        changed(people, ID, NAME, evolve(AGE, type=BigInt()))


def test_a_source_that_was_changed_first_is_healed_by_the_model(people: Pipeline) -> None:
    people.producer(
        "ALTER TABLE people ALTER COLUMN age TYPE bigint", "UPDATE people SET age = 5000000000 WHERE id = 3"
    )
    for platform in PLATFORMS:
        assert people.run(platform).error is not None
        assert marked(people, platform).status is BatchStatus.STARTED
    changed(people, ID, NAME, evolve(AGE, type=BigInt()))
    for platform in PLATFORMS:
        assert (marked(people, platform).batch, marked(people, platform).status) == (3, BatchStatus.COMMITTED)
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2


def test_before_the_first_batch_the_tables_become_the_models_without_a_batch_and_without_a_layer(
    copied_pipeline: NewPipeline,
) -> None:
    pipeline = copied_pipeline([PEOPLE], *CREATE)
    pipeline.producer("ALTER TABLE people ADD COLUMN nick varchar(20) DEFAULT 'n'")
    changed(pipeline, ID, NAME, evolve(AGE, type=BigInt()), evolve(NICK, nullable=False))
    [(layers,)] = pipeline.query("SELECT layers FROM yellowlive_layout")
    assert isinstance(layers, list)
    assert [[column["name"] for column in layer] for layer in layers] == [["age", "id", "name", "nick"]]
    assert pipeline.runtime(LIVE).status("Store1") == []
    pipeline.producer("UPDATE people SET nick = NULL WHERE id = 1")
    for platform in PLATFORMS:
        result = pipeline.run(platform)
        assert result.error is not None
        assert result.error.type == "RefusedData"
    pipeline.producer("UPDATE people SET nick = '' WHERE id = 1")
    assert [counts.inserted for counts in batches(pipeline)] == [40, 40]


def test_views_of_others_are_named_before_anything_is_done_and_their_grants_on_ours_stay(people: Pipeline) -> None:
    view = "consumer1.yellowlive_consumer1_livedsg_people_view"
    people.store(
        "CREATE ROLE their_role_of_evolution",
        f"GRANT SELECT ON {view} TO their_role_of_evolution",
        f"CREATE VIEW public.on_ours AS SELECT id FROM {view}",
        "CREATE MATERIALIZED VIEW public.on_the_table AS SELECT age FROM yellowlive_store1_people_merge",
    )
    try:
        with pytest.raises(ApplyRefused, match=r"public\.on_ours, public\.on_the_table would have to go"):
            changed(people, ID, NAME, evolve(AGE, type=BigInt()))
        people.store("DROP VIEW public.on_ours", "DROP MATERIALIZED VIEW public.on_the_table")
        steps = changed(people, ID, NAME, evolve(AGE, type=BigInt()))
        assert f"updated view {view}" in steps[0]
        privilege = f"SELECT has_table_privilege('their_role_of_evolution', '{view}', 'SELECT')"
        assert fetch(people.target, privilege) == [(True,)]
    finally:
        people.store("DROP OWNED BY their_role_of_evolution", "DROP ROLE their_role_of_evolution")


def test_views_go_before_their_tables_are_locked_so_that_no_reader_of_a_view_meets_apply_in_a_deadlock(
    people: Pipeline,
) -> None:
    said: list[str] = []

    def listen(moment: Moment, _session: HeardConnection) -> None:
        first = ("CREATE TEMPORARY", "DROP VIEW", "ALTER TABLE", "CREATE VIEW")
        said.extend(words for words in first if moment.when is When.BEFORE and moment.statement.startswith(words))

    people.datasets = [Dataset("people", columns=[*PEOPLE.columns, NICK])]
    people.put_in_force()
    with heard(lambda _: listen, {people.target.name: "target"}):
        people.runtime(FORENSIC).apply()
    assert said == [*["DROP VIEW"] * 2, *["ALTER TABLE"] * 2, *["CREATE VIEW"] * 2]

    said.clear()
    people.datasets = [Dataset("people", columns=[ID, NAME, evolve(AGE, type=BigInt()), NICK])]
    people.put_in_force()
    with heard(lambda _: listen, {people.target.name: "target"}):
        people.runtime(FORENSIC).apply()
    looked_at_every_row = said.index("CREATE TEMPORARY")
    assert looked_at_every_row < said.index("DROP VIEW") < said.index("ALTER TABLE")


def test_a_job_at_work_keeps_apply_waiting_and_then_is_named(people: Pipeline) -> None:
    people.change_platforms(lambda platform: evolve(platform, lock_wait=timedelta(milliseconds=100)))
    with (
        holding(people.source, "LOCK TABLE people IN ACCESS EXCLUSIVE MODE"),
        Watch.over(people.server) as watch,
    ):
        before = people.by_name[LIVE]
        assert isinstance(before.platform, YellowDataPlatform)
        patient = evolve(before, platform=evolve(before.platform, lock_wait=timedelta(minutes=1)))
        with at_work(evolve(people, by_name={LIVE: patient}), LIVE) as job:
            until(watch.waits_for_lock(people.source), job)
            stream = evolve(before.streams[0], datasets=(Dataset("people", columns=[*PEOPLE.columns, NICK]),))
            people.by_name = {LIVE: evolve(before, streams=(stream,))}
            with pytest.raises(ApplyRefused, match=r"another job works on stream Store1 .*its tables have to change"):
                people.runtime(LIVE).apply()
            watch.end(people.source)


def test_tables_of_the_catalogue_before_layouts_come_forward_together_with_a_change(people: Pipeline) -> None:
    people.store(
        *(f"DROP TABLE {name.lower()}_layout" for name in PLATFORMS),
        *(f"UPDATE {name.lower()}_catalog SET version = 2" for name in PLATFORMS),
    )
    for platform in PLATFORMS:
        assert_done(people.run(platform))  # a new program, and nobody has applied yet
    changed(people, ID, NAME, evolve(AGE, type=BigInt()))
    assert batches(people) == UNCHANGED


def test_a_rewrite_takes_the_place_of_a_batch_that_failed_and_forgets_what_it_staged(people: Pipeline) -> None:
    people.producer("UPDATE people SET age = 70 WHERE id = 20")
    assert people.run(FORENSIC, budget=0).code is ResultCode.KEEP_WORKING
    people.store("UPDATE yellowforensic_batch_metrics SET status = 'FAILED' WHERE batch = 3")
    changed(people, ID, NAME, evolve(AGE, type=BigInt()))
    assert (marked(people, FORENSIC).batch, marked(people, FORENSIC).status) == (3, BatchStatus.COMMITTED)
    assert people.query("SELECT FROM yellowforensic_store1_people_staging WHERE ds_surf_batch = 3") == []
    assert batches(people) == [DatasetCounts(COUNT, 0, 1, 0, COUNT - 1)] * 2


def test_every_kind_of_widening_at_once_under_names_that_need_quotes(new_pipeline: NewPipeline) -> None:
    key = Column('k%d "1"', SmallInt(), primary_key=True)
    columns = [key, Column("f", Float32()), Column("list", Array(Integer())), Column("tiny", TinyInt())]
    pipeline = new_pipeline(
        [Dataset("people", columns=columns)],
        'CREATE TABLE people ("k%d ""1""" smallint, f real, list int[], tiny smallint)',
        "INSERT INTO people SELECT i, i / 3.0, ARRAY[i, NULL], i FROM generate_series(1, 20) i",
    )
    for platform in PLATFORMS:
        assert_done(pipeline.run(platform))
    pipeline.producer('ALTER TABLE people RENAME "k%d ""1""" TO "Key %s"', 'ALTER TABLE people ADD "z%" jsonb')
    wide = [BigInt(), Float64(), Array(BigInt()), Integer()]
    wider = [evolve(column, type=kind) for column, kind in zip(columns, wide, strict=True)]
    changed(pipeline, evolve(wider[0], name="Key %s", renamed_from=key.name), *wider[1:], Column("z%", Json()))
    for platform in PLATFORMS:
        assert pipeline.run(platform).datasets == {"people": DatasetCounts(20, 0, 0, 0, 20)}
    pipeline.producer(
        'ALTER TABLE people ALTER f TYPE float8, ALTER tiny TYPE int, ALTER "Key %s" TYPE bigint',
        "ALTER TABLE people ALTER list TYPE bigint[]",
        """UPDATE people SET "z%" = '{"a": null}' WHERE f > 5""",
    )
    assert batches(pipeline) == [DatasetCounts(20, 0, 5, 0, 15)] * 2
