"""Somebody who follows a page from an empty folder, with a server of which nothing is known yet."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import define, field

from datasurface_yellow.local.postgres_server import PostgresServer
from tests.postgres.docs.conftest import Cluster
from tests.postgres.docs.test_running import Reader
from tests.support.git import IDENTITY
from tests.unit.docs.markdown import Block


@define
class Newcomer(Reader):
    """A reader with an editor, and a client of the database, who is its administrator, too.

    Attributes:
        passwords: of those in whose name statements run.
    """

    passwords: Mapping[str, str] = field(factory=dict)

    def does(self, block: Block) -> None:
        match block.language:
            case "bash":
                code = int(block.mark.removeprefix("ends with ") or 0)
                text = block.text.rstrip().replace("5432", str(self.cluster.server.port))
                self.bash(text + (f" && exit 99 || [ $? = {code} ]" if code else ""))
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
        rows = self.cluster.run(database, *statements, user=user or None, password=self.passwords.get(user))
        self.printed = "\n".join(" | ".join(map(str, row)) for row in rows)

    def edits(self, diff: str) -> None:
        """Change eco.py: what begins with a minus goes, what begins with a plus comes."""
        file = self.at / "eco.py"
        old, new = ("".join(line[1:] for line in diff.splitlines(True) if line[0] in kinds) for kinds in (" -", " +"))
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, diff
        file.write_text(text.replace(old, new), encoding="utf-8")


@contextmanager
def arrived(
    server: PostgresServer, folder: Path, patch: pytest.MonkeyPatch, databases: tuple[str, ...], roles: tuple[str, ...]
) -> Iterator[Newcomer]:
    """Somebody who makes these databases and roles, which go in the end."""
    for name, value in IDENTITY.items():
        patch.setenv(name, value)
    cluster = Cluster(server, folder)
    yield Newcomer(cluster, folder)
    for database in databases:
        cluster.run("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    for role in roles:
        cluster.run("postgres", f"DROP ROLE IF EXISTS {role}")
