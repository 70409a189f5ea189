"""A source behind PgBouncer, and roles with settings of their own: what holds in the transaction that reads is the same
everywhere.
"""

from collections.abc import Sequence
from typing import cast

import pytest

from datasurface.classification import PUBLIC
from datasurface.model import Column, Dataset
from datasurface.results import DatasetCounts
from datasurface.types import Text
from datasurface_yellow.store.quoting import identifier
from tests.postgres.conftest import NewPipeline, OpenPooler
from tests.support.people import CREATE, PEOPLE, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done, assert_laws_hold, is_copied
from tests.support.refusals import Refusal, assert_refused, assert_untouched, state_of
from tests.support.sessions import Watch, at_work, holding, until

SETTINGS = Dataset(
    "settings",
    columns=[
        Column("name", Text(), primary_key=True, classification=PUBLIC),
        Column("value", Text(), classification=PUBLIC),
    ],
)
HOSTILE = {
    "bytea_output": "'escape'",
    "client_encoding": "'latin1'",
    "datestyle": "'German, DMY'",
    "default_transaction_isolation": "'serializable'",
    "default_transaction_read_only": "'on'",
    "extra_float_digits": "'-10'",
    "idle_in_transaction_session_timeout": "'5s'",
    "intervalstyle": "'iso_8601'",
    "jit": "'on'",
    "lock_timeout": "'1ms'",
    "parallel_tuple_cost": "'1000'",
    "row_security": "'on'",
    "search_path": "lookalike, public",
    "standard_conforming_strings": "'off'",
    "statement_timeout": "'5s'",
    "timezone": "'Asia/Tokyo'",
}
IN_FORCE = {
    "bytea_output": "hex",
    "client_encoding": "UTF8",
    "datestyle": "ISO, DMY",
    "extra_float_digits": "3",
    "idle_in_transaction_session_timeout": "0",
    "intervalstyle": "postgres",
    "jit": "off",
    "lock_timeout": "10000",
    "parallel_tuple_cost": "0",
    "row_security": "off",
    "search_path": "pg_catalog",
    "statement_timeout": "3600000",
    "timezone": "UTC",
    "transaction_isolation": "repeatable read",
    "transaction_read_only": "on",
}
SHOWN = ", ".join(f"'{name}'" for name in (*IN_FORCE, "transaction_timeout"))
# A table that shows the settings of whoever reads it, and functions and operators that a job must not find.
CREATE_HOSTILE = (
    "CREATE VIEW settings AS SELECT lower(name) AS name, setting AS value FROM pg_settings "
    "WHERE lower(name) IN (SHOWN)".replace("SHOWN", SHOWN),
    "CREATE SCHEMA lookalike",
    *(
        f"CREATE FUNCTION {function} LANGUAGE plpgsql AS $$ BEGIN RAISE 'found the look-alike'; END $$"
        for function in (
            "lookalike.hash_record_extended(record, bigint) RETURNS bigint",
            "lookalike.record_send(record) RETURNS bytea",
            "lookalike.bit_xor(bigint) RETURNS bigint",
            "lookalike.pg_current_snapshot() RETURNS pg_snapshot",
            "lookalike.equal(bigint, bigint) RETURNS boolean",
        )
    ),
    "CREATE OPERATOR lookalike.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = lookalike.equal)",
    "GRANT USAGE ON SCHEMA lookalike TO PUBLIC",
)


@pytest.fixture
def hostile(new_pipeline: NewPipeline) -> Pipeline:
    """A producer whose reader may connect and read, and has every setting other than a job needs it."""
    pipeline = new_pipeline([PEOPLE, SETTINGS], *CREATE, *fill(people=500), *CREATE_HOSTILE)
    reader, database = identifier(pipeline.access.reader.name), identifier(pipeline.source.name)
    pipeline.producer(
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {reader}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    )
    since = {"transaction_timeout": "'5s'"} if int(pipeline.server.version.split(".")[0]) >= 17 else {}
    for setting, value in {**HOSTILE, **since}.items():
        pipeline.producer(f"ALTER ROLE {reader} SET {setting} TO {value}")
        pipeline.producer(f"ALTER ROLE {reader} IN DATABASE {database} SET {setting} TO {value}")
    return pipeline


