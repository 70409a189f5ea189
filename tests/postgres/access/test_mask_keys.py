"""The secrets of hashes: stored when an apply needs them, changed with the credential, and shown to nobody."""

from collections.abc import Callable

import pytest
from attrs import evolve

from datasurface.credentials import Credentials
from datasurface.errors import ApplyRefused, MissingCredential
from datasurface.results import Step
from datasurface_yellow.deploy.mask_keys import mask_key
from tests.postgres.conftest import NewPipeline
from tests.support.clients import CALLS, CREATE, KEY, WithKey, deploy, with_masks
from tests.support.pipeline import LIVE, Pipeline

HASHES = "SELECT email FROM consumer2.yellowlive_consumer2_livedsg_calls_view"


@pytest.fixture
def pipeline(new_pipeline: NewPipeline) -> Pipeline:
    made = new_pipeline([CALLS], CREATE[1], "INSERT INTO calls VALUES ('somebody', 1)")
    made.store(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'consumer2_reader') "
        "THEN CREATE ROLE consumer2_reader NOLOGIN; END IF; END $$"
    )
    return made


def applied(pipeline: Pipeline, key: str, *, dry_run: bool = False) -> list[Step]:
    runtime = evolve(pipeline.runtime(LIVE), credentials=WithKey(pipeline, key).credentials)
    return [step for step in runtime.apply(dry_run=dry_run) if "view" not in step.action]


def test_a_key_is_stored_once_changed_with_its_credential_and_taken_away_with_its_mask(pipeline: Pipeline) -> None:
    deploy(pipeline, with_masks(pipeline.model), WithKey(pipeline).credentials)
    assert pipeline.run(LIVE).error is None
    before = pipeline.query(HASHES)
    assert applied(pipeline, KEY) == []

    steps = applied(pipeline, "another-key-of-the-hashes")

    assert [(step.action, step.object) for step in steps] == [("changed mask key", "mask-key")]
    assert pipeline.query(HASHES) != before
    deploy(pipeline, with_masks(pipeline.model, []), pipeline.access.credentials)
    assert pipeline.query(HASHES) == [(None,)]
    assert pipeline.query("SELECT FROM yellowlive_mask_keys") == []


def test_no_log_and_no_plan_shows_a_key(pipeline: Pipeline) -> None:
    log, writer = pipeline.server.log, pipeline.access.writer.name
    start = log.stat().st_size
    pipeline.store(
        f"ALTER ROLE {writer} SET log_statement = 'all'", f"ALTER ROLE {writer} SET log_error_verbosity = verbose"
    )
    pipeline.by_name = deploy(pipeline, with_masks(pipeline.model), WithKey(pipeline).credentials)
    steps = applied(pipeline, "another-key-of-the-hashes", dry_run=True)

    logged = log.read_bytes()[start:].decode(errors="replace")
    key, other = mask_key("mask-key", KEY), mask_key("mask-key", "another-key-of-the-hashes")
    assert "COPY" in logged
    assert [(step.action, bool(step.sql)) for step in steps] == [("changed mask key", True)]
    for secret in (KEY, key.inner, key.outer, "another-key", other.inner, other.outer):
        assert secret not in logged
        assert secret not in str(steps)


@pytest.mark.parametrize(
    ("credentials", "error", "words"),
    [
        (lambda pipeline: WithKey(pipeline, "too short").credentials, ApplyRefused, "shorter than 16 characters"),
        (lambda pipeline: pipeline.access.credentials, MissingCredential, "no secret for credential 'mask-key'"),
    ],
)
def test_without_a_good_key_nothing_is_done(
    pipeline: Pipeline, credentials: Callable[[Pipeline], Credentials], error: type[Exception], words: str
) -> None:
    before = pipeline.query("SELECT relname FROM pg_class ORDER BY 1")

    with pytest.raises(error, match=words) as raised:
        deploy(pipeline, with_masks(pipeline.model), credentials(pipeline))

    assert "too short" not in raised.value.args[0].split("characters")[0]
    assert pipeline.query("SELECT relname FROM pg_class ORDER BY 1") == before


def test_default_privileges_do_not_open_the_table_of_keys(pipeline: Pipeline) -> None:
    writer = pipeline.access.writer.name
    pipeline.store(
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {writer} GRANT SELECT ON TABLES TO PUBLIC",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {writer} GRANT ALL ON TABLES TO consumer2_reader",
    )

    deploy(pipeline, with_masks(pipeline.model), WithKey(pipeline).credentials)

    readable = "SELECT has_table_privilege('consumer2_reader', 'yellowlive_mask_keys', 'SELECT, UPDATE, DELETE')"
    assert pipeline.query(readable) == [(False,)]
    pipeline.store(f"ALTER DEFAULT PRIVILEGES FOR ROLE {writer} REVOKE ALL ON TABLES FROM consumer2_reader, PUBLIC")
