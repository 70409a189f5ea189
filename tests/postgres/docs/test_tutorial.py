"""The tutorial works as written: a newcomer who does what it says, in an empty folder, sees what it shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.docs.newcomer import Newcomer, arrived
from tests.unit.docs.markdown import blocks, page, text_of

TUTORIAL = page("tutorial.md")
DATABASES, ROLES = ("shop", "merge"), ("ada", "shop_reader", "merge_writer", "reports_reader")
PASSWORDS = dict(re.findall(r"CREATE ROLE (\w+) LOGIN PASSWORD '(.*?)'", text_of(TUTORIAL)))


@pytest.fixture
def newcomer(pg_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newcomer]:
    with arrived(pg_server, tmp_path, monkeypatch, DATABASES, ROLES) as newcomer:
        newcomer.passwords = PASSWORDS
        yield newcomer


@pytest.mark.slow
def test_the_tutorial_works_as_written(newcomer: Newcomer) -> None:
    todo = [block for block in blocks(TUTORIAL) if not block.is_skipped]
    for block in todo[1:]:  # the first one is the picture
        newcomer.does(block)
        port = f"port = {newcomer.cluster.server.port}"
        for file in newcomer.folder.glob("acme-model/environments/*.toml"):
            file.write_text(file.read_text(encoding="utf-8").replace("port = 5432", port), encoding="utf-8")
    assert "generation 2" in newcomer.printed
