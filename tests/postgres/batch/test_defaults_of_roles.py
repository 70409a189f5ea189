"""Settings that an administrator has given to the roles or the database: what a job reads and writes does not depend on
them.
"""

import pytest

from datasurface_yellow.store.connection import closing, connect, one, place
from datasurface_yellow.store.quoting import identifier
from tests.postgres.conftest import NewPipeline
from tests.support.people import CREATE, PEOPLE, fill
from tests.support.pipeline import FORENSIC, LIVE, Pipeline
from tests.support.records import assert_done, assert_laws_hold, is_copied
from tests.support.sessions import holding

DEFAULTS = {
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "standard_conforming_strings": "off",
    "array_nulls": "off",
    "bytea_output": "escape",
    "datestyle": "German",
    "intervalstyle": "iso_8601",
    "extra_float_digits": "-10",
    "client_encoding": "latin1",
    "timezone": "Asia/Tokyo",
    "search_path": "consumer1",
    "row_security": "off",
    "idle_in_transaction_session_timeout": "5s",
    "idle_session_timeout": "5s",
}


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> Pipeline:
    made = new_pipeline([PEOPLE], *CREATE, *fill(people=50))
    for role in (made.access.reader, made.access.writer):
        for setting, value in DEFAULTS.items():
            made.store(f"ALTER ROLE {identifier(role.name)} SET {setting} TO '{value}'")
    return made


@pytest.mark.parametrize("platform", [LIVE, FORENSIC])
def test_jobs_do_the_same_whatever_their_roles_defaults_are(pipeline: Pipeline, platform: str) -> None:
    for change in (
        "SELECT",
        r"UPDATE people SET city = E'back\\slash ''quote''' WHERE id < 9",
        "DELETE FROM people WHERE id = 9",
    ):
        pipeline.producer(change)
        assert_done(pipeline.run(platform))
        assert is_copied(pipeline, platform, "people")
    assert_laws_hold(pipeline, platform)
    assert pipeline.runtime(platform).apply() == []


@pytest.mark.parametrize("credential", ["reader", "writer"])
def test_a_transaction_sees_what_was_committed_before_each_statement(pipeline: Pipeline, credential: str) -> None:
    """A serializable one would fail where two jobs write to the batch log at a time."""
    database = pipeline.source if credential == "reader" else pipeline.target
    where = place(pipeline.container(database, credential), pipeline.access.credentials)
    with closing(connect(where, "test")) as session:
        assert one(session, "SHOW transaction_isolation") == ("read committed",)


def test_a_session_that_writes_may_stand_idle_while_the_source_is_read(pipeline: Pipeline) -> None:
    where = place(pipeline.container(pipeline.target, "writer"), pipeline.access.credentials)
    with closing(connect(where, "test")) as session:
        for setting in ("idle_in_transaction_session_timeout", "idle_session_timeout"):
            assert one(session, f"SHOW {setting}") == ("0",)


def test_a_statement_timeout_of_the_writer_is_named(new_pipeline: NewPipeline) -> None:
    pipeline = new_pipeline([PEOPLE], *CREATE, *fill(people=50))
    assert_done(pipeline.run(FORENSIC))
    pipeline.producer("UPDATE people SET city = 'new'")
    writer = identifier(pipeline.access.writer.name)
    pipeline.store(f"ALTER ROLE {writer} SET statement_timeout TO '500ms'")
    with holding(pipeline.target, "LOCK TABLE yellowforensic_store1_people_staging IN SHARE MODE"):
        error = pipeline.run(FORENSIC).error

    assert error is not None
    assert "canceling statement due to statement timeout" in error.message
    assert "statement_timeout that is too short" in (error.hint or "")
    pipeline.store(f"ALTER ROLE {writer} RESET statement_timeout")
    assert_done(pipeline.run(FORENSIC))
