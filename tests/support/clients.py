"""A producer of clients whose columns are of every protection, and two workspaces: one is cleared for all of them, the
other for what is public, and does not see the last client. Every protected text holds the word SECRET."""

from collections.abc import Sequence

from attrs import evolve, frozen

from datasurface.classification import CONFIDENTIAL, INTERNAL, PII, PUBLIC, Classification
from datasurface.credentials import Credentials, EnvironmentVariables
from datasurface.deployment import Deployment
from datasurface.graph import deployments
from datasurface.model import (
    Column,
    Credential,
    Dataset,
    Ecosystem,
    GroupAssignments,
    HashMask,
    MaskingPolicy,
    PartialMask,
    Policy,
    ProductionStatus,
    RowFilter,
    RowFilterPolicy,
    YearMask,
)
from datasurface.types import BigInt, Date, Decimal, Text, Timestamp, VarChar
from tests.support.pipeline import Pipeline

SECRET = "zyx"
KEY = "the-key-of-the-hashes-0123456789"
"""What the credential ``mask-key`` resolves to."""

CLIENTS = Dataset(
    "clients",
    columns=[
        Column("id", BigInt(), primary_key=True, classification=PUBLIC),
        Column("email", VarChar(100), classification=PII),
        Column("phone", VarChar(40), classification=CONFIDENTIAL),
        Column("born", Date(), classification=PII),
        Column("joined", Timestamp(timezone=True), classification=PII),
        Column("income", Decimal(12, 2), classification=PII),
        Column("note", Text(), classification=INTERNAL),
        Column("country", VarChar(2), classification=PUBLIC),
    ],
)
CALLS = Dataset(
    "calls",
    columns=[
        Column("email", VarChar(100), primary_key=True, classification=PII),
        Column("minutes", BigInt(), nullable=False, classification=PUBLIC),
    ],
)
CREATE = (
    "CREATE TABLE clients (id bigint, email varchar(100), phone varchar(40), born date, joined timestamptz,"
    " income numeric(12, 2), note text, country varchar(2))",
    "CREATE TABLE calls (email varchar(100), minutes bigint)",
)
FILL = (
    "INSERT INTO clients SELECT i, 'zyx-' || i || '@example.com', '+44 zyx ' || i, date '1970-03-05' + i,"
    " timestamptz '2020-12-31 23:30:00+00' + i * interval '1 day', 1000 + i, 'zyx note ' || i,"
    " CASE WHEN i % 2 = 0 THEN 'DE' ELSE 'FR' END FROM generate_series(1, 100) i",
    "INSERT INTO clients (id, country) VALUES (101, 'DE')",
    "INSERT INTO clients (id, email, phone, born, joined) VALUES"
    " (102, '', 'zyx', 'infinity', '-infinity'), (103, 'zyx ü', '', '4714-11-24 BC', '294276-12-31 UTC')",
    "INSERT INTO clients (id, email, note, country) VALUES (104, 'zyx-filtered', 'zyx', 'XX')",
    "INSERT INTO calls SELECT 'zyx-' || i || '@example.com', i FROM generate_series(1, 50) i",
)
MASKS: Sequence[Policy] = (
    MaskingPolicy(
        "masks",
        masks=[
            HashMask(PII, credential=Credential("mask-key")),
            YearMask(PII),
            PartialMask(CONFIDENTIAL, first=3, last=1),
        ],
    ),
    RowFilterPolicy(
        "rows", filters=[RowFilter("Store1.clients", "country", ["DE", "FR", None], workspaces=["Consumer2"])]
    ),
)


Clearance = Sequence[Classification] | None


def with_masks(
    model: Ecosystem,
    policies: Sequence[Policy] = MASKS,
    *,
    clearances: tuple[Clearance, Clearance] = (None, (PUBLIC,)),
    status: ProductionStatus = ProductionStatus.PRODUCTION,
) -> Ecosystem:
    """The pipeline's model with these policies, and a second workspace like the first, each with a clearance."""
    (zone,) = model.zones
    (team,) = zone.teams
    first, second = (
        evolve(team.workspaces[0], name=name, clearance=clearance, production_status=status)
        for name, clearance in zip(("Consumer1", "Consumer2"), clearances, strict=True)
    )
    stores = [evolve(store, production_status=status) for store in team.datastores]
    assignments: list[GroupAssignments] = [
        *model.assignments,
        *(evolve(entry, workspace="Consumer2") for entry in model.assignments),
    ]
    teams = [evolve(team, datastores=stores, workspaces=[first, second])]
    return evolve(model, policies=policies, zones=[evolve(zone, teams=teams)], assignments=assignments)


@frozen
class WithKey:
    """The credentials of a pipeline with the key of hashes."""

    pipeline: Pipeline
    key: str = KEY

    @property
    def credentials(self) -> Credentials:
        """What resolves them."""
        variables = {**self.pipeline.access.variables, "MASK_KEY_PASSWORD": self.key}
        return Credentials([EnvironmentVariables(variables)])


def deploy(pipeline: Pipeline, model: Ecosystem, credentials: Credentials) -> dict[str, Deployment]:
    """Apply a model on the pipeline's platforms."""
    pipeline.by_name = {deployment.platform.name: deployment for deployment in deployments(model)}
    for name in pipeline.by_name:
        runtime = evolve(pipeline.runtime(name), credentials=credentials)
        runtime.apply()
        assert runtime.reconcile_views().is_well
    return dict(pipeline.by_name)
