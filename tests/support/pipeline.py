"""A whole pipeline on the test server: a producer, a merge database, a live and a forensic platform on one store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg2
from attrs import define, evolve, field, frozen
from psycopg2.extensions import parse_dsn

from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.deployment import Deployment
from datasurface.graph import deployments
from datasurface.model import (
    Assignment,
    AssignmentStatus,
    Capture,
    Credential,
    DataPlatform,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    GroupAssignments,
    Milestoning,
    PostgresDatabase,
    ProductionStatus,
    Requirements,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.results import JobResult
from datasurface.runtime import Generation
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.runtime import YellowRuntime
from datasurface_yellow.store.quoting import identifier
from tests.support.databases import Database, MakeDatabase, Role

LIVE, FORENSIC = "YellowLive", "YellowForensic"


@frozen
class Access:
    """The roles that a pipeline's credentials open, with no more rights than the documentation grants them."""

    reader: Role
    writer: Role

    @property
    def credentials(self) -> Credentials:
        """What resolves the credentials ``reader`` and ``writer``."""
        return Credentials([EnvironmentVariables(self.variables)])

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that hold the credentials."""
        variables: dict[str, str] = {}
        for name, role in (("READER", self.reader), ("WRITER", self.writer)):
            variables |= {f"{name}_USER": role.name, f"{name}_PASSWORD": role.password}
        return variables


def ecosystem(
    datasets: Iterable[Dataset], source: PostgresDatabase, target: PostgresDatabase, capture: SqlSnapshot | None = None
) -> Ecosystem:
    """A model with one store, one workspace and both platforms, each with one group that sinks all datasets. None of it
    is in production, where columns without a classification would be hidden."""
    trial = ProductionStatus.NOT_PRODUCTION
    store = Datastore("Store1", capture=capture or SqlSnapshot(source), datasets=datasets, production_status=trial)
    groups = [
        DatasetGroup("LiveDSG", sinks=store.sinks(), requires=_requires(Milestoning.LIVE_ONLY)),
        DatasetGroup("ForensicDSG", sinks=store.sinks(), requires=_requires(Milestoning.FORENSIC)),
    ]
    repository = GitRepository("acme/model")
    workspace = Workspace("Consumer1", groups=groups, production_status=trial)
    team = Team("team1", repository=repository, datastores=[store], workspaces=[workspace])
    return Ecosystem(
        "Test",
        repository=repository,
        platforms=[
            _platform(LIVE, Milestoning.LIVE_ONLY, target),
            _platform(FORENSIC, Milestoning.FORENSIC, target),
        ],
        zones=[GovernanceZone("USA", repository=repository, teams=[team])],
        assignments=[_assigned("LiveDSG", LIVE), _assigned("ForensicDSG", FORENSIC)],
    )


def _requires(milestoning: Milestoning) -> Requirements:
    return Requirements(milestoning, latency=timedelta(minutes=1))


def _platform(name: str, milestoning: Milestoning, target: PostgresDatabase) -> DataPlatform:
    return YellowDataPlatform(
        name,
        milestoning=milestoning,
        schedule="* * * * *",
        namespace=name.lower(),
        merge_database=target,
        lock_wait=timedelta(seconds=10),
    )


def _assigned(group: str, platform: str) -> GroupAssignments:
    assignment = Assignment(platform, status=AssignmentStatus.PROVISIONED)
    return GroupAssignments("Consumer1", group, assignments=[assignment])


@define
class Pipeline:
    """Both platforms on one store. Cells are the text that Postgres prints for them."""

    server: PostgresServer
    source: Database
    target: Database
    access: Access
    datasets: Sequence[Dataset]
    by_name: Mapping[str, Deployment] = field(factory=dict)
    _runs: "count[int]" = field(factory=lambda: count(1))

    def apply(self) -> None:
        """Make what the model needs exist, and put it in force, on both platforms."""
        self.put_in_force()
        for name in self.by_name:
            self.runtime(name).apply()

    def put_in_force(self) -> None:
        """Let jobs run the model; what it needs exists."""
        self.by_name = {deployment.platform.name: deployment for deployment in deployments(self.model)}

    @property
    def model(self) -> Ecosystem:
        """The model that is put in force."""
        return ecosystem(self.datasets, self.container(self.source, "reader"), self.container(self.target, "writer"))

    def container(self, database: Database, credential: str) -> PostgresDatabase:
        """The model's container for a database of a test server."""
        return container_of(database, credential)

    def runtime(self, platform: str) -> YellowRuntime:
        """The platform at work."""
        deployment = self.by_name[platform]
        assert isinstance(deployment.platform, YellowDataPlatform)
        generation = Generation(1, tuple(self.by_name.values()), None, datetime.now(UTC), "test")
        return YellowRuntime(deployment, deployment.platform, generation, self.access.credentials)

    def change_platforms(self, change: Callable[[YellowDataPlatform], YellowDataPlatform]) -> None:
        """Give both platforms other settings, as an apply would where these change nothing else."""
        for name, deployment in self.by_name.items():
            assert isinstance(deployment.platform, YellowDataPlatform)
            self.by_name = {**self.by_name, name: evolve(deployment, platform=change(deployment.platform))}

    def change_captures(self, change: Callable[[Capture], Capture]) -> None:
        """Let both platforms read the source in another way, as an apply would."""
        for name, deployment in self.by_name.items():
            streams = tuple(evolve(stream, capture=change(stream.capture)) for stream in deployment.streams)
            self.by_name = {**self.by_name, name: evolve(deployment, streams=streams)}

    def read_at(self, port: int) -> None:
        """Let jobs read the producer through another port: a standby's, or a pooler's."""

        def moved(capture: Capture) -> Capture:
            assert isinstance(capture, SqlSnapshot)
            assert isinstance(capture.container, PostgresDatabase)
            return evolve(capture, container=evolve(capture.container, port=port))

        self.change_captures(moved)

    def write_at(self, port: int) -> None:
        """Let jobs and commands reach the merge database through another port."""
        self.change_platforms(
            lambda platform: evolve(platform, merge_database=evolve(platform.merge_database, port=port))
        )

    def run(self, platform: str, *, allow_deletes: bool = True, budget: float | None = None) -> JobResult:
        """One batch of the store."""
        return self.runtime(platform).run_batch(
            "Store1", f"run-{next(self._runs)}", allow_deletes=allow_deletes, budget=budget
        )

    def producer(self, *statements: str) -> None:
        """Run statements as the producer's owner, in one transaction."""
        _execute(self.source.url, statements)

    def store(self, *statements: str) -> None:
        """Run statements as the merge database's superuser, in one transaction."""
        _execute(self.target.url, statements)

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of the merge database, as its superuser."""
        return _query(self.target.url, sql)


def _execute(url: str, statements: Iterable[str]) -> None:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def _query(url: str, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


def make_pipeline(
    server: PostgresServer,
    make_database: MakeDatabase,
    make_role: Callable[[str], Role],
    datasets: Sequence[Dataset],
    *create: str,
) -> Pipeline:
    """A pipeline on new databases, applied; ``create`` makes the producer's tables."""
    access = Access(make_role("reader"), make_role("writer"))
    pipeline = Pipeline(server, make_database("customer_db"), make_database("datasurface_merge"), access, datasets)
    reader, writer = identifier(access.reader.name), identifier(access.writer.name)
    pipeline.producer(
        *create, f"GRANT USAGE ON SCHEMA public TO {reader}", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}"
    )
    _execute(
        pipeline.target.url,
        [
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'consumer1_reader') "
            "THEN CREATE ROLE consumer1_reader NOLOGIN; END IF; END $$",
            f"GRANT CREATE, TEMPORARY ON DATABASE {identifier(pipeline.target.name)} TO {writer}",
            f"GRANT CREATE, USAGE ON SCHEMA public TO {writer}",
        ],
    )
    pipeline.apply()
    return pipeline


def container_of(database: Database, credential: str) -> PostgresDatabase:
    """The model's container for a database of a test server."""
    address = parse_dsn(database.url)
    return PostgresDatabase(
        database.name,
        host=address["host"],
        port=int(address["port"]),
        database=database.name,
        credential=Credential(credential),
    )