WAYS = {
    "the server itself": None,
    "transactions": ("transaction",),
    "transactions of one session, options ignored": (
        "transaction",
        "ignore_startup_parameters = options",
        "default_pool_size = 1",
    ),
    "sessions": ("session",),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_the_settings_of_a_read_are_ours(hostile: Pipeline, way: Sequence[str] | None, open_pooler: OpenPooler) -> None:
    if way is not None:
        hostile.read_at(open_pooler(hostile, *way))
    assert_done(hostile.run(FORENSIC))
    hostile.producer("UPDATE people SET city = E'new \\\\ ''quote'' ' WHERE id <= 5")
    result = hostile.run(FORENSIC)

    assert_done(result)
    assert result.datasets["people"] == DatasetCounts(500, 0, 5, 0, 495)
    assert is_copied(hostile, FORENSIC, "people")
    assert_laws_hold(hostile, FORENSIC)
    seen = dict(
        cast(list[tuple[str, str]], hostile.query("SELECT name, value FROM yellowforensic_store1_settings_merge"))
    )
    assert seen.pop("transaction_timeout", "0") == "0"
    assert seen == IN_FORCE


def test_keys_with_backslashes_are_fetched_whatever_quotes_mean_at_the_source(
    new_pipeline: NewPipeline, open_pooler: OpenPooler
) -> None:
    keyed = Dataset("keyed", columns=[Column("key", Text(), primary_key=True), Column("note", Text())])
    pipeline = new_pipeline(
        [keyed],
        "CREATE TABLE keyed (key text, note text)",
        r"INSERT INTO keyed SELECT E'a\\b''c\\' || i, 'first' FROM generate_series(1, 30) i",
    )
    pipeline.producer(f"ALTER ROLE {identifier(pipeline.access.reader.name)} SET standard_conforming_strings = off")
    assert_done(pipeline.run(LIVE))
    for port in (pipeline.server.port, open_pooler(pipeline, "transaction")):
        pipeline.read_at(port)
        pipeline.producer(r"UPDATE keyed SET note = note || ' more' WHERE key = E'a\\b''c\\7'")
        result = pipeline.run(LIVE)
        assert_done(result)
        assert result.datasets["keyed"].updated == 1
        assert is_copied(pipeline, LIVE, "keyed")


def test_a_reload_is_waited_for_through_a_pooler_too(
    people_and_pets: Pipeline, open_pooler: OpenPooler, watch: Watch
) -> None:
    assert_done(people_and_pets.run(LIVE))
    people_and_pets.read_at(open_pooler(people_and_pets, "transaction"))
    reload = "INSERT INTO people SELECT i, 'new-' || i, NULL FROM generate_series(1, 450) i"
    with (
        holding(people_and_pets.source, "TRUNCATE people", reload) as producer,
        at_work(people_and_pets, LIVE) as job,
    ):
        until(watch.waits_for_lock(people_and_pets.source), job)
        producer.commit()
        result = job.result()

    assert_done(result)
    assert (result.datasets["people"].read, result.datasets["people"].deleted) == (450, 50)


def test_a_pooler_that_allows_no_transactions_is_one_error(people_and_pets: Pipeline, open_pooler: OpenPooler) -> None:
    assert_done(people_and_pets.run(FORENSIC))
    before = state_of(people_and_pets, FORENSIC)
    people_and_pets.read_at(open_pooler(people_and_pets, "statement"))
    refusal = Refusal("SourceUnavailable", None, "does not let a transaction begin", "pool_mode transaction or session")

    assert_refused(people_and_pets, FORENSIC, people_and_pets.run(FORENSIC), refusal)
    assert_untouched(people_and_pets, FORENSIC, before, tried=2)
    people_and_pets.read_at(people_and_pets.server.port)
    assert_done(people_and_pets.run(FORENSIC))
