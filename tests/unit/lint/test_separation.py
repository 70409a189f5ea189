"""Nobody reads what is not theirs: merge databases, the ecosystem's secrets, secrets of other teams."""

from collections.abc import Sequence

import pytest

from datasurface.model import (
    Container,
    Credential,
    Datastore,
    DataTransformer,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    MySqlDatabase,
    PostgresDatabase,
    PythonCode,
    SqliteDatabase,
    SqlSnapshot,
    Team,
    TransformerOutput,
    Workspace,
)
from tests.unit.lint.models import REPOSITORY, codes, database, dataset, group, model, platform, store

TEAM = "zones/zone/teams/team"
SOURCE = f"{TEAM}/datastores/Store1/capture/container"
VIEWS = f"{TEAM}/workspaces/Work/container"


def at(host: str, name: str, credential: str, *, called: str = "Place", port: int = 5432) -> PostgresDatabase:
    return PostgresDatabase(called, host=host, port=port, database=name, credential=Credential(credential))


def reading(source: Container, merge: Container | None = None, control: PostgresDatabase | None = None) -> Ecosystem:
    return model(
        stores=[store("Store1", capture=SqlSnapshot(source))], platforms=[platform(store=merge)], control=control
    )


@pytest.mark.parametrize("held", ["merge", "control"])
@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (at("merge.acme", "merge", "writer"), at("merge.acme", "merge", "own")),
        (at("merge.acme", "merge", "writer"), at("MERGE.acme.", "merge", "own")),
        (at("localhost", "merge", "writer"), at("127.0.0.1", "merge", "own")),
    ],
)
def test_a_capture_does_not_read_what_the_ecosystem_holds(
    theirs: PostgresDatabase, ours: PostgresDatabase, held: str
) -> None:
    named = database("Theirs", host=theirs.host, credential="writer")
    named = PostgresDatabase(named.name, host=theirs.host, database=theirs.database, credential=theirs.credential)
    found = reading(ours, merge=named) if held == "merge" else reading(ours, control=named)
    assert codes(found) == [("DS621", SOURCE)]


@pytest.mark.parametrize(
    "source",
    [
        at("merge.acme", "shop", "own"),
        at("merge.acme", "merge", "own", port=5433),
        at("other.acme", "merge", "own"),
        MySqlDatabase("Place", host="merge.acme", port=5432, database="merge", credential=Credential("own")),
        SqliteDatabase("Place", path="/srv/merge"),
    ],
)
def test_another_database_of_its_server_may_be_read(source: Container) -> None:
    assert codes(reading(source, merge=at("merge.acme", "merge", "writer", called="Merge"))) == []


def test_the_credential_of_a_merge_or_control_database_is_not_a_teams() -> None:
    merge, control = at("merge.acme", "merge", "writer", called="M"), at("c.acme", "c", "keeper", called="C")
    for secret in ("writer", "keeper"):
        assert codes(reading(at("shop", "shop", secret), merge, control)) == [("DS622", SOURCE)]
        work = Workspace("Work", groups=[group()], container=at("views", "views", secret))
        assert codes(model(workspaces=[work], platforms=[platform(store=merge)], control=control)) == [("DS622", VIEWS)]
    assert codes(reading(at("shop", "shop", "reader"), merge, control)) == []


def test_platforms_and_control_database_may_share_a_credential() -> None:
    merge, control = at("merge.acme", "merge", "writer", called="M"), at("c.acme", "c", "writer", called="C")
    assert codes(reading(at("shop", "shop", "reader"), merge, control)) == []


def teams(**sources: Sequence[Container]) -> Ecosystem:
    """A team of each name with a datastore for each of its databases."""
    made = [
        Team(
            name,
            repository=REPOSITORY,
            datastores=[
                Datastore(f"{name}{number}", capture=SqlSnapshot(source), datasets=[dataset()])
                for number, source in enumerate(containers)
            ],
        )
        for name, containers in sources.items()
    ]
    return model(zones=[GovernanceZone("zone", repository=REPOSITORY, teams=made)], assignments=[])


def place(team: str, number: int = 0) -> str:
    return f"zones/zone/teams/{team}/datastores/{team}{number}/capture/container"


ORDERS, PARTS = at("db", "orders", "reader", called="Orders"), at("db", "parts", "reader", called="Parts")


@pytest.mark.parametrize(
    ("ecosystem", "told"),
    [
        (teams(a=[ORDERS], b=[PARTS]), [place("b")]),
        (teams(a=[ORDERS, PARTS], b=[ORDERS]), [place("a", 1)]),
        (teams(a=[ORDERS, PARTS], b=[PARTS]), [place("a", 1)]),  # one object, told where it comes first
        (teams(a=[ORDERS], b=[ORDERS]), []),
        (teams(a=[ORDERS, PARTS]), []),
        (teams(a=[ORDERS], b=[at("db", "parts", "other", called="Parts")]), []),
        (teams(a=[ORDERS], b=[at("DB", "orders", "reader", called="Same")]), []),
    ],
)
def test_two_teams_share_a_credential_for_one_database_alone(ecosystem: Ecosystem, told: list[str]) -> None:
    assert codes(ecosystem) == [("DS623", path) for path in told]


def test_what_a_transformer_writes_is_a_place_of_its_team() -> None:
    written = store("Made", dataset("figures"), capture=TransformerOutput(at("merge.acme", "merge", "writer")))
    makes = DataTransformer("Make", code=PythonCode(GitRepository("acme/x"), function="m:f"), produces=written)
    work = Workspace("Work", groups=[group()], transformer=makes)
    output = f"{TEAM}/workspaces/Work/transformer/produces/capture/container"
    merge = at("merge.acme", "merge", "writer", called="Merge")
    assert codes(model(workspaces=[work], platforms=[platform(store=merge)])) == [("DS621", output), ("DS622", output)]


def code_of(credential: str, repository: str = "acme/figures", name: str = "Make") -> DataTransformer:
    made = store(f"{name}Made", dataset("figures"), capture=TransformerOutput(at("made", "made", f"{name}-owner")))
    code = PythonCode(GitRepository(repository), function="m:f", credential=Credential(credential))
    return DataTransformer(name, code=code, produces=made, credential=Credential(f"{name}-login"))


@pytest.mark.parametrize("secret", ["writer", "Make-owner", "Make-login"])
def test_the_credential_of_code_is_nobodys_else(secret: str) -> None:
    found = model(
        workspaces=[Workspace("Work", groups=[group()], transformer=code_of(secret))],
        platforms=[platform(store=at("merge", "merge", "writer", called="Merge"))],
    )
    assert ("DS625", f"{TEAM}/workspaces/Work/transformer/code/credential") in codes(found)


@pytest.mark.parametrize(
    ("theirs", "told"), [("acme/figures", False), ("https://github.com/acme/figures.git", False), ("acme/other", True)]
)
def test_two_teams_share_a_credential_for_one_repository_alone(theirs: str, told: bool) -> None:
    made = [
        Team(name, repository=REPOSITORY, workspaces=[Workspace(name, groups=[], transformer=code)])
        for name, code in (("a", code_of("git")), ("b", code_of("git", theirs, "Other")))
    ]
    found = codes(model(zones=[GovernanceZone("zone", repository=REPOSITORY, teams=made)], assignments=[]))
    assert any(code == "DS625" for code, _ in found) is told
