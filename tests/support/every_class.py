"""A model that uses every class of the language, sound by every rule of the core: what lint, diff, ownership, JSON and
drawings are tried on.
"""

from datetime import date, timedelta

from datasurface.classification import CONFIDENTIAL, INTERNAL, PII, PUBLIC
from datasurface.model import (
    Approval,
    Assignment,
    AssignmentStatus,
    ClassificationPolicy,
    Column,
    Consistency,
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
    NullMask,
    OnAdd,
    PartialMask,
    PlatformPolicy,
    PostgresDatabase,
    Priority,
    ProductionPolicy,
    ProductionStatus,
    PythonCode,
    Requirements,
    Resources,
    RowFilter,
    RowFilterPolicy,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    StorageLocationPolicy,
    Team,
    TransformerOutput,
    VendorPolicy,
    Workspace,
    YearMask,
)
from datasurface.types import BigInt, Date, Timestamp, VarChar
from datasurface_yellow import YellowDataPlatform

EUROPE = "Cloud/Europe/Frankfurt"
LATENCY = timedelta(minutes=10)


def postgres(name: str, credential: str, database: str) -> PostgresDatabase:
    return PostgresDatabase(
        name, host="db", database=database, credential=Credential(credential), location=EUROPE, sslmode="require"
    )


def platform(name: str, milestoning: Milestoning) -> YellowDataPlatform:
    return YellowDataPlatform(
        name,
        milestoning=milestoning,
        schedule="*/10 * * * *",
        namespace=name.lower(),
        merge_database=postgres("Merge", "merge-writer", "merge"),
        resources=Resources(cpu="50m", memory="28Mi", cpu_limit="500m", memory_limit="512Mi"),
        description=f"Keeps {milestoning.value}",
    )


CUSTOMERS = Dataset(
    "customers",
    columns=[
        Column("id", VarChar(20), primary_key=True, classification=PUBLIC),
        Column("name", VarChar(100), nullable=False, classification=PII, description="As on the invoice"),
        Column("email", VarChar(100), classification=PII, renamed_from="mail"),
        Column("born", Date(), classification=PII),
    ],
    on_add=OnAdd.BACKFILL,
    requires_approval=True,
    approvals=[Approval("Analytics", reason="Churn"), Approval("Masking", reason="Makes them anonymous")],
    description="Who buys from us",
)
ORDERS = Dataset(
    "orders",
    columns=[
        Column("id", BigInt(), primary_key=True),
        Column("customer", VarChar(20), nullable=False),
        Column("changed", Timestamp(timezone=True), nullable=False),
    ],
    foreign_keys=[ForeignKey(["customer"], "customers")],
    classification=INTERNAL,
    max_delete_fraction=0.2,
    deprecation=Deprecation(date(2099, 12, 31), replacement="Web.visits", reason="The shop moves to the web"),
)
SHOP = Datastore(
    "Shop",
    capture=SqlSnapshot(postgres("ShopDB", "shop-reader", "shop"), schema="sales", tables={"orders": "tbl_orders"}),
    datasets=[CUSTOMERS, ORDERS],
    description="The shop in the street",
)


def visits(name: str = "visits") -> Dataset:
    columns = [Column("id", BigInt(), primary_key=True), Column("seen", Timestamp(timezone=True), nullable=False)]
    return Dataset(name, columns=columns, classification=INTERNAL)


