"""Which database holds the generations."""

import pytest

from datasurface.errors import UsageError
from datasurface.model import (
    Container,
    Credential,
    DataPlatform,
    Ecosystem,
    GitRepository,
    Milestoning,
    PostgresDatabase,
)
from datasurface.operations.control import NoControlDatabase, container_of_url, control_container
from tests.unit.operations.generations import StoredPlatform

LIVE_STORE = PostgresDatabase("Store", host="db", database="merge", credential=Credential("writer"))
OTHER_STORE = PostgresDatabase("Other", host="db", database="other", credential=Credential("writer"))
REPOSITORY = GitRepository("acme/model")


def platform(name: str, store: Container) -> DataPlatform:
    return StoredPlatform(name, milestoning=Milestoning.LIVE_ONLY, schedule="* * * * *", store=store)


def test_platforms_that_share_a_merge_database_keep_the_generations_there() -> None:
    ecosystem = Ecosystem(
        "E", repository=REPOSITORY, platforms=[platform("A", LIVE_STORE), platform("B", LIVE_STORE)], zones=[]
    )
    assert control_container(ecosystem) == LIVE_STORE


def test_a_control_database_that_the_model_names_comes_first() -> None:
    ecosystem = Ecosystem(
        "E", repository=REPOSITORY, platforms=[platform("A", LIVE_STORE)], zones=[], control_database=OTHER_STORE
    )
    assert control_container(ecosystem) == OTHER_STORE


@pytest.mark.parametrize("stores", [[], [LIVE_STORE, OTHER_STORE]])
def test_without_one_database_for_all_the_model_must_name_one(stores: list[Container]) -> None:
    platforms = [platform(f"P{index}", store) for index, store in enumerate(stores)]
    ecosystem = Ecosystem("Acme", repository=REPOSITORY, platforms=platforms, zones=[])
    with pytest.raises(NoControlDatabase) as refused:
        control_container(ecosystem)
    assert "Acme" in refused.value.message
    assert "control_database=" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("url", "database"),
    [
        (
            "postgresql://db.acme.com:5433/merge?credential=merge-writer",
            PostgresDatabase(
                "control", host="db.acme.com", port=5433, database="merge", credential=Credential("merge-writer")
            ),
        ),
        (
            "postgres://[::1]/my%20store?credential=w&sslmode=verify-full&sslrootcert=/etc/ca.pem",
            PostgresDatabase(
                "control",
                host="::1",
                database="my store",
                credential=Credential("w"),
                sslmode="verify-full",
                sslrootcert="/etc/ca.pem",
            ),
        ),
    ],
)
def test_a_store_url_names_a_database_and_its_credential(url: str, database: PostgresDatabase) -> None:
    assert container_of_url(url) == database


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://db/merge?credential=w", "postgresql://"),
        ("db:5432/merge?credential=w", "postgresql://"),
        ("postgresql:///merge?credential=w", "host"),
        ("postgresql://db?credential=w", "database"),
        ("postgresql://db/?credential=w", "database"),
        ("postgresql://db/merge", "credential"),
        ("postgresql://db/merge?credential=", "credential"),
        ("postgresql://db/merge?credential=w&sslmod=require", "sslmod"),
        ("postgresql://db:no/merge?credential=w", "cannot be read"),
        ("postgresql://writer:hunter2@db/merge?credential=w", "user or password"),
        ("postgresql://writer:hunter2#1@db/merge?credential=w", "user or password"),
        ("postgresql://writer:hunter2?1@db/merge?credential=w", "user or password"),
        ("postgresql://writer:hunter2/1@db/merge?credential=w", "user or password"),
        ("postgresql://writer:hunter2/merge?credential=w", "cannot be read"),
        ("postgresql://[hunter2/merge?credential=w", "cannot be read"),
    ],
)
def test_a_url_that_is_no_store_is_wrong_usage_and_its_secret_is_not_repeated(url: str, problem: str) -> None:
    with pytest.raises(UsageError) as refused:
        container_of_url(url)
    assert problem in refused.value.message
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint}"
