"""Customer 360: one producer; one consumer who needs its data live and with full history.

Beside this file, ``dsg_platform_mapping.json`` says which platform serves which group of the consumer.
"""

from datetime import timedelta

from datasurface import (
    Column,
    Credential,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    ForeignKey,
    GitRepository,
    GovernanceZone,
    Milestoning,
    PostgresDatabase,
    Requirements,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.classification import PII, PUBLIC
from datasurface.types import Date, VarChar
from datasurface_yellow import YellowDataPlatform

# The producer: a database of customers and their addresses. Secrets are named here and kept elsewhere.

customer_db = PostgresDatabase(
    "CustomerDB", host="localhost", port=5432, database="customer_db", credential=Credential("customer-db-reader")
)

customers = Dataset(
    "customers",
    description="Who buys from us",
    columns=[
        Column("id", VarChar(20), primary_key=True, classification=PUBLIC),
        Column("firstName", VarChar(100), nullable=False, classification=PII),
        Column("lastName", VarChar(100), nullable=False, classification=PII),
        Column("dob", Date(), nullable=False, classification=PII, description="Date of birth"),
        Column("email", VarChar(100), classification=PII),
        Column("phone", VarChar(100), classification=PII),
        Column("primaryAddressId", VarChar(20), classification=PUBLIC),
        Column("billingAddressId", VarChar(20), classification=PUBLIC),
    ],
    foreign_keys=[
        ForeignKey(["primaryAddressId"], "addresses"),
        ForeignKey(["billingAddressId"], "addresses"),
    ],
)

addresses = Dataset(
    "addresses",
    description="Where they live and where their bills go",
    columns=[
        Column("id", VarChar(20), primary_key=True, classification=PUBLIC),
        Column("customerId", VarChar(20), nullable=False, classification=PUBLIC),
        Column("streetName", VarChar(100), nullable=False, classification=PII),
        Column("city", VarChar(100), nullable=False, classification=PII),
        Column("state", VarChar(100), nullable=False, classification=PII),
        Column("zipCode", VarChar(30), nullable=False, classification=PII),
    ],
    foreign_keys=[ForeignKey(["customerId"], "customers")],
)

store1 = Datastore(
    "Store1",
    description="Customers and their addresses",
    capture=SqlSnapshot(customer_db),
    datasets=[customers, addresses],
)

# The consumer: the same two datasets, once as they are now and once as they were at any time. It reads in a database of
# its own, which reads the merge database with a login that may do nothing else.

consumer_db = PostgresDatabase(
    "ConsumerDB", host="localhost", port=5432, database="consumer_db", credential=Credential("consumer-db-owner")
)

consumer1 = Workspace(
    "Consumer1",
    container=consumer_db,
    reader=Credential("consumer1-remote"),
    groups=[
        DatasetGroup(
            "LiveDSG",
            sinks=store1.sinks("customers", "addresses"),
            requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(minutes=1)),
        ),
        DatasetGroup(
            "ForensicDSG",
            sinks=store1.sinks("customers", "addresses"),
            requires=Requirements(
                Milestoning.FORENSIC, latency=timedelta(minutes=10), retention=timedelta(days=7 * 365 + 2)
            ),
        ),
    ],
)

# The platforms: each with its own schedule, namespace and credential for the one database in which both merge.

live_store = PostgresDatabase(
    "LiveStore",
    host="localhost",
    port=5432,
    database="datasurface_merge",
    credential=Credential("yellow-live-writer"),
)

forensic_store = PostgresDatabase(
    "ForensicStore",
    host="localhost",
    port=5432,
    database="datasurface_merge",
    credential=Credential("yellow-forensic-writer"),
)

control_store = PostgresDatabase(
    "ControlStore",
    host="localhost",
    port=5432,
    database="datasurface_merge",
    credential=Credential("control-writer"),
)

yellow_live = YellowDataPlatform(
    "YellowLive",
    milestoning=Milestoning.LIVE_ONLY,
    schedule="* * * * *",
    namespace="yellow-live",
    merge_database=live_store,
)

yellow_forensic = YellowDataPlatform(
    "YellowForensic",
    milestoning=Milestoning.FORENSIC,
    schedule="*/10 * * * *",
    namespace="yellow-forensic",
    merge_database=forensic_store,
)


def create_ecosystem() -> Ecosystem:
    return Ecosystem(
        "Customer360",
        repository=GitRepository("acme/model"),
        platforms=[yellow_live, yellow_forensic],
        control_database=control_store,
        zones=[
            GovernanceZone(
                "USA",
                repository=GitRepository("acme/usa-zone"),
                teams=[
                    Team(
                        "team1",
                        repository=GitRepository("acme/team1"),
                        datastores=[store1],
                        workspaces=[consumer1],
                    )
                ],
            )
        ],
    )
