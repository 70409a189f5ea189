"""Pushes from several clones at once to a bare repository with our hooks: real git, real hooks, real databases.

What counts is the state that is left: the generations are a serial order of commits of the branch, each holds the model
of its commit, and the last one is the branch's head. The seconds stand at the end of the output.
"""

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import cast

import pytest
from attrs import define, field

from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.interchange.canonical import Canonical
from datasurface.model import Credential, PostgresDatabase
from datasurface.operations.hook_files import install
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.connection import place
from datasurface_yellow.store.control import PostgresControlStore
from datasurface_yellow.store.quoting import identifier
from tests.postgres.deploy.conftest import PUSHED
from tests.postgres.merge.report import show
from tests.support.databases import Database, MakeDatabase, Role
from tests.support.git import git, run
from tests.support.length import long_or
from tests.support.queries import execute, fetch

NAMES = ("ants", "bees", "cats")
PUSHES_OF_EACH = long_or(67, 1)

ECO = '''"""Three datasets. Each has the names of its columns in a file of its own, so that clones change them apart."""

from datetime import timedelta
from pathlib import Path

from datasurface import *
from datasurface.classification import PUBLIC
from datasurface.types import Integer, VarChar
from datasurface_yellow import YellowDataPlatform


def dataset(name: str) -> Dataset:
    more = Path(__file__).with_name(f"{name}.txt").read_text().split()
    key = Column("id", Integer(), primary_key=True)
    return Dataset(name, columns=[key, *(Column(each, VarChar(10)) for each in more)], classification=PUBLIC)


producer = PostgresDatabase("Producer", host="127.0.0.1", database="producer", credential=Credential("reader"))
store = Datastore("Store1", capture=SqlSnapshot(producer), datasets=[dataset(name) for name in %(names)r])
live = DatasetGroup(
    "LiveDSG", sinks=store.sinks(), requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(hours=1))
)
merge = PostgresDatabase(
    "Merge", host=%(host)r, port=%(port)r, database=%(database)r, credential=Credential("writer")
)


def create_ecosystem() -> Ecosystem:
    here = GitRepository("acme/model")
    team = Team("team1", repository=here, datastores=[store], workspaces=[Workspace("Consumer1", groups=[live])])
    return Ecosystem(
        "Pushed",
        repository=here,
        platforms=[
            YellowDataPlatform(
                "Pushed", milestoning=Milestoning.LIVE_ONLY, schedule="0 * * * *", namespace="n", merge_database=merge
            )
        ],
        zones=[GovernanceZone("USA", repository=here, teams=[team])],
    )
'''
MAPPING = """[{"workspace": "Consumer1", "dsg": "LiveDSG",
  "assignments": [{"platform": "Pushed", "status": "PROVISIONED"}]}]"""


@define
class Site:
    """A bare repository with hooks, and the databases that its model is applied to."""

    folder: Path
    target: Database
    container: PostgresDatabase
    variables: Mapping[str, str]
    seconds: list[float] = field(factory=list)
    raced: int = 0

    @property
    def bare(self) -> Path:
        return self.folder / "model.git"

    def clone(self, name: str) -> Path:
        git(self.folder, "clone", "--quiet", str(self.bare), name)
        return self.folder / name

    def push(self, clone: Path, *words: str) -> str:
        """Push until git takes it: another clone may have been faster. What the pusher sees at last."""
        while True:
            begun = monotonic()
            done = run(clone, "push", "origin", *(words or ("main",)), **self.variables)
            if done.returncode == 0:
                self.seconds.append(monotonic() - begun)
                return done.stderr
            lost = (
                "fetch first",
                "non-fast-forward",
                "cannot lock ref",
                "does not come after",
                "meanwhile",
                "failed to update ref",
            )
            assert any(reason in done.stderr for reason in lost), done.stderr
            self.raced += 1
            git(clone, "pull", "--quiet", "--rebase", "origin", "main")

    def control(self) -> PostgresControlStore:
        where = place(self.container, Credentials([EnvironmentVariables(self.variables)]))
        return PostgresControlStore(where, Canonical([YellowDataPlatform]))

    def columns_at(self, commit: str) -> dict[str, list[str]]:
        """The columns of each dataset as the files of a commit say them."""
        return {name: ["id", *git(self.bare, "show", f"{commit}:{name}.txt").split()] for name in NAMES}

    def generations(self) -> list[tuple[str, dict[str, list[str]]]]:
        """Commit of each generation, and the columns of each dataset in its model."""
        found = []
        for number, commit in fetch(self.target, "SELECT number, commit FROM datasurface_generation ORDER BY 1"):
            assert isinstance(number, int)
            model = self.control().model_of(number)
            assert model is not None
            [store] = model.datastores()
            columns = {each.name: [column.name for column in each.columns] for each in store.datasets}
            found.append((str(commit), columns))
        return found

    def stands(self, schema: str, pattern: str) -> dict[str, set[str]]:
        """The columns of each dataset in the tables or views of a schema; not ours."""
        sql = """SELECT table_name::text, array_agg(column_name::text) FROM information_schema.columns
        WHERE table_schema = %s AND column_name NOT LIKE 'ds_surf%%' GROUP BY 1"""
        stood = {str(table): set(cast("list[str]", columns)) for table, columns in fetch(self.target, sql, schema)}
        return {name: stood[pattern.format(name)] for name in NAMES}


