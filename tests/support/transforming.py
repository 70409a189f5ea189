# ruff: noqa: S608 names of tests
"""Two datastores, a transformer that joins them, and a consumer of what it makes: on one server, with roles that may no
more than the documentation grants them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import psycopg2
from attrs import define, evolve, field

from datasurface.classification import PII, PUBLIC
from datasurface.credentials import Credentials, EnvironmentVariables, variable_prefix
from datasurface.graph import deployments
from datasurface.model import (
    Assignment,
    AssignmentStatus,
    Column,
    Credential,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    DataTransformer,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    GroupAssignments,
    Milestoning,
    PostgresDatabase,
    ProductionStatus,
    PythonCode,
    Requirements,
    SqlSnapshot,
    Team,
    TransformerOutput,
    Workspace,
)
from datasurface.operations.apply import ApplyReport, apply
from datasurface.operations.code import pinned
from datasurface.operations.jobs import InForce, ingest, transform
from datasurface.operations.model import CheckedModel
from datasurface.plugins.manager import Plugins, installed_plugins
from datasurface.results import JobResult, ResultCode, TransformResult
from datasurface.types import BigInt, Integer, VarChar
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.local.postgres_server import PostgresServer
from tests.support.databases import Database, MakeDatabase, Role
from tests.support.git import git
from tests.support.pipeline import LIVE, container_of
from tests.unit.docs.markdown import blocks, page

TRIAL = ProductionStatus.NOT_PRODUCTION
CUSTOMERS = Dataset(
    "customers",
    columns=[
        Column("id", Integer(), primary_key=True, classification=PUBLIC),
        Column("name", VarChar(20), classification=PII),
    ],
)
ORDERS = Dataset(
    "orders",
    columns=[
        Column("id", Integer(), primary_key=True),
        Column("customer", Integer(), nullable=False),
        Column("cents", BigInt(), nullable=False),
    ],
    classification=PUBLIC,
)
TOTALS = Dataset(
    "totals",
    columns=[
        Column("customer", Integer(), primary_key=True, classification=PUBLIC),
        Column("name", VarChar(20), classification=PII),
        Column("cents", BigInt(), nullable=False, classification=PUBLIC),
    ],
)
LARGE = Dataset("large", columns=[Column("id", Integer(), primary_key=True)], classification=PUBLIC)

[CODE] = [block.text for block in blocks(page("transformers.md")) if block.mark == "file: code_of_totals.py"]
"""What the page on transformers shows."""

CREATE = (
    "CREATE TABLE customers (id integer PRIMARY KEY, name varchar(20))",
    "CREATE TABLE orders (id integer PRIMARY KEY, customer integer NOT NULL, cents bigint NOT NULL)",
)
CREDENTIALS = ("source", "writer", "owner", "login")


@define
class Works:
    """The chain, applied. ``login`` is what the code runs as, ``owner`` makes its tables."""

    server: PostgresServer
    source: Database
    merge: Database
    output: Database
    roles: dict[str, Role]
    repository: Path
    plugins: Plugins = field(factory=installed_plugins)
    outputs: Sequence[Dataset] = (TOTALS, LARGE)
    function: str = "code_of_totals:run"

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that hold the credentials."""
        found: dict[str, str] = {}
        for name, role in self.roles.items():
            found |= {f"{variable_prefix(name)}_USER": role.name, f"{variable_prefix(name)}_PASSWORD": role.password}
        return found

    @property
    def credentials(self) -> Credentials:
        """What opens everything."""
        return Credentials([EnvironmentVariables(self.variables)])

    @property
    def model(self) -> Ecosystem:
        """The whole chain on the live platform."""
        repository, source = GitRepository("acme/model"), container_of(self.source, "source")
        shop = Datastore("Shop", capture=SqlSnapshot(source), datasets=[ORDERS], production_status=TRIAL)
        people = Datastore("People", capture=SqlSnapshot(source), datasets=[CUSTOMERS], production_status=TRIAL)
        made = Datastore(
            "Figures",
            capture=TransformerOutput(container_of(self.output, "owner")),
            datasets=self.outputs,
            production_status=TRIAL,
        )
        transformer = DataTransformer(
            "MakeFigures",
            code=PythonCode(GitRepository(str(self.repository)), function=self.function),
            produces=made,
            credential=Credential("login"),
        )
        refine = Workspace(
            "Refine",
            groups=[_group("In", [*shop.sinks(), *people.sinks()])],
            transformer=transformer,
            production_status=TRIAL,
        )
        board = Workspace("Board", groups=[_group("Out", made.sinks())], production_status=TRIAL)
        team = Team("team1", repository=repository, datastores=[shop, people], workspaces=[refine, board])
        merge = container_of(self.merge, "writer")
        return Ecosystem(
            "Test",
            repository=repository,
            control_database=evolve(merge, name="Control"),
            platforms=[
                YellowDataPlatform(
                    LIVE,
                    milestoning=Milestoning.LIVE_ONLY,
                    schedule="* * * * *",
                    namespace="live",
                    merge_database=merge,
                    lock_wait=timedelta(seconds=10),
                )
            ],
            zones=[GovernanceZone("USA", repository=repository, teams=[team])],
            assignments=[_assigned("Refine", "In"), _assigned("Board", "Out")],
        )

    def apply(self) -> ApplyReport:
        """As the command does."""
        model = self.model
        return apply(CheckedModel(model, model, deployments(model), (), None), self.plugins, self.credentials)

    @property
    def in_force(self) -> InForce:
        """The generation in force."""
        control = self.model.control_database
        assert isinstance(control, PostgresDatabase)
        store = self.plugins.control_store(control, self.credentials)
        generation = store.current()
        assert generation is not None
        return InForce(store, generation, self.plugins, self.credentials)

    def ingest(self, *streams: str) -> list[JobResult]:
        """A batch of each of these streams."""
        results = [ingest(self.in_force, LIVE, stream, allow_deletes=True) for stream in streams]
        assert all(result.code is ResultCode.DONE for result in results), results
        return results

    def transform(self, run_id: str | None = None) -> TransformResult:
        """One run of the transformer, whatever becomes of it."""
        return transform(self.in_force, LIVE, "MakeFigures", run_id=run_id)

    def transform_new_code(self, run_id: str | None = None) -> TransformResult:
        """The same with the code that is committed, as if it were applied."""
        in_force = self.in_force
        generation = evolve(in_force.generation, deployments=pinned(in_force.generation.deployments, self.credentials))
        return transform(evolve(in_force, generation=generation), LIVE, "MakeFigures", run_id=run_id)

    def write_code(self, text: str) -> None:
        """Commit other code."""
        (self.repository / "code_of_totals.py").write_text(text)
        git(self.repository, "add", "--all")
        git(self.repository, "commit", "--quiet", "--message", "Code")

    def run(self, database: Database, *statements: str) -> list[tuple[object, ...]]:
        """Run statements as the superuser in one transaction; the rows of the last."""
        return _run(database.url, *statements)

    def as_login(self, database: Database, *statements: str) -> list[tuple[object, ...]]:
        """The same as the login of the transformer."""
        container, role = container_of(database, "login"), self.roles["login"]
        return _run(
            f"host={container.host} port={container.port} dbname={database.name} user={role.name} "
            f"password={role.password}",
            *statements,
        )

    def produce(self, *statements: str) -> None:
        """Change the producer's tables."""
        self.run(self.source, *statements)

    def held(self) -> list[tuple[object, ...]]:
        """What the transformer has made, both tables."""
        return [
            *self.run(self.output, "SELECT customer, name, cents FROM totals ORDER BY 1"),
            *self.run(self.output, "SELECT id FROM large ORDER BY 1"),
        ]

    def shown(self) -> list[tuple[object, ...]]:
        """What consumers see of it."""
        view = "board.yellowlive_board_out_{}_view"
        return [
            *self.run(self.merge, f"SELECT customer, name, cents FROM {view.format('totals')} ORDER BY 1"),
            *self.run(self.merge, f"SELECT id FROM {view.format('large')} ORDER BY 1"),
        ]


