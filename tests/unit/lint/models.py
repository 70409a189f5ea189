"""Small models for the tests of lint rules: right as they stand, each part replaceable."""

from collections.abc import Sequence
from datetime import timedelta

from attrs import field, frozen

from datasurface.classification import PUBLIC
from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.model import (
    Assignment,
    AssignmentStatus,
    Capture,
    Column,
    Container,
    Credential,
    DataPlatform,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    Ecosystem,
    ForeignKey,
    GitRepository,
    GovernanceZone,
    GroupAssignments,
    InfrastructureVendor,
    Milestoning,
    PostgresDatabase,
    Requirements,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.types import DataType, Integer

REPOSITORY = GitRepository("acme/model")
MINUTE = timedelta(minutes=1)


def database(name: str = "Source", *, host: str = "localhost", credential: str | None = "") -> PostgresDatabase:
    """A database that is called as its container, opened by a credential of its own or the named one."""
    opener = Credential(credential or f"{name}-opener") if credential is not None else None
    return PostgresDatabase(name, host=host, database=name, credential=opener)


@frozen
class Platform(DataPlatform):
    """A platform that merges somewhere."""

    store: Container = field(factory=lambda: database("Merge"), kw_only=True)

    @property
    def merge_store(self) -> Container:
        return self.store


def platform(
    name: str = "Live",
    *,
    milestoning: Milestoning = Milestoning.LIVE_ONLY,
    schedule: str = "* * * * *",
    timezone: str = "UTC",
    store: Container | None = None,
) -> Platform:
    return Platform(
        name,
        milestoning=milestoning,
        schedule=schedule,
        timezone=timezone,
        store=store or database("Merge"),
    )


def column(name: str = "id", type_: DataType | None = None, *, key: bool = False) -> Column:
    return Column(name, type_ or Integer(), primary_key=key, classification=PUBLIC)


def dataset(name: str = "customers", *columns: Column, foreign_keys: Sequence[ForeignKey] = ()) -> Dataset:
    return Dataset(name, columns=columns or [column(key=True)], foreign_keys=foreign_keys)


def store(name: str = "Store1", *datasets: Dataset, capture: Capture | None = None) -> Datastore:
    return Datastore(name, capture=capture or SqlSnapshot(database()), datasets=datasets or [dataset()])


def group(
    name: str = "Group",
    *sinks: DatasetSink,
    milestoning: Milestoning = Milestoning.LIVE_ONLY,
    latency: timedelta = MINUTE,
) -> DatasetGroup:
    return DatasetGroup(
        name,
        sinks=sinks or [DatasetSink("Store1", "customers")],
        requires=Requirements(milestoning, latency=latency),
    )


def assign(
    workspace: str,
    group_name: str,
    *platforms: str,
    status: AssignmentStatus = AssignmentStatus.PROVISIONED,
) -> GroupAssignments:
    return GroupAssignments(workspace, group_name, assignments=[Assignment(name, status=status) for name in platforms])


def model(
    *,
    stores: Sequence[Datastore] | None = None,
    workspaces: Sequence[Workspace] | None = None,
    platforms: Sequence[DataPlatform] | None = None,
    assignments: Sequence[GroupAssignments] | None = None,
    zones: Sequence[GovernanceZone] | None = None,
    vendors: Sequence[InfrastructureVendor] = (),
    control: PostgresDatabase | None = None,
) -> Ecosystem:
    """An ecosystem in which one group of one workspace is served one dataset of one store by one platform."""
    team = Team(
        "team",
        repository=REPOSITORY,
        datastores=[store()] if stores is None else stores,
        workspaces=[Workspace("Work", groups=[group()])] if workspaces is None else workspaces,
    )
    return Ecosystem(
        "E",
        repository=REPOSITORY,
        platforms=[platform()] if platforms is None else platforms,
        zones=[GovernanceZone("zone", repository=REPOSITORY, teams=[team])] if zones is None else zones,
        vendors=vendors,
        control_database=control,
        assignments=[assign("Work", "Group", "Live")] if assignments is None else assignments,
    )


def codes(ecosystem: Ecosystem) -> list[tuple[str, str]]:
    """Code and path of every finding of our rules."""
    return sorted((finding.code, finding.path) for finding in lint(ecosystem, RULES))
