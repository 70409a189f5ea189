"""The model: frozen values that describe a data ecosystem."""

from datasurface.model.assignment import Assignment, AssignmentStatus, GroupAssignments
from datasurface.model.datastore import (
    Capture,
    Consistency,
    DatasetSink,
    Datastore,
    SqlCapture,
    SqlSnapshot,
    SqlWatermark,
)
from datasurface.model.ecosystem import Ecosystem, GovernanceZone, Team
from datasurface.model.element import Element
from datasurface.model.place import (
    Container,
    Credential,
    GitRepository,
    InfrastructureVendor,
    Location,
    MySqlDatabase,
    PlatformManaged,
    PostgresDatabase,
    SqliteDatabase,
)
from datasurface.model.platform import DataPlatform
from datasurface.model.schema import Column, Dataset, ForeignKey, OnAdd
from datasurface.model.walk import walk
from datasurface.model.workspace import (
    DatasetGroup,
    Milestoning,
    Requirements,
    Workspace,
)

__all__ = [
    "Assignment",
    "AssignmentStatus",
    "Capture",
    "Column",
    "Consistency",
    "Container",
    "Credential",
    "DataPlatform",
    "Dataset",
    "DatasetGroup",
    "DatasetSink",
    "Datastore",
    "Ecosystem",
    "Element",
    "ForeignKey",
    "GitRepository",
    "GovernanceZone",
    "GroupAssignments",
    "InfrastructureVendor",
    "Location",
    "Milestoning",
    "MySqlDatabase",
    "OnAdd",
    "PlatformManaged",
    "PostgresDatabase",
    "Requirements",
    "SqlCapture",
    "SqlSnapshot",
    "SqlWatermark",
    "SqliteDatabase",
    "Team",
    "Workspace",
    "walk",
]
