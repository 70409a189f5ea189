"""A model of so many streams: each datastore has one dataset, which a live and a forensic platform read."""

from datetime import timedelta

from attrs import evolve

from datasurface.classification import PUBLIC
from datasurface.model import (
    Assignment,
    AssignmentStatus,
    Column,
    Credential,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    GroupAssignments,
    Milestoning,
    PostgresDatabase,
    Requirements,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.types import BigInt, Date, Integer, Text, VarChar
from datasurface_yellow import YellowDataPlatform

CREDENTIAL = "merge-writer"
STORES_OF_A_TEAM = 10
_REPOSITORY = GitRepository("acme/model")
_COLUMNS = (
    Column("id", BigInt(), primary_key=True),
    Column("firstName", VarChar(100)),
    Column("lastName", VarChar(100)),
    Column("bornOn", Date()),
    Column("level", Integer()),
    Column("remark", Text()),
)
_MORE = Column("addedLater", VarChar(40))


def model(streams: int, host: str, port: int, *, changed: bool = False) -> Ecosystem:
    """Half as many datastores as streams; ``changed``: the dataset in the middle has one more column."""
    stores = streams // 2
    producer = PostgresDatabase("Producer", host=host, database="producer", credential=Credential("producer-reader"))
    merge = PostgresDatabase("Merge", host=host, port=port, database="merge", credential=Credential(CREDENTIAL))
    teams = [
        _team(first, min(first + STORES_OF_A_TEAM, stores), producer, stores // 2 if changed else None)
        for first in range(0, stores, STORES_OF_A_TEAM)
    ]
    platforms = [
        _platform(name, milestoning, merge)
        for name, milestoning in (("YellowLive", Milestoning.LIVE_ONLY), ("YellowForensic", Milestoning.FORENSIC))
    ]
    assigned = [
        GroupAssignments(workspace.name, group, assignments=[Assignment(platform, status=AssignmentStatus.PROVISIONED)])
        for team in teams
        for workspace in team.workspaces
        for group, platform in (("Live", "YellowLive"), ("History", "YellowForensic"))
    ]
    zone = GovernanceZone("USA", repository=_REPOSITORY, teams=teams)
    return Ecosystem("Large", repository=_REPOSITORY, platforms=platforms, zones=[zone], assignments=assigned)


def workspaces(streams: int) -> list[str]:
    """The names of its workspaces, one a team."""
    return [f"Consumer{first}" for first in range(0, streams // 2, STORES_OF_A_TEAM)]


def _team(first: int, end: int, producer: PostgresDatabase, changed: int | None) -> Team:
    stores = [
        Datastore(f"Store{number}", capture=SqlSnapshot(producer), datasets=[_dataset(number, number == changed)])
        for number in range(first, end)
    ]
    sinks = [sink for store in stores for sink in store.sinks()]
    live = Requirements(Milestoning.LIVE_ONLY, latency=timedelta(minutes=1))
    groups = [
        DatasetGroup("Live", sinks=sinks, requires=live),
        DatasetGroup("History", sinks=sinks, requires=evolve(live, milestoning=Milestoning.FORENSIC)),
    ]
    workspace = Workspace(f"Consumer{first}", groups=groups)
    return Team(f"team{first}", repository=_REPOSITORY, datastores=stores, workspaces=[workspace])


def _dataset(number: int, changed: bool) -> Dataset:
    return Dataset(f"customers_{number}", columns=[*_COLUMNS, *([_MORE] if changed else [])], classification=PUBLIC)


def _platform(name: str, milestoning: Milestoning, merge: PostgresDatabase) -> YellowDataPlatform:
    return YellowDataPlatform(
        name, milestoning=milestoning, schedule="* * * * *", namespace=name.lower(), merge_database=merge
    )
