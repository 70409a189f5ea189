"""How a consumer reads the past: rows as of a batch or an instant, and what changed between two batches."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Thread
from typing import cast

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from psycopg2.sql import SQL, Literal

from datasurface.milestoning import laws, oracle
from datasurface.milestoning.oracle import ForensicTable
from datasurface.milestoning.rows import Change, Key, Layout, Operation, Row
from datasurface.model import Column, Dataset
from datasurface.types import Integer, Text
from tests.postgres.conftest import NewPipeline
from tests.support.length import long_or
from tests.support.people import CREATE, PEOPLE, PETS, fill
from tests.support.pipeline import FORENSIC, Pipeline
from tests.support.queries import execute, fetch
from tests.support.records import assert_done

ON_PEOPLE = "consumer1.yellowforensic_consumer1_forensicdsg_people_"
LAYOUT = Layout.of(PEOPLE.columns)
Rows = Mapping[Key, Row]


@contextmanager
def reading(pipeline: Pipeline, role: str = "consumer1_reader") -> Iterator[Connection]:
    """A session with the rights of the workspace's role alone."""
    connection = psycopg2.connect(pipeline.target.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
    yield connection
    connection.close()


def ask(consumer: Connection, query: str, *parameters: object) -> list[tuple[object, ...]]:
    with consumer.cursor() as cursor:
        cursor.execute(
            query.replace("PAST_", ON_PEOPLE).replace("ODD_", ON_PEOPLE.replace("people", "odd")), parameters
        )
        return cursor.fetchall()


def as_of(consumer: Connection, when: int | datetime) -> Rows:
    kind = "batch" if isinstance(when, int) else "time"
    return {
        LAYOUT.key_of(row): row
        for row in ask(consumer, "SELECT * FROM PAST_as_of_KIND(%s)".replace("KIND", kind), when)
    }


def batches(consumer: Connection) -> list[tuple[int, datetime]]:
    found = ask(consumer, "SELECT ds_surf_batch, ds_surf_valid_from FROM PAST_batches ORDER BY 1")
    return cast("list[tuple[int, datetime]]", found)


def refusal(consumer: Connection, query: str, *parameters: object) -> psycopg2.Error:
    with pytest.raises(psycopg2.Error) as caught:
        ask(consumer, query, *parameters)
    return caught.value


def edit(pipeline: Pipeline, random: Random) -> None:
    """Change some of the few people: values that come and go, so that many a change is taken back later."""
    ids = [Literal(number) for number in random.sample(range(1, 13), 4)]
    city = Literal(random.choice([None, "a", "b"]))
    execute(
        pipeline.source,
        SQL("DELETE FROM people WHERE id IN ({}, {})").format(*ids[:2]),
        SQL("INSERT INTO people SELECT {0}, 'zyx', NULL WHERE NOT EXISTS (SELECT FROM people WHERE id = {0})").format(
            ids[2]
        ),
        SQL("UPDATE people SET city = {} WHERE id IN ({}, {})").format(city, *ids[2:]),
    )


def people_at(pipeline: Pipeline) -> Sequence[Row]:
    return fetch(pipeline.source, "SELECT id, name, city FROM people")


@pytest.fixture
def pipeline(copied_pipeline: NewPipeline) -> Pipeline:
    """Ten people and nothing else, not ingested yet."""
    return copied_pipeline([PEOPLE, PETS], *CREATE, *fill(people=10, pets=1))


@pytest.mark.short
def test_rows_as_of_all_batches_and_changes_between_all_pairs_are_the_oracles(pipeline: Pipeline) -> None:
    """Also where batches were rolled back: their numbers stay, and what they did is gone."""
    random, table, committed = Random(1), ForensicTable(), [0]
    for number in range(1, long_or(50, 12) + 1):
        edit(pipeline, random)
        result = pipeline.run(FORENSIC)
        assert_done(result)
        assert result.batch is not None
        committed.append(result.batch)
        table, _ = oracle.merge(table, people_at(pipeline), LAYOUT, result.batch, allow_deletes=True)
        if number in (5, 8):
            pipeline.runtime(FORENSIC).rollback("Store1", committed[-3])
            del committed[-2:]
            table = oracle.rollback(table, committed[-1])
    with reading(pipeline) as consumer:
        assert [0, *(batch for batch, _ in batches(consumer))] == committed
        found = {batch: as_of(consumer, batch) for batch in committed}
        query = "SELECT a, b, c.* FROM unnest(%s) a, unnest(%s) b, PAST_changes(a, b) c ORDER BY a, b"
        rows = ask(consumer, query, committed, committed)
    assert found == {batch: oracle.as_of(table, batch) for batch in committed}
    between: dict[tuple[object, object], list[tuple[object, ...]]] = {}
    for a, b, *change in rows:
        between.setdefault((a, b), []).append(tuple(change))
    for a in committed:
        for b in committed:
            changes = [_change(row, found[a]) for row in between.get((a, b), [])]
            assert sorted(changes, key=str) == sorted(oracle.changes(table, a, b), key=str)
            assert not laws.changes_connect(found[a], changes, found[b])
    assert len({operation for (_, _, operation, *_) in rows}) == 3


def _change(found: tuple[object, ...], before: Rows) -> Change:
    name, *cells = found
    operation, row = Operation(name), tuple(cells)
    key = LAYOUT.key_of(row)
    if operation is Operation.DELETE:
        assert row == before[key]
        return Change(operation, key, None)
    return Change(operation, key, row)


@pytest.mark.short
def test_an_answer_never_changes_and_what_is_not_settled_is_refused(pipeline: Pipeline) -> None:
    """Asked at random instants while another session commits batches, and again afterwards."""
    random, wanted = Random(2), long_or(200, 25)
    assert_done(pipeline.run(FORENSIC))
    answers: dict[datetime, Rows] = {}
    done: list[bool] = []

    def commit_batches() -> None:
        edits = Random(3)
        for _ in range(long_or(60, 6)):
            edit(pipeline, edits)
            done.append(pipeline.run(FORENSIC).code == 0)

    worker = Thread(target=commit_batches)
    with reading(pipeline) as consumer:
        [(_, first)] = batches(consumer)
        worker.start()
        refused: list[datetime] = []
        while worker.is_alive() or len(answers) < wanted:
            [(now,)] = ask(consumer, "SELECT clock_timestamp()")
            since = first - timedelta(milliseconds=200)
            instant = since + random.random() * (cast(datetime, now) + timedelta(milliseconds=100) - since)
            try:
                answer = as_of(consumer, instant)
            except psycopg2.errors.ObjectNotInPrerequisiteState:
                refused.append(instant)
            else:
                answers[instant] = answer
        worker.join()
        log = batches(consumer)
        assert all(done)
        assert len(log) == long_or(61, 7)
        assert {when: as_of(consumer, when) for when in answers} == answers
        for instant in (*answers, *refused):
            if instant <= log[-1][1]:
                in_force = max((batch for batch, since in log if since <= instant), default=0)
                assert as_of(consumer, instant) == as_of(consumer, in_force)
                assert ask(consumer, "SELECT PAST_batch_at(%s)", instant) == [(in_force,)]
    assert len(answers) >= wanted
    assert refused


def test_what_is_not_settled_is_refused_whatever_is_asked_of_it(pipeline: Pipeline) -> None:
    with reading(pipeline) as consumer:
        error = refusal(consumer, "SELECT FROM PAST_as_of_time(%s)", datetime(2020, 1, 1, tzinfo=UTC))
        assert "is not settled yet: no batch is committed" in str(error)
        assert "HINT:  What is live now is in " + ON_PEOPLE + "view" in str(error)
        assert "no batch is committed" in str(refusal(consumer, "SELECT FROM PAST_as_of_batch(1)"))
        assert as_of(consumer, 0) == {}
    for _ in range(2):
        assert_done(pipeline.run(FORENSIC))
    with reading(pipeline) as consumer:
        (_, first), (_, newest) = batches(consumer)
        for query in (
            "SELECT FROM PAST_as_of_batch(3)",
            "SELECT FROM PAST_as_of_batch(3) WHERE id = -1",
            "SELECT FROM PAST_changes(1, 3)",
            "SELECT FROM PAST_changes(0, 3) WHERE id = -1",
            "SELECT count(*) FROM PAST_view v, PAST_as_of_batch(2147483647) a WHERE v.id = a.id",
        ):
            assert "is not settled yet: the newest batch is 2" in str(refusal(consumer, query))
        later = newest + timedelta(microseconds=1)
        assert "is not settled yet" in str(refusal(consumer, "SELECT FROM PAST_as_of_time(%s)", later))
        assert as_of(consumer, newest) == as_of(consumer, first) == as_of(consumer, 2)
        assert as_of(consumer, first - timedelta(microseconds=1)) == {}
        assert ask(consumer, "SELECT FROM PAST_as_of_batch(NULL)") == []
        assert ask(consumer, "SELECT FROM PAST_as_of_time(NULL)") == []


def test_batches_that_were_rolled_back_are_refused_and_instants_get_what_replaced_them(pipeline: Pipeline) -> None:
    random = Random(4)
    for _ in range(3):
        assert_done(pipeline.run(FORENSIC))
        edit(pipeline, random)
    with reading(pipeline) as consumer:
        log, second, third = batches(consumer), as_of(consumer, 2), as_of(consumer, 3)
        pipeline.runtime(FORENSIC).rollback("Store1", 2)
        assert "is not settled yet: the newest batch is 2" in str(refusal(consumer, "SELECT FROM PAST_as_of_batch(3)"))
        assert "is not settled yet" in str(refusal(consumer, "SELECT FROM PAST_as_of_time(%s)", log[2][1]))
        assert_done(pipeline.run(FORENSIC))
        assert "batch 3 cannot be asked for: it was rolled back" in str(
            refusal(consumer, "SELECT FROM PAST_as_of_batch(3)")
        )
        assert "rolled back" in str(refusal(consumer, "SELECT FROM PAST_changes(3, 4)"))
        assert as_of(consumer, log[2][1]) == second != third
        assert ask(consumer, "TABLE PAST_batches ORDER BY 1")[-1][2] == 2


@pytest.fixture
def four_batches(pipeline: Pipeline) -> Pipeline:
    random = Random(5)
    for _ in range(4):
        assert_done(pipeline.run(FORENSIC))
        edit(pipeline, random)
    return pipeline


def test_a_log_without_its_beginning_answers_for_what_it_has_and_refuses_the_rest(four_batches: Pipeline) -> None:
    with reading(four_batches) as consumer:
        log = batches(consumer)
        between = [since + timedelta(microseconds=1) for _, since in log[:-1]]
        before = [as_of(consumer, instant) for instant in between]
        changes = ask(consumer, "SELECT * FROM PAST_changes(3, 4) ORDER BY id")
        four_batches.store("DELETE FROM yellowforensic_batch_metrics WHERE batch = 2")
        for instant in (between[0], between[1]):  # who knows when batch 2 came
            error = refusal(consumer, "SELECT FROM PAST_as_of_time(%s)", instant)
            assert "the log of that time is no longer kept" in str(error)
        four_batches.store("DELETE FROM yellowforensic_batch_metrics WHERE batch = 1")
        assert ask(consumer, "SELECT ds_surf_batch, ds_surf_follows FROM PAST_batches ORDER BY 1") == [
            (3, None),
            (4, 3),
        ]
        for instant in (log[0][1] - timedelta(days=1), between[0], between[1]):
            refusal(consumer, "SELECT FROM PAST_as_of_time(%s)", instant)
        assert "no longer kept" in str(refusal(consumer, "SELECT FROM PAST_as_of_batch(2)"))
        assert as_of(consumer, between[2]) == before[2] == as_of(consumer, 3)
        assert ask(consumer, "SELECT * FROM PAST_changes(3, 4) ORDER BY id") == changes
        assert as_of(consumer, 0) == {}


def test_a_filter_on_the_key_reaches_the_indexes(four_batches: Pipeline) -> None:
    with reading(four_batches) as consumer:
        (_, instant), *_ = batches(consumer)
        ask(consumer, "SELECT set_config('enable_seqscan', 'off', false)")
        for query, sides, *parameters in (
            ("EXPLAIN SELECT * FROM PAST_as_of_batch(2) WHERE id = 7", 1),
            ("EXPLAIN SELECT * FROM PAST_as_of_time(%s) WHERE id = 7", 1, instant),
            ("EXPLAIN SELECT * FROM PAST_changes(1, 3) WHERE id = 7", 4),  # each half looks at both
        ):
            rows = ask(consumer, query, *parameters)
            plan = [str(line) for (line,) in rows]
            assert not any("Function Scan" in line for line in plan)
            scans = [line for line in plan if " on yellowforensic_store1_people_merge_" in line]
            assert len(scans) == 2 * sides  # of the live rows, and of those of the past
            assert all("Index Scan using" in line for line in scans)
            assert sum("Index Cond" in line and "(id = 7)" in line for line in plan) == 2 * sides


def test_only_the_workspaces_role_may_call_the_functions(four_batches: Pipeline) -> None:
    granted = four_batches.query(
        "SELECT p.proname::text, array_agg(DISTINCT g.grantee::regrole::text), bool_or(p.prosecdef) "
        "FROM pg_proc p, aclexplode(p.proacl) g WHERE p.pronamespace = 'consumer1'::regnamespace GROUP BY 1"
    )
    writer = four_batches.access.writer.name
    assert len(granted) == 2 * 5
    assert all(
        (set(cast("list[str]", who)), definer) == ({"consumer1_reader", writer}, False) for _, who, definer in granted
    )
    with reading(four_batches, four_batches.access.reader.name) as stranger:
        refusal(stranger, "SELECT FROM PAST_as_of_batch(1)")


ODD = Dataset(
    "odd",
    columns=[
        Column("After", Integer(), primary_key=True),
        Column("after", Text(), primary_key=True),
        Column("up_to", Integer()),
        Column("batch", Text()),
        Column("at", Integer()),
    ],
)


def test_columns_may_have_the_names_of_arguments_and_keys_several_columns(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline(
        [ODD],
        'CREATE TABLE odd ("After" int, after text, up_to int, batch text, at int)',
        "INSERT INTO odd VALUES (1, 'a', 2, 'x', NULL), (1, 'b', NULL, NULL, 7)",
    )
    assert_done(pipeline.run(FORENSIC))
    pipeline.producer("UPDATE odd SET at = 8 WHERE after = 'b'", "DELETE FROM odd WHERE after = 'a'")
    assert_done(pipeline.run(FORENSIC))
    with reading(pipeline) as consumer:
        assert ask(consumer, "SELECT * FROM ODD_as_of_batch(1) ORDER BY 2") == [
            (1, "a", 2, "x", None),
            (1, "b", None, None, 7),
        ]
        assert ask(consumer, "SELECT * FROM ODD_changes(1, 2) ORDER BY after") == [
            ("delete", 1, "a", 2, "x", None),
            ("update", 1, "b", None, None, 8),
        ]
        assert len(ask(consumer, "SELECT * FROM ODD_changes(0, 2)")) == 1
