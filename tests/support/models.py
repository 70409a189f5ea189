"""Hypothesis strategies for any model that can be constructed, sound or not."""

from datetime import date, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from datasurface import types
from datasurface.classification import Classification
from datasurface.model import (
    Approval,
    Assignment,
    AssignmentStatus,
    Capture,
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
    Mask,
    MaskingPolicy,
    Milestoning,
    MySqlDatabase,
    NullMask,
    OnAdd,
    PartialMask,
    PlatformManaged,
    PlatformPolicy,
    Policy,
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
from datasurface.types import DataType
from datasurface_yellow import YellowDataPlatform

T = TypeVar("T")

_characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_known = st.sampled_from(
    ["A", "a", "B", "C", "a b", "ä", "ds_surf_x", "x" * 64, "u:p@h", "password=x", "<b>&amp;\"'</b>"]
)
# Few names, so that they meet, and some that no place would take; mostly known ones, so that there is room for more.
names = st.one_of(_known, _known, _known, st.text(_characters, min_size=1, max_size=5))
texts = st.one_of(st.just(""), _known, st.text(_characters, max_size=10))
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_500))
lengths = st.integers(1, 5000)


def few(items: st.SearchStrategy[T], most: int = 3) -> st.SearchStrategy[list[T]]:
    return st.lists(items, max_size=most)


def decimals() -> st.SearchStrategy[DataType]:
    sized = st.integers(1, 1000).flatmap(
        lambda precision: st.builds(types.Decimal, st.just(precision), st.none() | st.integers(0, precision))
    )
    return st.just(types.Decimal()) | sized


simple_types: st.SearchStrategy[DataType] = st.one_of(
    st.sampled_from(
        [
            types.TinyInt(),
            types.SmallInt(),
            types.Integer(),
            types.BigInt(),
            types.Float32(),
            types.Float64(),
            types.Boolean(),
            types.Text(),
            types.Date(),
            types.Time(),
            types.Interval(),
            types.Timestamp(),
            types.Timestamp(timezone=True),
            types.Binary(),
            types.Uuid(),
            types.Json(),
        ]
    ),
    decimals(),
    *(st.builds(cls, lengths) for cls in (types.Char, types.VarChar, types.NVarChar, types.Vector)),
)
data_types = st.recursive(simple_types, lambda inner: st.builds(types.Array, inner), max_leaves=3)
classifications = st.none() | st.sampled_from(Classification)
statuses = st.sampled_from(ProductionStatus)
days = st.dates(date(2020, 1, 1), date(2099, 12, 31))
deprecations = st.none() | st.builds(
    Deprecation, days, replacement=st.none() | st.sampled_from(["A", "A.B", "A/B"]), reason=texts
)


_protected = st.sampled_from(Classification)
masks: st.SearchStrategy[Mask] = st.one_of(
    st.builds(HashMask, _protected, credential=st.builds(Credential, names)),
    st.builds(PartialMask, _protected, first=st.integers(0, 3), last=st.integers(1, 3)),
    st.builds(YearMask, _protected),
    st.builds(NullMask, _protected),
)


_filtered: dict[str, st.SearchStrategy[object]] = {
    "dataset": st.sampled_from(["A.A", "A.a", "B.A", "a.B"]) | names,
    "column": names,
    "values": few(st.none() | st.booleans() | st.integers(-9, 300) | texts | st.sampled_from(["2030-12-31", "1.50"])),
}
row_filters = st.one_of(
    st.builds(RowFilter, **_filtered, workspaces=st.none() | few(names, 2)),
    st.builds(RowFilter, **_filtered, exempt=few(names, 2)),
)


def policies() -> st.SearchStrategy[Policy]:
    """Of every kind, about anything."""
    places = names | st.sampled_from(["A/B", "A/B/C"])
    kinds: list[tuple[type[Policy], st.SearchStrategy[object]]] = [
        (StorageLocationPolicy, places),
        (VendorPolicy, names),
        (PlatformPolicy, names),
        (ClassificationPolicy, st.sampled_from(Classification)),
        (ProductionPolicy, statuses),
    ]
    return st.one_of(
        [
            st.builds(kind, names, allowed=st.none() | few(of, 2), forbidden=few(of, 1), description=texts)
            for kind, of in kinds
        ]
        + [st.builds(MaskingPolicy, names, masks=few(masks), description=texts)]
        + [st.builds(RowFilterPolicy, names, filters=few(row_filters), description=texts)]
    )


@st.composite
def columns(draw: st.DrawFn) -> Column:
    key = draw(st.booleans())
    return Column(
        draw(names),
        draw(data_types),
        primary_key=key,
        nullable=False if key else draw(st.booleans()),
        classification=draw(classifications),
        renamed_from=draw(st.none() | names),
        description=draw(texts),
    )