@pytest.fixture
def site(
    pg_server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role], tmp_path: Path
) -> Site:
    target, writer = make_database("pushed_merge"), make_role("writer")
    execute(
        target,
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'consumer1_reader') "
        "THEN CREATE ROLE consumer1_reader NOLOGIN; END IF; END $$",
        f"GRANT CREATE, TEMPORARY ON DATABASE {identifier(target.name)} TO {identifier(writer.name)}",
        f"GRANT CREATE, USAGE ON SCHEMA public TO {identifier(writer.name)}",
    )
    container = PostgresDatabase(
        "Merge",
        host=pg_server.host,
        port=pg_server.port,
        database=target.name,
        credential=Credential("writer"),
    )
    site = Site(tmp_path, target, container, {"WRITER_USER": writer.name, "WRITER_PASSWORD": writer.password})
    git(tmp_path, "init", "--quiet", "--bare", "-b", "main", "model.git")
    first = site.clone("first")
    git(first, "checkout", "--quiet", "-b", "main")
    where = {"host": container.host, "port": container.port, "database": container.database, "names": NAMES}
    (first / "eco.py").write_text(ECO % where, encoding="utf-8")
    (first / "dsg_platform_mapping.json").write_text(MAPPING, encoding="utf-8")
    for name in NAMES:
        (first / f"{name}.txt").write_text("one\n", encoding="utf-8")
    git(first, "add", ".")
    git(first, "commit", "--quiet", "-m", "first")
    install(site.bare)
    site.push(first)
    return site


def work(site: Site, name: str, pushes: int) -> list[str]:
    """One person's pushes, of one or more commits each, to a dataset of their own."""
    drawn, clone, printed = random.Random(name), site.clone(name), []
    columns = clone / f"{name}.txt"
    for push in range(pushes):
        for commit in range(drawn.choice((1, 1, 1, 2, 3))):
            columns.write_text(f"{columns.read_text(encoding='utf-8')}{name[0]}{push}_{commit}\n", encoding="utf-8")
            git(clone, "commit", "--quiet", "--all", "-m", f"{name} {push} {commit}")
        printed.append(site.push(clone))
        assert git(site.bare, "merge-base", "--is-ancestor", git(clone, "rev-parse", "HEAD"), "main") == ""
    return printed


@pytest.mark.slow
def test_pushes_from_three_clones_at_once_are_a_serial_order_of_generations(
    site: Site, request: pytest.FixtureRequest
) -> None:
    with ThreadPoolExecutor(len(NAMES)) as together:
        printed = [
            text for texts in together.map(lambda name: work(site, name, PUSHES_OF_EACH), NAMES) for text in texts
        ]
    show(
        request,
        PUSHED,
        f"{len(printed)} pushes, {site.raced} that others overtook before; seconds: "
        f"median {sorted(site.seconds)[len(site.seconds) // 2]:.1f}, longest {max(site.seconds):.1f}",
    )

    assert not [text for text in printed if "error:" in text]
    found = site.generations()
    order = [commit for commit, _ in found]
    for former, later in pairwise(order):
        assert run(site.bare, "merge-base", "--is-ancestor", former, later).returncode == 0
    assert len(set(order)) == len(order)
    assert all(columns == site.columns_at(commit) for commit, columns in found)

    head = git(site.bare, "rev-parse", "main")
    assert order[-1] == head
    expected = {name: set(columns) for name, columns in site.columns_at(head).items()}
    assert min(map(len, expected.values())) >= 2 + PUSHES_OF_EACH
    assert site.stands("public", "pushed_store1_{}_merge") == expected
    assert site.stands("consumer1", "pushed_consumer1_livedsg_{}_view") == expected
    configured = fetch(site.target, "SELECT config #>> '{stream,datasets}' FROM pushed_airflow_dsg")
    assert all(column in str(configured) for columns in expected.values() for column in columns)
