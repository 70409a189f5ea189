"""A company in two zones: sales produces, research makes figures of that, and partners read the figures."""

from datetime import date, timedelta
from functools import partial

from datasurface import (
    Approval,
    ClassificationPolicy,
    Column,
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
    HashMask,
    InfrastructureVendor,
    Location,
    MaskingPolicy,
    Milestoning,
    OnAdd,
    PartialMask,
    PlatformPolicy,
    PostgresDatabase,
    ProductionPolicy,
    ProductionStatus,
    PythonCode,
    Requirements,
    RowFilter,
    RowFilterPolicy,
    SqlSnapshot,
    SqlWatermark,
    StorageLocationPolicy,
    Team,
    TransformerOutput,
    VendorPolicy,
    Workspace,
)
from datasurface.classification import CONFIDENTIAL, INTERNAL, PII, PUBLIC
from datasurface.types import Date, Integer, Text, Timestamp, VarChar
from datasurface_yellow import YellowDataPlatform

NOT_PRODUCTION = ProductionStatus.NOT_PRODUCTION
YEAR = timedelta(days=366)


database = partial(PostgresDatabase, database="data")

# Sales, in the zone Europe: customers and orders, events, and an old list of customers that goes away.

sales_db = PostgresDatabase(
    "SalesDB",
    host="sales.acme",
    database="sales",
    credential=Credential("sales-reader"),
    location="aws/eu/dublin",
    sslmode="verify-full",
    sslrootcert="/etc/ssl/acme.pem",
)
customers = Dataset(
    "customers",
    columns=[
        Column("id", VarChar(20), primary_key=True, classification=INTERNAL),
        Column("name", VarChar(100), classification=PII),
        Column("mail", VarChar(100), renamed_from="email", classification=PII),
    ],
    requires_approval=True,
    approvals=[Approval("Figures", reason="monthly report")],
)
orders = Dataset(
    "orders",
    columns=[
        Column("number", Integer(), primary_key=True, classification=INTERNAL),
        Column("customer", VarChar(20), classification=INTERNAL),
        Column("placed", Date(), classification=INTERNAL),
    ],
    foreign_keys=[ForeignKey(["customer"], "customers")],
)
sales = Datastore("Sales", capture=SqlSnapshot(sales_db, tables={"orders": "tbl_orders"}), datasets=[customers, orders])

events_db = database("EventsDB", host="events.acme", location="aws/eu/frankfurt", credential=Credential("events-login"))
clicks = Dataset(
    "clicks",
    columns=[
        Column("id", Integer(), primary_key=True, classification=INTERNAL),
        Column("at", Timestamp(), classification=INTERNAL),
    ],
)
events = Datastore(
    "Events",
    capture=SqlWatermark(events_db, column="at", window=timedelta(minutes=10)),
    datasets=[clicks],
    production_status=NOT_PRODUCTION,
)
old = Datastore(
    "Old",
    capture=SqlSnapshot(
        database("OldDB", host="old.acme", location="aws/eu/dublin", credential=Credential("old-login"))
    ),
    datasets=[
        Dataset(
            "people",
            columns=[Column("id", Integer(), primary_key=True, classification=INTERNAL)],
            deprecation=Deprecation(date(2026, 6, 30), replacement="Sales.customers"),
        )
    ],
    deprecation=Deprecation(date(2026, 12, 31), replacement="Sales"),
)

# Research, in the same zone: a workspace whose transformer makes monthly figures, and one for experiments.

