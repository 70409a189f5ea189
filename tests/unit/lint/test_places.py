"""Which containers are one database."""

import pytest

from datasurface.model import (
    Container,
    Credential,
    DataTransformer,
    Ecosystem,
    GitRepository,
    InfrastructureVendor,
    MySqlDatabase,
    PostgresDatabase,
    PythonCode,
    SqliteDatabase,
    SqlSnapshot,
    TransformerOutput,
    Workspace,
)
from tests.unit.lint.models import assign, codes, dataset, group, model, store


def postgres(
    name: str, location: str | None, *, host: str = "db.acme", port: int = 5432, database: str = "d"
) -> PostgresDatabase:
    return PostgresDatabase(
        name, host=host, port=port, database=database, credential=Credential("reader"), location=location
    )


def captured(first: Container, second: Container) -> Ecosystem:
    stores = [
        store(name, dataset(), capture=SqlSnapshot(container))
        for name, container in (("Store1", first), ("Store2", second))
    ]
    return model(stores=stores, vendors=[InfrastructureVendor("aws"), InfrastructureVendor("azure")])


@pytest.mark.parametrize("location", ["azure", None])
def test_one_database_of_two_names_stands_in_one_place(location: str | None) -> None:
    assert [code for code, _ in codes(captured(postgres("A", "aws"), postgres("B", location, host="DB.acme")))] == [
        "DS805"
    ]


@pytest.mark.parametrize(
    "other",
    [
        postgres("B", "aws"),
        postgres("B", "azure", host="db2.acme"),
        postgres("B", "azure", port=5433),
        postgres("B", "azure", database="e"),
        SqliteDatabase("B", path="/srv/b.db", location="azure"),
        MySqlDatabase("B", host="db.acme", port=5432, database="d", credential=Credential("r"), location="azure"),
    ],
    ids=["same place", "other host", "other port", "other database", "SQLite", "MySQL"],
)
def test_other_databases_may_stand_elsewhere(other: Container) -> None:
    assert codes(captured(postgres("A", "aws"), other)) == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_databases_of_the_machine_itself_are_not_compared(host: str) -> None:
    assert codes(captured(postgres("A", "aws", host=host), postgres("B", "azure", host=host))) == []


def written_by_two(first: Container, second: Container) -> Ecosystem:
    """Two transformers, each with its own container."""
    made = [
        Workspace(
            f"W{name}",
            groups=[group()],
            transformer=DataTransformer(
                f"T{name}",
                code=PythonCode(GitRepository("acme/code"), function="made:run"),
                produces=store(name, dataset("figures"), capture=TransformerOutput(container)),
            ),
        )
        for name, container in (("A", first), ("B", second))
    ]
    return model(workspaces=made, assignments=[assign("WA", "Group", "Live"), assign("WB", "Group", "Live")])


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (postgres("A", None), postgres("B", None), True),
        (postgres("A", None, host="localhost"), postgres("B", None, host="127.0.0.1"), True),
        (postgres("A", None), postgres("B", None, database="e"), False),
        (SqliteDatabase("A", path="/srv/out.db"), SqliteDatabase("B", path="/srv/x/../out.db"), True),
        (SqliteDatabase("A", path="/srv/out.db"), SqliteDatabase("B", path="/srv/other.db"), False),
    ],
)
def test_two_transformers_write_one_database_whatever_its_containers_are_called(
    first: Container, second: Container, one: bool
) -> None:
    place = "zones/zone/teams/team/workspaces/WB/transformer/produces/datasets/figures"
    assert codes(written_by_two(first, second)) == ([("DS226", place)] if one else [])
