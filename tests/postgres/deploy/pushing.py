"""A bare repository with our hooks, the databases that its model is applied to, and clones that push to it."""

import re
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import cast

from attrs import define, field, frozen

from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.interchange.canonical import Canonical
from datasurface.model import Credential, PostgresDatabase
from datasurface.operations.hook_files import install
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.connection import place
from datasurface_yellow.store.control import PostgresControlStore
from datasurface_yellow.store.quoting import identifier
from tests.support.databases import Database, Role
from tests.support.git import git, run
from tests.support.queries import execute, fetch

SHARED = "shared"
"""The dataset that everybody changes."""
TABLE, VIEW = "pushed_store1_{}_merge", "pushed_consumer1_livedsg_{}_view"
OVERTAKEN = (
    "fetch first",
    "non-fast-forward",
    "cannot lock ref",
    "does not come after",
    "meanwhile",
    "failed to update ref",
)
"""What a pusher is told whom another one overtook."""

Columns = Mapping[str, frozenset[str]]
"""The columns of each dataset, without ours."""

_ECO = '''"""Each file in columns is a dataset with these columns, so that clones change datasets apart."""

from datetime import timedelta
from pathlib import Path

from datasurface import *
from datasurface.classification import PUBLIC
from datasurface.types import Integer, VarChar
from datasurface_yellow import YellowDataPlatform


def dataset(file: Path) -> Dataset:
    more = [Column(each, VarChar(10)) for each in file.read_text().split()]
    return Dataset(file.stem, columns=[Column("id", Integer(), primary_key=True), *more], classification=PUBLIC)


files = sorted(Path(__file__).with_name("columns").iterdir())
producer = PostgresDatabase("Producer", host="127.0.0.1", database="producer", credential=Credential("reader"))
store = Datastore("Store1", capture=SqlSnapshot(producer), datasets=[dataset(file) for file in files])
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
_MAPPING = """[{"workspace": "Consumer1", "dsg": "LiveDSG",
  "assignments": [{"platform": "Pushed", "status": "PROVISIONED"}]}]"""
_STANDING = """SELECT table_name::text, array_agg(column_name::text) FROM information_schema.columns
    WHERE table_schema = %s AND table_name LIKE %s AND column_name NOT LIKE 'ds_surf%%' GROUP BY 1"""
_CONFIGURED = """SELECT dataset ->> 'name', jsonb_path_query_array(dataset, '$.columns[*].name')
    FROM pushed_airflow_dsg, jsonb_path_query(config, '$.stream.datasets[*]') dataset"""


@frozen
class Published:
    """One generation: its commit, and the datasets of its model."""

    commit: str
    datasets: Columns


@frozen
class Site:
    """The repository, and the databases.

    Attributes:
        variables: for the hooks, with the credentials.
    """

    folder: Path
    target: Database
    container: PostgresDatabase
    variables: Mapping[str, str]

    @property
    def bare(self) -> Path:
        return self.folder / "model.git"

    @property
    def credentials(self) -> Credentials:
        return Credentials([EnvironmentVariables(self.variables)])

    def clone(self, name: str) -> "Clone":
        """A new one of what is in the branch."""
        git(self.folder, "clone", "--quiet", str(self.bare), name)
        return Clone(self, self.folder / name)

    def control(self) -> PostgresControlStore:
        """The control database, as commands open it."""
        return PostgresControlStore(place(self.container, self.credentials), Canonical([YellowDataPlatform]))

    def datasets_at(self, commit: str) -> Columns:
        """As the files of a commit say them."""
        found: dict[str, frozenset[str]] = {}
        for line in git(self.bare, "grep", "", commit, "--", "columns").splitlines():
            _, file, column = line.split(":")
            found[Path(file).stem] = found.get(Path(file).stem, frozenset({"id"})) | {column}
        return found

    def generations(self) -> list[Published]:
        """All that there were, in order."""
        found = []
        for number, commit in fetch(self.target, "SELECT number, commit FROM datasurface_generation ORDER BY 1"):
            model = self.control().model_of(cast("int", number))
            assert model is not None
            [store] = model.datastores()
            datasets = {each.name: frozenset(column.name for column in each.columns) for each in store.datasets}
            found.append(Published(str(commit), datasets))
        return found

    def tables(self) -> Columns:
        """The merge tables."""
        return self._standing("public", TABLE)

    def views(self) -> Columns:
        """All that stands in the consumer's schema."""
        return self._standing("consumer1", VIEW, "%")

    def configured(self) -> Columns:
        """What the scheduler's rows say that is read."""
        found = cast("list[tuple[str, list[str]]]", fetch(self.target, _CONFIGURED))
        return {name: frozenset(columns) for name, columns in found}

    def _standing(self, schema: str, pattern: str, like: str = "") -> Columns:
        found = fetch(self.target, _STANDING, schema, like or pattern.format("%"))
        begin, end = pattern.split("{}")
        return {
            str(name).removeprefix(begin).removesuffix(end): frozenset(cast("list[str]", columns))
            for name, columns in found
        }


@frozen
class Push:
    """One push, once nobody overtook it any more.

    Attributes:
        commit: that was pushed last.
        printed: what the pusher saw.
    """

    commit: str
    is_taken: bool
    printed: str

    @property
    def generation(self) -> int | None:
        """The one that it says to have put in force."""
        found = re.search(r"^remote: generation (\d+) is in force *$", self.printed, re.MULTILINE)
        return int(found[1]) if found else None


@define
class Clone:
    """A clone. Git and the hooks are processes of their own.

    Attributes:
        seconds: of each push that was taken.
        overtaken: how often another push came first.
        conflicts: how often what came first had changed the same lines.
    """

    site: Site
    folder: Path
    seconds: list[float] = field(factory=list)
    overtaken: int = 0
    conflicts: int = 0

    @property
    def head(self) -> str:
        return git(self.folder, "rev-parse", "HEAD")

    def file(self, dataset: str) -> Path:
        """Of the columns of a dataset."""
        return self.folder / "columns" / f"{dataset}.txt"

    def append(self, dataset: str, column: str) -> str:
        """Commit one more column, of a new dataset maybe."""
        file = self.file(dataset)
        former = file.read_text(encoding="utf-8") if file.exists() else ""
        file.write_text(f"{former}{column}\n", encoding="utf-8")
        return self.commit(f"{column} of {dataset}")

    def commit(self, message: str) -> str:
        """Commit all that was changed."""
        git(self.folder, "add", ".")
        git(self.folder, "commit", "--quiet", "-m", message)
        return self.head

    def revert(self, commit: str) -> str:
        """Take a commit back in one of its own."""
        git(self.folder, "revert", "--no-edit", commit)
        return self.head

    def push(self) -> Push:
        """Push until nobody is faster, and what came first is merged."""
        while True:
            begun, commit = monotonic(), self.head
            done = run(self.folder, "push", "origin", "main", **self.site.variables)
            if done.returncode == 0:
                self.seconds.append(monotonic() - begun)
                return Push(commit, True, done.stderr)
            if not any(reason in done.stderr for reason in OVERTAKEN):
                return Push(commit, False, done.stderr)
            self.overtaken += 1
            self._merge()

    def _merge(self) -> None:
        merged = run(self.folder, "pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main")
        if merged.returncode == 0:
            return
        self.conflicts += 1
        file = self.file(SHARED)
        theirs, ours = (git(self.folder, "show", f":{stage}:columns/{SHARED}.txt").split() for stage in (3, 2))
        file.write_text("".join(f"{column}\n" for column in dict.fromkeys([*theirs, *ours])), encoding="utf-8")
        self.commit("Both")


def make_site(server: PostgresServer, target: Database, writer: Role, folder: Path, *datasets: str) -> Site:
    """A site whose first commit, with these datasets, is in force."""
    execute(
        target,
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'consumer1_reader') "
        "THEN CREATE ROLE consumer1_reader NOLOGIN; END IF; END $$",
        f"GRANT CREATE, TEMPORARY ON DATABASE {identifier(target.name)} TO {identifier(writer.name)}",
        f"GRANT CREATE, USAGE ON SCHEMA public TO {identifier(writer.name)}",
    )
    container = PostgresDatabase(
        "Merge", host=server.host, port=server.port, database=target.name, credential=Credential("writer")
    )
    site = Site(folder, target, container, {"WRITER_USER": writer.name, "WRITER_PASSWORD": writer.password})
    git(folder, "init", "--quiet", "--bare", "-b", "main", "model.git")
    first = site.clone("first")
    git(first.folder, "checkout", "--quiet", "-b", "main")
    where = {"host": container.host, "port": container.port, "database": container.database}
    (first.folder / "eco.py").write_text(_ECO % where, encoding="utf-8")
    (first.folder / "dsg_platform_mapping.json").write_text(_MAPPING, encoding="utf-8")
    (first.folder / "columns").mkdir()
    for dataset in datasets:
        first.file(dataset).write_text("one\n", encoding="utf-8")
    first.commit("first")
    install(site.bare)
    assert first.push().generation == 1
    return site
