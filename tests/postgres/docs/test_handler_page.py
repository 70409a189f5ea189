"""The page on the handler works as written: from a first push to a change, a mistake, and the way back; and then what
the page on apply says of what nothing uses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.docs.conftest import Cluster
from tests.postgres.docs.test_running import Reader
from tests.support.git import IDENTITY
from tests.unit.docs.markdown import Block, blocks, page

DATABASES, ROLES = ("shop", "merge"), ("shop_reader", "merge_writer", "reports_reader")


@define
class Walker(Reader):
    """A reader who is the administrator, too."""

    def does(self, block: Block) -> None:
        if block.language != "sql":
            super().does(block)
            return
        where, _, sql = block.text.partition("\n")
        statements = [each for each in sql.split(";") if each.strip()]
        rows = self.cluster.run(where.removeprefix("-- in the database "), *statements)
        self.printed = "\n".join(" | ".join(map(str, row)) for row in rows)


@pytest.fixture
def walker(pg_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walker]:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    cluster = Cluster(pg_server, tmp_path)
    yield Walker(cluster, tmp_path)
    for database in DATABASES:
        cluster.run("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    for role in ROLES:
        cluster.run("postgres", f"DROP ROLE IF EXISTS {role}")


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
def test_the_page_works_as_written(walker: Walker) -> None:
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
