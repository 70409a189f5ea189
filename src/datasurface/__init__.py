"""DataSurface: one model of a data ecosystem as code; data platforms turn it into running pipelines.

This module is the vocabulary of an ``eco.py``. Column types are in ``datasurface.types``, classifications in
``datasurface.classification``, platform classes in the packages that bring them.
"""

from datasurface.model import (
    Column,
    Consistency,
    Credential,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    Ecosystem,
    ForeignKey,
    GitRepository,
    GovernanceZone,
    InfrastructureVendor,
    Location,
    Milestoning,
    MySqlDatabase,
    OnAdd,
    PlatformManaged,
    PostgresDatabase,
    Requirements,
    SqliteDatabase,
    SqlSnapshot,
    SqlWatermark,
    Team,
    Workspace,
)

__all__ = [
    "Column",
    "Consistency",
    "Credential",
    "Dataset",
    "DatasetGroup",
    "DatasetSink",
    "Datastore",
    "Ecosystem",
    "ForeignKey",
    "GitRepository",
    "GovernanceZone",
    "InfrastructureVendor",
    "Location",
    "Milestoning",
    "MySqlDatabase",
    "OnAdd",
    "PlatformManaged",
    "PostgresDatabase",
    "Requirements",
    "SqlSnapshot",
    "SqlWatermark",
    "SqliteDatabase",
    "Team",
    "Workspace",
]
