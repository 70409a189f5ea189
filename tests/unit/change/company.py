"""A company in which everything is there that can change: producers, consumers, platforms, code that makes data."""

from datetime import date, timedelta

from attrs import evolve

from datasurface import types
from datasurface.classification import CONFIDENTIAL, INTERNAL, PII, PUBLIC
from datasurface.model import (
    Approval,
    Assignment,
    AssignmentStatus,
    Column,
    Copied,
    Credential,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    DataTransformer,
    Deprecation,
    Ecosystem,
    ForeignKey,
    GitRepository,
    GovernanceZone,
    GroupAssignments,
    HashMask,
    InfrastructureVendor,
    Location,
    MaskingPolicy,
    Milestoning,
    MySqlDatabase,
    PartialMask,
    PlatformPolicy,
    PostgresDatabase,
    ProductionStatus,
    PythonCode,
    Requirements,
    RowFilter,
    RowFilterPolicy,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    Team,
    TransformerOutput,
    Workspace,
)
from datasurface_yellow import YellowDataPlatform

TODAY = date(2030, 1, 15)
RAN_OUT = date(2030, 1, 14)
TO_COME = date(2030, 6, 30)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

ID = Column("id", types.Integer(), primary_key=True, classification=PUBLIC)


def database(name: str, location: str | None = None) -> PostgresDatabase:
    """A PostgreSQL database on a host of its own."""
    return PostgresDatabase(
        name, host=f"{name.lower()}.acme.example", database=name.lower(), credential=Credential("k"), location=location
    )


def small(name: str, *columns: Column, deprecation: Deprecation | None = None) -> Dataset:
    """A dataset with a key."""
    return Dataset(name, columns=[ID, *columns], deprecation=deprecation)


_ORDERS = Dataset(
    "orders",
    columns=[
        ID,
        Column("customer", types.Integer(), nullable=False, classification=PUBLIC),
        Column("amount", types.Decimal(10, 2), classification=INTERNAL),
        Column("state", types.Char(4), classification=PUBLIC),
        Column("note", types.VarChar(100), classification=PUBLIC),
        Column("email", types.VarChar(100), classification=PII),
    ],
    foreign_keys=[ForeignKey(["customer"], "customers")],
)

_SALES = Team(
    "Sales",
    repository=GitRepository("acme/sales"),
    datastores=[
        Datastore(
            "Shop",
            capture=SqlSnapshot(database("ShopDB", location="AWS/eu")),
            datasets=[
                _ORDERS,
                evolve(small("customers"), requires_approval=True, approvals=[Approval("Reports"), Approval("Nobody")]),
                evolve(
                    small("lines", Column("order", types.Integer(), classification=PUBLIC)),
                    foreign_keys=[ForeignKey(["order"], "orders"), ForeignKey(["id"], "drafts")],
                ),
                small("drafts", Column("text", types.Text(), classification=PUBLIC)),
                small("returns", Column("why", types.Text(), classification=PUBLIC), deprecation=Deprecation(TO_COME)),
                small(
                    "coupons",
                    Column("code", types.VarChar(9), classification=PUBLIC),
                    deprecation=Deprecation(RAN_OUT),
                ),
            ],
        ),
        Datastore(
            "Trial",
            capture=SqlSnapshot(database("TrialDB")),
            datasets=[small("visits", Column("page", types.Text(), classification=PUBLIC))],
            production_status=ProductionStatus.NOT_PRODUCTION,
        ),
        Datastore(
            "Empty", capture=SqlSnapshot(SqliteDatabase("File", path="/srv/file.db")), datasets=[small("unused")]
        ),
    ],
)

_LOGS = Team(
    "Logs",
    repository=GitRepository("acme/logs"),
    datastores=[
        Datastore(
            "Events",
            capture=SqlWatermark(database("EventsDB"), column="at", rows_per_batch=1000),
            datasets=[small("clicks", Column("at", types.Timestamp(), nullable=False, classification=PUBLIC))],
        ),
        Datastore(
            "Web",
            capture=SqlSnapshot(MySqlDatabase("WebDB", host="web", database="web", credential=Credential("k"))),
            datasets=[small("pages")],
        ),
    ],
)


def needs(milestoning: Milestoning = Milestoning.LIVE_ONLY, retention: timedelta | None = None) -> Requirements:
    """What a group requires, with an hour of latency."""
    return Requirements(milestoning, latency=HOUR, retention=retention)


def sinks(*names: str) -> list[DatasetSink]:
    """Sinks of datasets that are written as ``Shop.orders``."""
    return [DatasetSink(*name.split(".")) for name in names]


