"""The tutorial works as written: a newcomer who does what it says, in an empty folder, sees what it shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.docs.conftest import Cluster
from tests.postgres.docs.test_running import Reader
from tests.support.git import IDENTITY
from tests.unit.docs.markdown import Block, blocks, page, text_of

TUTORIAL = page("tutorial.md")
DATABASES, ROLES = ("shop", "merge"), ("ada", "shop_reader", "merge_writer", "reports_reader")
PASSWORDS = dict(re.findall(r"CREATE ROLE (\w+) LOGIN PASSWORD '(.*?)'", text_of(TUTORIAL)))


@define
class Newcomer(Reader):
    """Somebody with an editor and a client of the database, too."""

    def does(self, block: Block) -> None:
        match block.language:
            case "bash":
                code = int(block.mark.removeprefix("ends with ") or 0)
                self.bash(block.text.rstrip() + (f" && exit 99 || [ $? = {code} ]" if code else ""))
            case "sql":
                where, _, sql = block.text.partition("\n")
                self.queries(where, sql)
            case "diff":
                self.edits(block.text)
            case _:
                super().does(block)

    def queries(self, where: str, sql: str) -> None:
        """Statements in a database, as its administrator or as somebody else; the rows of the last one."""
        database, _, user = where.removeprefix("-- in the database ").partition(", as ")
        statements = [each for each in sql.split(";") if each.strip()]
        rows = self.cluster.run(database, *statements, user=user or None, password=PASSWORDS.get(user))
        self.printed = "\n".join(" | ".join(map(str, row)) for row in rows)

    def edits(self, diff: str) -> None:
        """Change eco.py: what begins with a minus goes, what begins with a plus comes."""
        file = self.at / "eco.py"
        old, new = ("".join(line[1:] for line in diff.splitlines(True) if line[0] in kinds) for kinds in (" -", " +"))
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, diff
        file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def newcomer(pg_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newcomer]:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    cluster = Cluster(pg_server, tmp_path)
    yield Newcomer(cluster, tmp_path)
    for database in DATABASES:
        cluster.run("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    for role in ROLES:
        cluster.run("postgres", f"DROP ROLE IF EXISTS {role}")


@pytest.mark.slow
def test_the_tutorial_works_as_written(newcomer: Newcomer) -> None:
    todo = [block for block in blocks(TUTORIAL) if not block.is_skipped]
    for block in todo[1:]:  # the first one is the picture
        newcomer.does(block)
        port = f"port = {newcomer.cluster.server.port}"
        for file in newcomer.folder.glob("acme-model/environments/*.toml"):
            file.write_text(file.read_text(encoding="utf-8").replace("port = 5432", port), encoding="utf-8")
    assert "generation 2" in newcomer.printed
