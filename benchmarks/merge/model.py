"""The model of the benchmark: one dataset, which a live and a forensic platform serve."""

from datetime import timedelta

from benchmarks.merge.shapes import Shape
from datasurface import (
    Credential,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    Milestoning,
    PostgresDatabase,
    Requirements,
    SqlSnapshot,
    Team,
    Workspace,
)
from datasurface.model import Assignment, AssignmentStatus, GroupAssignments
from datasurface_yellow import YellowDataPlatform

STREAM = "Store1"
LIVE, FORENSIC = "Live", "Forensic"
WORKSPACE = "Consumer1"
SOURCE_CREDENTIAL, TARGET_CREDENTIAL = "benchmark-source", "benchmark-target"

_MILESTONING = {LIVE: Milestoning.LIVE_ONLY, FORENSIC: Milestoning.FORENSIC}

DATASET = "customers"


def producer_of(shape: Shape) -> str:
    """The name of the producer's database."""
    return f"producer_{shape.name}"


def model(shape: Shape, source_port: int, target_port: int, host: str) -> Ecosystem:
    """Both platforms on two servers of this machine, for one kind of table."""
    source = PostgresDatabase(
        "Source", host=host, port=source_port, database=producer_of(shape), credential=Credential(SOURCE_CREDENTIAL)
    )
    target = PostgresDatabase(
        "Target", host=host, port=target_port, database="merge", credential=Credential(TARGET_CREDENTIAL)
    )
    dataset = Dataset(DATASET, columns=shape.columns)
    store = Datastore(STREAM, capture=SqlSnapshot(source), datasets=[dataset])
    groups = [
        DatasetGroup(
            f"{name}Group", sinks=store.sinks(), requires=Requirements(milestoning, latency=timedelta(minutes=1))
        )
        for name, milestoning in _MILESTONING.items()
    ]
    repository = GitRepository("acme/model")
    team = Team("Team1", repository=repository, datastores=[store], workspaces=[Workspace(WORKSPACE, groups=groups)])
    return Ecosystem(
        "Benchmark",
        repository=repository,
        platforms=[_platform(name, milestoning, target) for name, milestoning in _MILESTONING.items()],
        zones=[GovernanceZone("Zone1", repository=repository, teams=[team])],
        assignments=[_assigned(name) for name in _MILESTONING],
    )


def _platform(name: str, milestoning: Milestoning, target: PostgresDatabase) -> YellowDataPlatform:
    return YellowDataPlatform(
        name, milestoning=milestoning, schedule="* * * * *", namespace=name.lower(), merge_database=target
    )


def _assigned(name: str) -> GroupAssignments:
    return GroupAssignments(
        WORKSPACE, f"{name}Group", assignments=[Assignment(name, status=AssignmentStatus.PROVISIONED)]
    )
