"""What a type checker says of an ``eco.py``: nothing, where it is right. Checked by mypy, never run."""

from datetime import date, timedelta
from typing import assert_type

from datasurface import (
    Approval,
    ClassificationPolicy,
    Column,
    Consistency,
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
    InfrastructureVendor,
    Location,
    Milestoning,
    OnAdd,
    PlatformManaged,
    PostgresDatabase,
    Priority,
    ProductionStatus,
    PythonCode,
    Requirements,
    SqlSnapshot,
    SqlWatermark,
    StorageLocationPolicy,
    Team,
    TransformerOutput,
    Workspace,
)
from datasurface.classification import INTERNAL, PII, PUBLIC, Classification
from datasurface.types import Array, DataType, Decimal, Integer, Timestamp, VarChar
from datasurface_yellow import YellowDataPlatform

database = PostgresDatabase("DB", host="h", database="d", credential=Credential("reader"))
here = GitRepository("acme/model", branch="trunk")

# Lists, tuples and other iterables go in; tuples are kept.
columns = [Column("id", Integer(), primary_key=True, classification=PUBLIC), Column("tags", Array(VarChar(5)))]
dataset = Dataset("d", columns=columns, foreign_keys=(ForeignKey(["id"], "d"),), classification=PII)
assert_type(dataset.columns, tuple[Column, ...])
assert_type(dataset.key_columns, tuple[Column, ...])
assert_type(Dataset("d", columns=(column for column in columns)).foreign_keys, tuple[ForeignKey, ...])
assert_type(ForeignKey(("a", "b"), "d").columns, tuple[str, ...])

# Fields have the types that a reader expects.
assert_type(columns[0].type, DataType)
assert_type(columns[0].classification, Classification | None)
assert_type(dataset.max_delete_fraction, float | None)
assert_type(dataset.on_add, OnAdd)
assert_type(Decimal(10, 2).precision, int | None)
assert_type(Timestamp(timezone=True).timezone, bool)

Dataset(
    "d",
    columns=[],
    max_delete_fraction=0.5,
    on_add=OnAdd.BACKFILL,
    requires_approval=True,
    approvals=[Approval("W", reason="why")],
    deprecation=Deprecation(date(2030, 1, 1), replacement="S.d"),
)

# Captures: pairs of names as a dict, kept as a tuple; a watermark's column is one name or one for each dataset.
snapshot = SqlSnapshot(database, tables={"d": "tbl"}, consistency=Consistency.SINGLE_DATASET)
assert_type(snapshot.tables, tuple[tuple[str, str], ...])
assert_type(snapshot.table_of("d"), str)
assert_type(SqlWatermark(database, column="seen", window=timedelta(minutes=1)).column_of("d"), str | None)
SqlWatermark(database, column={"d": "version"}, window=1, rows_per_batch=1000)

store = Datastore("S", capture=snapshot, datasets=[dataset], production_status=ProductionStatus.NOT_PRODUCTION)
assert_type(store.sinks("d"), tuple[DatasetSink, ...])
assert_type(store.datasets, tuple[Dataset, ...])

# Sinks of several stores are joined as any sequences are.
group = DatasetGroup(
    "G",
    sinks=[*store.sinks(), DatasetSink("Other", "d", name="e", accepts_deprecation=True)],
    requires=Requirements(Milestoning.FORENSIC, latency=timedelta(minutes=1), retention=None),
)
assert_type(group.requires.milestoning, Milestoning)

transformer = DataTransformer(
    "T",
    code=PythonCode(here, function="module:function"),
    produces=Datastore("New", capture=TransformerOutput(database), datasets=[]),
)
workspace = Workspace(
    "W", groups=[group], clearance=[PUBLIC, INTERNAL], priority=Priority.HIGH, transformer=transformer
)
assert_type(workspace.clearance, tuple[Classification, ...] | None)
assert_type(workspace.container, PlatformManaged | PostgresDatabase)
Workspace("W", groups=[], container=database, reader=Credential("reader"))

# Policies of different kinds stand in one list.
policies = [StorageLocationPolicy("here", allowed=["A/B"]), ClassificationPolicy("open", allowed=[], forbidden=[PII])]
team = Team("t", repository=here, datastores=[store], workspaces=[workspace], policies=policies)
model = Ecosystem(
    "E",
    repository=here,
    platforms=[
        YellowDataPlatform(
            "Y", milestoning=Milestoning.FORENSIC, schedule="* * * * *", namespace="y", merge_database=database
        )
    ],
    zones=[GovernanceZone("Z", repository=here, teams=[team])],
    vendors=[InfrastructureVendor("A", locations=[Location("B", locations=[Location("C")])])],
    control_database=database,
)
assert_type(model.control_database, PostgresDatabase | None)
assert_type(next(model.teams()), Team)
assert_type(next(model.datastores()), Datastore)