WEB = Datastore(
    "Web",
    capture=SqlWatermark(postgres("WebDB", "web-reader", "web"), column="seen", rows_per_batch=100_000),
    datasets=[visits()],
)
OLD_SHOP = Datastore(
    "OldShop",
    capture=SqlSnapshot(
        MySqlDatabase(
            "OldShopDB", host="old", database="shop", credential=Credential("old-reader"), tls=True, location=EUROPE
        ),
        consistency=Consistency.SINGLE_DATASET,
    ),
    datasets=[visits("old_visits")],
    deprecation=Deprecation(date(2099, 12, 31), replacement="Shop"),
)
TILLS = Datastore(
    "Tills",
    capture=SqlSnapshot(SqliteDatabase("TillsFile", path="/srv/tills.db", location=EUROPE)),
    datasets=[visits("receipts")],
    production_status=ProductionStatus.NOT_PRODUCTION,
)
MASKING = Workspace(
    "Masking",
    groups=[
        DatasetGroup(
            "Customers",
            sinks=SHOP.sinks("customers"),
            requires=Requirements(Milestoning.LIVE_ONLY, latency=LATENCY),
            description="As they are now",
        )
    ],
    transformer=DataTransformer(
        "Mask",
        code=PythonCode(
            GitRepository("acme/masking"), function="masking.customers:mask", credential=Credential("code-reader")
        ),
        produces=Datastore(
            "MaskedShop",
            capture=TransformerOutput(postgres("MaskedDB", "masked-reader", "masked")),
            datasets=[
                Dataset("customers", columns=[Column("id", VarChar(64), primary_key=True, classification=PUBLIC)])
            ],
        ),
        credential=Credential("masking-login"),
        description="Names become numbers",
    ),
)
ANALYTICS = Workspace(
    "Analytics",
    groups=[
        DatasetGroup(
            "Past",
            sinks=[
                *SHOP.sinks("customers"),
                DatasetSink("Shop", "orders", name="purchases", accepts_deprecation=True),
                *WEB.sinks(),
                DatasetSink("OldShop", "old_visits", accepts_deprecation=True),
            ],
            requires=Requirements(Milestoning.FORENSIC, latency=LATENCY, retention=timedelta(days=2557)),
        ),
        DatasetGroup(
            "Anonymous",
            sinks=[DatasetSink("MaskedShop", "customers", name="masked_customers")],
            requires=Requirements(Milestoning.LIVE_ONLY, latency=LATENCY),
        ),
    ],
    clearance=[PUBLIC, INTERNAL, PII],
    priority=Priority.HIGH,
)
TRIALS = Workspace(
    "Trials",
    groups=[
        DatasetGroup(
            "Tills",
            sinks=TILLS.sinks(),
            requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(days=1)),
            copied=Copied(schedule="0 */6 * * *"),
        )
    ],
    container=postgres("TrialsDB", "trials-writer", "trials"),
    reader=Credential("trials-reader"),
    production_status=ProductionStatus.NOT_PRODUCTION,
    priority=Priority.LOW,
)


def assigned(workspace: str, group: str, name: str) -> GroupAssignments:
    assignment = Assignment(name, status=AssignmentStatus.PROVISIONED, documentation="Asked for by its team")
    return GroupAssignments(workspace, group, assignments=[assignment])


def every_class() -> Ecosystem:
    """The model."""
    return Ecosystem(
        "Acme",
        repository=GitRepository("acme/model"),
        platforms=[platform("Live", Milestoning.LIVE_ONLY), platform("Forensic", Milestoning.FORENSIC)],
        control_database=postgres("Control", "control-writer", "control"),
        vendors=[
            InfrastructureVendor(
                "Cloud",
                description="Whose machines we rent",
                locations=[Location("Europe", locations=[Location("Frankfurt", description="Near the river")])],
            )
        ],
        policies=[ProductionPolicy("any", allowed=list(ProductionStatus), description="Trials are welcome")],
        zones=[
            GovernanceZone(
                "EU",
                repository=GitRepository("acme/eu-zone"),
                policies=[
                    StorageLocationPolicy("in Europe", allowed=["Cloud/Europe"]),
                    VendorPolicy("one vendor", allowed=["Cloud"]),
                    PlatformPolicy("both platforms", allowed=["Live", "Forensic"]),
                    MaskingPolicy(
                        "masks",
                        masks=[
                            HashMask(CONFIDENTIAL, credential=Credential("mask-key")),
                            PartialMask(PII, first=1, last=1),
                            YearMask(CONFIDENTIAL),
                            NullMask(INTERNAL),
                        ],
                    ),
                ],
                teams=[
                    Team(
                        "producers",
                        repository=GitRepository("acme/producers"),
                        datastores=[SHOP, WEB, OLD_SHOP, TILLS],
                        policies=[
                            ClassificationPolicy("no secrets", allowed=[PUBLIC, INTERNAL, PII]),
                            RowFilterPolicy(
                                "rows",
                                filters=[
                                    RowFilter("Shop.customers", "born", ["1970-01-01", None], workspaces=["Masking"]),
                                    RowFilter("Web.visits", "id", [7], exempt=["Trials"]),
                                ],
                            ),
                        ],
                    ),
                    Team(
                        "consumers",
                        repository=GitRepository("acme/consumers", branch="trunk"),
                        workspaces=[MASKING, ANALYTICS, TRIALS],
                        description="Who reads",
                    ),
                ],
            )
        ],
        assignments=[
            assigned("Masking", "Customers", "Live"),
            assigned("Analytics", "Past", "Forensic"),
            assigned("Analytics", "Anonymous", "Live"),
            assigned("Trials", "Tills", "Live"),
        ],
        description="What the tests are about",
    )