def expected(customers: dict[int, str | None], orders: dict[int, tuple[int, int]]) -> list[tuple[object, ...]]:
    """What the code makes of the producer's rows, worked out without it: orders are (customer, cents) by id."""
    buyers = sorted({customer for customer, _ in orders.values()})
    totals: list[tuple[object, ...]] = [
        (buyer, customers.get(buyer), sum(cents for customer, cents in orders.values() if customer == buyer))
        for buyer in buyers
    ]
    return [*totals, *((order,) for order in sorted(orders) if orders[order][1] >= 900)]


def make_works(
    server: PostgresServer, make_database: MakeDatabase, make_role: Callable[[str], Role], folder: Path
) -> Works:
    """The chain on new databases, applied, with no row anywhere."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    works = Works(
        server,
        make_database("shop"),
        make_database("merge"),
        make_database("figures"),
        {name: make_role(name) for name in CREDENTIALS},
        folder,
    )
    source, writer, owner, login = (works.roles[name].name for name in CREDENTIALS)
    works.write_code(CODE)
    works.run(works.source, *CREATE, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {source}")
    works.run(
        works.merge,
        *(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
            for role in ("refine_reader", "board_reader")
        ),
        f"GRANT CREATE, TEMPORARY ON DATABASE {works.merge.name} TO {writer}",
        f"GRANT CREATE, USAGE ON SCHEMA public TO {writer}",
        f"GRANT refine_reader TO {login}",
    )
    works.run(
        works.output,
        f"GRANT CREATE ON DATABASE {works.output.name} TO {owner}",
        f"GRANT CREATE, USAGE ON SCHEMA public TO {owner}",
    )
    works.apply()
    return works


def _group(name: str, sinks: Sequence[DatasetSink]) -> DatasetGroup:
    requires = Requirements(Milestoning.LIVE_ONLY, latency=timedelta(minutes=1))
    return DatasetGroup(name, sinks=sinks, requires=requires)


def _assigned(workspace: str, group: str) -> GroupAssignments:
    return GroupAssignments(workspace, group, assignments=[Assignment(LIVE, status=AssignmentStatus.PROVISIONED)])


def _run(dsn: str, *statements: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
