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
