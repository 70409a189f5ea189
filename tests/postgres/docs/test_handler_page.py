"""The page on the handler works as written: from a first push to a change, a mistake, and the way back; and then what
the page on apply says of what nothing uses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.docs.conftest import Cluster
from tests.postgres.docs.newcomer import Newcomer, arrived
from tests.unit.docs.markdown import blocks, page

DATABASES, ROLES = ("shop", "merge"), ("shop_reader", "merge_writer", "reports_reader")


@pytest.fixture
def walker(pg_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newcomer]:
    with arrived(pg_server, tmp_path, monkeypatch, DATABASES, ROLES) as walker:
        yield walker


def state(cluster: Cluster) -> list[tuple[object, ...]]:
    """The configuration rows and the views."""
    return cluster.run(
        "merge",
        """SELECT config, ARRAY(
            SELECT table_name::text FROM information_schema.views WHERE table_schema = 'reports' ORDER BY 1
        )
        FROM history_airflow_dsg""",
    )


@pytest.mark.slow
def test_the_page_works_as_written(walker: Newcomer) -> None:
    """Each generation of the page is one of its commits; the last one is the first one again."""
    states = {}
    for block in blocks(page("handler.md")):
        if block.text.startswith(" pull request"):
            break
        if not block.is_skipped:
            walker.does(block)
            for number in re.findall(r"generation (\d) is in force", walker.printed):
                states[number] = state(walker.cluster)
    assert states["1"] == states["3"] != states["2"]
    for block in blocks(page("apply.md")):
        walker.does(block)