_REPORTS = Workspace(
    "Reports",
    groups=[
        DatasetGroup(
            "Daily",
            sinks=[
                *sinks("Shop.orders", "Shop.customers", "Events.clicks"),
                DatasetSink("Shop", "returns", accepts_deprecation=True),
                DatasetSink("Shop", "coupons", accepts_deprecation=True),
            ],
            requires=needs(Milestoning.FORENSIC, retention=365 * DAY),
        ),
        DatasetGroup("Now", sinks=sinks("Web.pages"), requires=needs()),
        DatasetGroup("Later", sinks=sinks("Web.pages"), requires=needs()),
    ],
    clearance=[PUBLIC, INTERNAL],
)

_REFINE = Workspace(
    "Refine",
    groups=[DatasetGroup("Input", sinks=sinks("Shop.orders"), requires=needs())],
    transformer=DataTransformer(
        "Refiner",
        code=PythonCode(GitRepository("acme/refine"), function="refine:main"),
        produces=Datastore(
            "Refined",
            capture=TransformerOutput(database("RefinedDB")),
            datasets=[small("totals", Column("total", types.Decimal(12, 2), classification=INTERNAL))],
        ),
    ),
)

_BOARD = Workspace("Board", groups=[DatasetGroup("Totals", sinks=sinks("Refined.totals"), requires=needs())])

_LAB = Workspace(
    "Lab",
    groups=[
        DatasetGroup(
            "Try",
            sinks=sinks("Trial.visits", "Web.pages"),
            requires=needs(),
            copied=Copied(schedule="*/30 * * * *"),
        )
    ],
    container=database("LabDB"),
    production_status=ProductionStatus.NOT_PRODUCTION,
)


def platform(name: str, milestoning: Milestoning, schedule: str) -> YellowDataPlatform:
    """A platform with a merge database of its own."""
    return YellowDataPlatform(
        name,
        milestoning=milestoning,
        schedule=schedule,
        merge_database=database(f"{name}DB", location="AWS/us"),
        namespace=name.lower(),
    )


def assigned(group: str, **statuses: AssignmentStatus) -> GroupAssignments:
    """The entry of a group that is written as ``Reports.Daily``, with a status for each platform."""
    workspace, _, dsg = group.partition(".")
    return GroupAssignments(
        workspace, dsg, assignments=[Assignment(name, status=status) for name, status in statuses.items()]
    )


COMPANY = Ecosystem(
    "Acme",
    repository=GitRepository("acme/model"),
    platforms=[
        platform("Live", Milestoning.LIVE_ONLY, "*/10 * * * *"),
        platform("Past", Milestoning.FORENSIC, "*/10 * * * *"),
        platform("Spare", Milestoning.LIVE_ONLY, "*/10 * * * *"),
        platform("Former", Milestoning.LIVE_ONLY, "*/10 * * * *"),
    ],
    zones=[
        GovernanceZone(
            "Europe",
            repository=GitRepository("acme/europe"),
            policies=[
                PlatformPolicy("ours", allowed=["Live", "Past", "Former"]),
                MaskingPolicy(
                    "masks",
                    masks=[HashMask(PII, credential=Credential("mask-key")), PartialMask(CONFIDENTIAL, last=4)],
                ),
                RowFilterPolicy(
                    "rows",
                    filters=[
                        RowFilter("Shop.orders", "state", ["new", "paid"], exempt=["Refine"]),
                        RowFilter("Shop.orders", "customer", [1, 2], workspaces=["Refine"]),
                    ],
                ),
            ],
            teams=[
                _SALES,
                _LOGS,
                Team("Analysts", repository=GitRepository("acme/analysts"), workspaces=[_REPORTS, _REFINE, _LAB]),
                Team("Managers", repository=GitRepository("acme/managers"), workspaces=[_BOARD]),
                Team("Idle", repository=GitRepository("acme/idle")),
            ],
        )
    ],
    vendors=[InfrastructureVendor("AWS", locations=[Location("eu"), Location("us"), Location("asia")])],
    control_database=database("Control"),
    assignments=[
        assigned("Reports.Daily", Past=AssignmentStatus.PROVISIONED),
        assigned("Reports.Now", Live=AssignmentStatus.PROVISIONED, Past=AssignmentStatus.PROVISIONED),
        assigned("Refine.Input", Past=AssignmentStatus.PROVISIONED, Former=AssignmentStatus.DECOMMISSIONED),
        assigned("Lab.Try", Live=AssignmentStatus.PROVISIONING),
        assigned("Board.Totals", Live=AssignmentStatus.PROVISIONED),
    ],
)
