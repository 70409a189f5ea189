"""What the tests of sources that are no PostgreSQL share: their kinds, and jobs that are refused."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from datasurface.results import ResultCode
from tests.support.mariadb_source import mariadb_source
from tests.support.other_sources import OtherSource
from tests.support.people import SECRET
from tests.support.sqlite_source import SQLITE
from tests.support.stage import PLATFORMS, Stage

KINDS = ["SQLite", "MariaDB"]


def other_source(name: str, request: pytest.FixtureRequest) -> OtherSource:
    """The kind of this name."""
    return SQLITE if name == "SQLite" else mariadb_source(request.getfixturevalue("mariadb"))


@contextmanager
def refused(stage: Stage, kind: str, *words: str, allow_deletes: bool = False) -> Iterator[None]:
    """Within the block the source is broken: every job is refused with one error that has these words, and leaves
    everything as it was. After it, where the source is healed, the next job does its batch under the same number.
    """
    before = _standing(stage)
    yield
    for _ in range(2):
        for platform in PLATFORMS:
            result = stage.run(platform, allow_deletes=allow_deletes)
            assert result.code is ResultCode.ERROR
            assert result.error is not None
            assert result.error.type == kind, result.error
            assert all(word in result.error.message for word in words), result.error.message
            assert result.error.hint
            assert SECRET not in f"{result.document()}"
    assert _standing(stage) == before


def _standing(stage: Stage) -> Mapping[tuple[str, str], object]:
    return {
        (platform, dataset.name): (stage.stored(platform, dataset.name), stage.staged_batches(platform, dataset.name))
        for platform in PLATFORMS
        for dataset in stage.datasets
    }
