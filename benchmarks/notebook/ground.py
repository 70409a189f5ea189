"""What is read: a forensic dataset of so many rows on a new server, applied and ingested."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2

from datasurface.classification import PUBLIC
from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.graph import deployments
from datasurface.model import (
    Assignment,
    AssignmentStatus,
    Column,
    Credential,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    GroupAssignments,
    Milestoning,
    PostgresDatabase,
    Requirements,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.runtime import Generation
from datasurface.types import BigInt, Date, Decimal, Float64, Text, Timestamp, VarChar
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.runtime import YellowRuntime

VIEW = "consumer1.yellow_consumer1_history_orders_view"
ORDERS = Dataset(
    "orders",
    classification=PUBLIC,
    columns=[
        Column("id", BigInt(), primary_key=True),
        Column("customer", VarChar(20)),
        Column("ordered", Timestamp(timezone=True)),
        Column("due", Date()),
        Column("amount", Decimal(12, 2)),
        Column("weight", Float64()),
        Column("remark", Text()),
    ],
)
_FILL = (
    "CREATE TABLE orders (id bigint, customer varchar(20), ordered timestamptz, due date, amount numeric(12, 2), "
    "weight double precision, remark text)",
    "INSERT INTO orders SELECT i, 'C' || mod(i, 50000), timestamptz '2030-01-01' + i * interval '1 second', "
    "date '2030-01-01' + mod(i, 365), mod(i, 1000000) * 1.01, i / 7.0::float8, 'Order ' || i || ' of a customer' "
    "FROM generate_series(1, %(rows)s) i",
)


def prepare(server: PostgresServer, rows: int) -> None:
    """Make the producer's table, and merge it in one batch."""
    _run(
        server, "postgres", "CREATE DATABASE producer", "CREATE DATABASE merge", "CREATE ROLE consumer1_reader NOLOGIN"
    )
    _run(server, "producer", *_FILL, rows=rows)
    [deployment] = deployments(_model(server))
    credentials = Credentials(
        [EnvironmentVariables({"OWNER_USER": server.user, "OWNER_PASSWORD": server.password})],
    )
    generation = Generation(1, (deployment,), None, datetime.now(UTC), "benchmark")
    assert isinstance(deployment.platform, YellowDataPlatform)
    runtime = YellowRuntime(deployment, deployment.platform, generation, credentials)
    runtime.apply()
    result = runtime.run_batch("Shop", "benchmark")
    assert result.error is None, result.error
    _run(server, "merge", "VACUUM ANALYZE")


def _run(server: PostgresServer, database: str, *statements: str, rows: int = 0) -> None:
    with closing(psycopg2.connect(server.url(database))) as session:
        session.autocommit = True
        with session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, {"rows": rows} if "%(rows)s" in statement else None)


def _model(server: PostgresServer) -> Ecosystem:
    repository, owner = GitRepository("acme/model"), Credential("owner")
    producer, merge = (
        PostgresDatabase(name, host=server.host, port=server.port, database=name, credential=owner)
        for name in ("producer", "merge")
    )
    store = Datastore("Shop", capture=SqlSnapshot(producer), datasets=[ORDERS])
    requires = Requirements(Milestoning.FORENSIC, latency=timedelta(minutes=1))
    workspace = Workspace("Consumer1", groups=[DatasetGroup("History", sinks=store.sinks(), requires=requires)])
    team = Team("team1", repository=repository, datastores=[store], workspaces=[workspace])
    platform = YellowDataPlatform(
        "Yellow", milestoning=Milestoning.FORENSIC, schedule="* * * * *", namespace="yellow", merge_database=merge
    )
    assigned = Assignment("Yellow", status=AssignmentStatus.PROVISIONED)
    return Ecosystem(
        "Shop",
        repository=repository,
        platforms=[platform],
        zones=[GovernanceZone("USA", repository=repository, teams=[team])],
        assignments=[GroupAssignments("Consumer1", "History", assignments=[assigned])],
    )
