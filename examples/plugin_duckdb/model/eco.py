"""A shop's SQLite file, and a consumer who reads it in a DuckDB file: as it is now, and as it was.

Both files are bound by an environment file to where they really stand.
"""

from datetime import timedelta

from datasurface import (
    Column,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    Milestoning,
    Requirements,
    SqliteDatabase,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.classification import PUBLIC
from datasurface.types import Boolean, Date, Decimal, Integer, Text, Timestamp
from datasurface_duckdb import DuckDbDataPlatform, DuckDbFile

shop = Datastore(
    "Shop",
    capture=SqlSnapshot(SqliteDatabase("ShopFile", path="/srv/shop/shop.db")),
    datasets=[
        Dataset(
            "products",
            columns=[
                Column("id", Integer(), primary_key=True),
                Column("name", Text(), nullable=False),
                Column("price", Decimal(10, 2), nullable=False),
                Column("listed", Boolean(), nullable=False),
            ],
            classification=PUBLIC,
        ),
        Dataset(
            "sales",
            columns=[
                Column("product", Integer(), primary_key=True),
                Column("day", Date(), primary_key=True),
                Column("pieces", Integer(), nullable=False),
                Column("counted", Timestamp()),
            ],
            classification=PUBLIC,
        ),
    ],
)

analysts = Workspace(
    "Analysts",
    groups=[
        DatasetGroup(
            "Now",
            sinks=shop.sinks("products", "sales"),
            requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(hours=1)),
        ),
        DatasetGroup(
            "Past",
            sinks=shop.sinks("products"),
            requires=Requirements(Milestoning.FORENSIC, latency=timedelta(hours=1)),
        ),
    ],
)

lake = DuckDbFile("Lake", path="/srv/lake/lake.duckdb")


def create_ecosystem() -> Ecosystem:
    """The model."""
    repository = GitRepository("owner/model")
    return Ecosystem(
        "Corner",
        repository=repository,
        platforms=[
            DuckDbDataPlatform("Live", milestoning=Milestoning.LIVE_ONLY, schedule="0 * * * *", file=lake),
            DuckDbDataPlatform("Forensic", milestoning=Milestoning.FORENSIC, schedule="0 * * * *", file=lake),
        ],
        zones=[
            GovernanceZone(
                "Corner",
                repository=repository,
                teams=[Team("shop", repository=repository, datastores=[shop], workspaces=[analysts])],
            )
        ],
    )