figures_db = database(
    "FiguresDB", host="figures.acme", location="aws/eu/dublin", credential=Credential("figures-login")
)
monthly = Dataset(
    "monthly",
    columns=[
        Column("month", Date(), primary_key=True, classification=PUBLIC),
        Column("orders", Integer(), classification=PUBLIC),
    ],
)
figures_store = Datastore("FiguresStore", capture=TransformerOutput(figures_db), datasets=[monthly])
make_figures = DataTransformer(
    "MakeFigures",
    code=PythonCode(GitRepository("acme/figures"), function="figures.monthly:run"),
    produces=figures_store,
)
figures = Workspace(
    "Figures",
    groups=[
        DatasetGroup(
            "Orders",
            sinks=[*sales.sinks("customers", "orders"), DatasetSink("Old", "people", accepts_deprecation=True)],
            requires=Requirements(Milestoning.FORENSIC, latency=timedelta(hours=1), retention=YEAR),
        )
    ],
    clearance=[PUBLIC, INTERNAL, PII],
    transformer=make_figures,
)
trials = Workspace(
    "Trials",
    groups=[
        DatasetGroup(
            "Clicks", sinks=events.sinks(), requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(hours=1))
        )
    ],
    production_status=NOT_PRODUCTION,
)

# Partners, in a zone of their own, read the figures in their own database.

partners_db = database("PartnersDB", host="partners.acme", location="azure/eu", credential=Credential("partners-login"))
partners = Workspace(
    "Partners",
    groups=[
        DatasetGroup(
            "Monthly",
            sinks=figures_store.sinks("monthly"),
            requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(days=1)),
        )
    ],
    container=partners_db,
    reader=Credential("partners-reader"),
)

# One platform for each zone.

europe_merge = database(
    "EuropeMerge", host="merge.acme", location="aws/eu/dublin", credential=Credential("merge-login")
)
partners_merge = database(
    "PartnersMerge", host="partners-merge.acme", location="azure/eu", credential=Credential("partners-merge-login")
)
control_db = database(
    "ControlDB", host="control.acme", location="aws/eu/dublin", credential=Credential("control-login")
)
europe_platform = YellowDataPlatform(
    "EuropePlatform",
    milestoning=Milestoning.FORENSIC,
    schedule="*/10 * * * *",
    grace=timedelta(minutes=5),
    namespace="europe",
    merge_database=europe_merge,
)
partners_platform = YellowDataPlatform(
    "PartnersPlatform",
    milestoning=Milestoning.LIVE_ONLY,
    schedule="0 * * * *",
    namespace="partners",
    merge_database=partners_merge,
)

vendors = [
    InfrastructureVendor("aws", locations=[Location("eu", locations=[Location("dublin"), Location("frankfurt")])]),
    InfrastructureVendor("azure", locations=[Location("eu"), Location("us")]),
]

europe = GovernanceZone(
    "Europe",
    repository=GitRepository("acme/europe"),
    policies=[
        StorageLocationPolicy("European soil", allowed=["aws/eu", "azure/eu"]),
        PlatformPolicy("Two platforms", allowed=["EuropePlatform", "PartnersPlatform"]),
        RowFilterPolicy("Rows", filters=[RowFilter("Sales.orders", "placed", ["2030-01-01"], exempt=["Partners"])]),
    ],
    teams=[
        Team(
            "sales",
            repository=GitRepository("acme/sales"),
            datastores=[sales, events, old],
            policies=[ClassificationPolicy("No secrets", forbidden=[CONFIDENTIAL])],
        ),
        Team("research", repository=GitRepository("acme/research"), workspaces=[figures, trials]),
    ],
)
abroad = GovernanceZone(
    "Abroad",
    repository=GitRepository("acme/abroad"),
    policies=[
        ClassificationPolicy("Public only", allowed=[PUBLIC]),
        ProductionPolicy("Production only", allowed=[ProductionStatus.PRODUCTION]),
    ],
    teams=[Team("partners", repository=GitRepository("acme/partners", branch="main"), workspaces=[partners])],
)


def create_ecosystem() -> Ecosystem:
    return Ecosystem(
        "Acme",
        repository=GitRepository("acme/model"),
        platforms=[europe_platform, partners_platform],
        vendors=vendors,
        control_database=control_db,
        policies=[
            VendorPolicy("Two vendors", allowed=["aws", "azure"]),
            MaskingPolicy(
                "Masks",
                masks=[HashMask(PII, credential=Credential("mask-key")), PartialMask(CONFIDENTIAL, last=4)],
            ),
        ],
        zones=[europe, abroad],
    )
