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
from datasurface.model.lifecycle import Approval, Deprecation, Priority, ProductionStatus
from datasurface.model.mask import HashMask, Mask, MaskingPolicy, NullMask, PartialMask, YearMask
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
from datasurface.model.policy import (
    ClassificationPolicy,
    PlatformPolicy,
    Policy,
    ProductionPolicy,
    StorageLocationPolicy,
    VendorPolicy,
)
from datasurface.model.resources import Resources
from datasurface.model.row_filter import FilterValue, RowFilter, RowFilterPolicy
from datasurface.model.schema import Column, Dataset, ForeignKey, OnAdd
from datasurface.model.transformer import DataTransformer, PythonCode, TransformerOutput
from datasurface.model.walk import elements, walk
from datasurface.model.workspace import (
    Copied,
    DatasetGroup,
    Milestoning,
    Requirements,
    Workspace,
)

__all__ = [
    "Approval",
    "Assignment",
    "AssignmentStatus",
    "Capture",
    "ClassificationPolicy",
    "Column",
    "Consistency",
    "Container",
    "Copied",
    "Credential",
    "DataPlatform",
    "DataTransformer",
    "Dataset",
    "DatasetGroup",
    "DatasetSink",
    "Datastore",
    "Deprecation",
    "Ecosystem",
    "Element",
    "FilterValue",
    "ForeignKey",
    "GitRepository",
    "GovernanceZone",
    "GroupAssignments",
    "HashMask",
    "InfrastructureVendor",
    "Location",
    "Mask",
    "MaskingPolicy",
    "Milestoning",
    "MySqlDatabase",
    "NullMask",
    "OnAdd",
    "PartialMask",
    "PlatformManaged",
    "PlatformPolicy",
    "Policy",
    "PostgresDatabase",
    "Priority",
    "ProductionPolicy",
    "ProductionStatus",
    "PythonCode",
    "Requirements",
    "Resources",
    "RowFilter",
    "RowFilterPolicy",
    "SqlCapture",
    "SqlSnapshot",
    "SqlWatermark",
    "SqliteDatabase",
    "StorageLocationPolicy",
    "Team",
    "TransformerOutput",
    "VendorPolicy",
    "Workspace",
    "YearMask",
    "elements",
    "walk",
]