datasets = st.builds(
    Dataset,
    names,
    columns=few(columns()),
    foreign_keys=few(st.builds(ForeignKey, few(names, 2), names), 2),
    classification=classifications,
    max_delete_fraction=st.none() | st.floats(0, 1),
    on_add=st.sampled_from(OnAdd),
    requires_approval=st.booleans(),
    approvals=few(st.builds(Approval, names, reason=texts), 2),
    deprecation=deprecations,
    description=texts,
)
container_locations = st.none() | texts | st.sampled_from(["A/B", "A/B/C"])
databases = st.builds(
    PostgresDatabase,
    names,
    location=container_locations,
    description=texts,
    host=names,
    port=st.integers(1, 65535),
    database=names,
    credential=st.none() | st.builds(Credential, names),
    sslmode=st.none() | texts,
    sslrootcert=st.none() | texts,
)
other_sources = st.one_of(
    st.builds(
        MySqlDatabase,
        names,
        location=container_locations,
        description=texts,
        host=names,
        port=st.integers(1, 65535),
        database=names,
        credential=st.none() | st.builds(Credential, names),
        tls=st.booleans(),
        tls_ca=st.none() | texts,
    ),
    st.builds(
        SqliteDatabase,
        names,
        location=container_locations,
        description=texts,
        path=names.map(lambda name: f"/{name}"),
    ),
)
snapshots = st.builds(
    SqlSnapshot,
    databases | other_sources,
    consistency=st.sampled_from(Consistency),
    schema=names,
    tables=st.dictionaries(names, names, max_size=2),
    hash_at_source=st.booleans(),
)
watermarks = st.builds(
    SqlWatermark,
    databases,
    consistency=st.sampled_from(Consistency),
    schema=names,
    tables=st.dictionaries(names, names, max_size=2),
    column=names | st.dictionaries(names, names, min_size=1, max_size=2),
    window=st.integers(1, 2**40) | st.timedeltas(timedelta(microseconds=1), timedelta(days=36_525)),
    rows_per_batch=st.none() | st.integers(1, 10**9),
    hash_at_source=st.booleans(),
)
captures = snapshots | watermarks
outputs = st.builds(TransformerOutput, databases, consistency=st.sampled_from(Consistency))


def datastores_captured_by(ways: st.SearchStrategy[Capture]) -> st.SearchStrategy[Datastore]:
    return st.builds(
        Datastore,
        names,
        capture=ways,
        datasets=few(datasets),
        production_status=statuses,
        deprecation=deprecations,
        description=texts,
    )


datastores = datastores_captured_by(captures)
repositories = st.builds(GitRepository, names, branch=names)
transformers = st.builds(
    DataTransformer,
    names,
    code=st.builds(PythonCode, repositories, function=names, credential=st.none() | st.builds(Credential, names)),
    produces=datastores_captured_by(outputs),
    credential=st.none() | st.builds(Credential, names),
    description=texts,
)
milestonings = st.sampled_from(Milestoning)
schedules = names | st.sampled_from(
    ["* * * * *", "0 3 * * *", "every 5 seconds", "0 0 30 2 *", "every 0 hours", "* * * * * *"]
)
groups = st.builds(
    DatasetGroup,
    names,
    sinks=few(st.builds(DatasetSink, names, names, name=st.none() | names, accepts_deprecation=st.booleans())),
    requires=st.builds(Requirements, milestonings, latency=spans, retention=st.none() | spans),
    copied=st.none() | st.builds(Copied, schedule=st.none() | schedules),
    description=texts,
)
workspaces = st.builds(
    Workspace,
    names,
    groups=few(groups, 2),
    container=st.builds(PlatformManaged) | databases,
    reader=st.none() | st.builds(Credential, names),
    clearance=st.none() | few(st.sampled_from(Classification), 2),
    production_status=statuses,
    priority=st.sampled_from(Priority),
    transformer=st.none() | transformers,
    description=texts,
)
teams = st.builds(
    Team,
    names,
    repository=repositories,
    datastores=few(datastores, 2),
    workspaces=few(workspaces, 2),
    policies=few(policies(), 1),
    description=texts,
)
platforms = st.builds(
    YellowDataPlatform,
    names,
    milestoning=milestonings,
    schedule=schedules,
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "Nowhere", "Europe", "../UTC", "ä"]),
    grace=spans,
    merge_database=databases,
    namespace=names,
    schema=names,
    keep_batches=st.integers(0, 10),
    keep_metrics=spans,
    keep_results=spans,
    lock_wait=spans,
    read_limit=spans,
    resources=st.none()
    | st.builds(
        Resources,
        cpu=st.sampled_from(["50m", "0.5"]),
        memory=st.sampled_from(["128Mi", "512.5k"]),
        cpu_limit=st.sampled_from(["1", "1500m"]),
        memory_limit=st.sampled_from(["1Gi", "1G"]),
    ),
    description=texts,
)
locations = st.recursive(
    st.builds(Location, names, description=texts),
    lambda inner: st.builds(Location, names, description=texts, locations=st.lists(inner, max_size=2)),
    max_leaves=3,
)
assignments = st.builds(
    GroupAssignments,
    names,
    names,
    assignments=few(st.builds(Assignment, names, status=st.sampled_from(AssignmentStatus), documentation=texts), 2),
)
zones = st.builds(
    GovernanceZone,
    names,
    repository=repositories,
    teams=few(teams, 2),
    policies=few(policies(), 1),
    description=texts,
)
ecosystems = st.builds(
    Ecosystem,
    names,
    repository=repositories,
    platforms=few(platforms, 2),
    zones=few(zones, 2),
    vendors=few(st.builds(InfrastructureVendor, names, description=texts, locations=few(locations, 2)), 2),
    control_database=st.none() | databases,
    policies=few(policies(), 2),
    description=texts,
    assignments=few(assignments),
)
