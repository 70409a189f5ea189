"""A model of the size that ``size.json`` asks for: ten datastores a team, fifty teams a zone."""

from consumers import workspace
from datasurface import (
    Credential,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    Milestoning,
    PostgresDatabase,
    Team,
)
from datasurface_yellow import YellowDataPlatform
from producers import datastores

STORES_OF_A_TEAM = 10
TEAMS_OF_A_ZONE = 50

MERGE = PostgresDatabase("Merge", host="merge.example.com", database="merge", credential=Credential("merge-writer"))

PLATFORMS = [
    YellowDataPlatform(
        "YellowLive",
        milestoning=Milestoning.LIVE_ONLY,
        schedule="* * * * *",
        namespace="yellow-live",
        merge_database=MERGE,
    ),
    YellowDataPlatform(
        "YellowForensic",
        milestoning=Milestoning.FORENSIC,
        schedule="*/10 * * * *",
        namespace="yellow-forensic",
        merge_database=MERGE,
    ),
]


def create_ecosystem() -> Ecosystem:
    """The whole company."""
    teams = all_teams(datastores())
    return Ecosystem(
        "Large",
        repository=GitRepository("acme/model"),
        platforms=PLATFORMS,
        zones=[
            GovernanceZone(
                f"Zone{start // TEAMS_OF_A_ZONE}",
                repository=GitRepository(f"acme/zone{start // TEAMS_OF_A_ZONE}"),
                teams=teams[start : start + TEAMS_OF_A_ZONE],
            )
            for start in range(0, len(teams), TEAMS_OF_A_ZONE)
        ],
    )


def all_teams(stores: list[Datastore]) -> list[Team]:
    """The teams with what they produce and consume."""
    parts = [stores[start : start + STORES_OF_A_TEAM] for start in range(0, len(stores), STORES_OF_A_TEAM)]
    return [
        Team(
            f"Team{number}",
            repository=GitRepository(f"acme/team{number}"),
            datastores=own,
            workspaces=[workspace(number, own, parts[(number + 1) % len(parts)])],
        )
        for number, own in enumerate(parts)
    ]
