"""The environment file: one model in many places, and secrets outside of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from datasurface.credentials import Secret
from datasurface.environment import Environment, credentials, read_environment
from datasurface.errors import EnvironmentFileError, MissingCredential
from datasurface.loader import load
from datasurface.model import Credential, Ecosystem, PostgresDatabase, Workspace, walk
from datasurface.model.containers import containers
from datasurface_yellow import YellowDataPlatform
from tests.unit.lint.models import database, group, model
from tests.unit.mistakes.mistake import EXAMPLE


def environment(folder: Path, text: str) -> Environment:
    path = folder / "local.toml"
    path.write_text(text, encoding="utf-8")
    return read_environment(path)


@pytest.fixture(scope="module")
def example() -> Ecosystem:
    ecosystem = load(EXAMPLE, [YellowDataPlatform]).ecosystem
    assert ecosystem is not None
    return ecosystem


def database_named(ecosystem: Ecosystem, name: str) -> PostgresDatabase:
    found = {container for container in containers(ecosystem) if container.name == name}
    assert len(found) == 1
    container = found.pop()
    assert isinstance(container, PostgresDatabase)
    return container


def test_containers_and_platforms_get_new_values(tmp_path: Path, example: Ecosystem) -> None:
    bound = environment(
        tmp_path,
        """
        [containers.CustomerDB]
        host = "127.0.0.1"
        port = 54321
        credential = "other-reader"
        [containers.ControlStore]
        sslmode = "require"
        [platforms.YellowLive]
        schedule = "every 5 seconds"
        grace = 2.5
        read_limit = 60
        keep_batches = 9
        """,
    ).bind(example)
    customers = database_named(bound, "CustomerDB")
    assert (customers.host, customers.port, customers.database) == ("127.0.0.1", 54321, "customer_db")
    assert customers.credential == Credential("other-reader")
    assert database_named(bound, "ControlStore").sslmode == "require"
    live, forensic = bound.platforms
    assert isinstance(live, YellowDataPlatform)
    assert (live.schedule, live.grace, live.read_limit) == (
        "every 5 seconds",
        timedelta(seconds=2.5),
        timedelta(minutes=1),
    )
    assert live.keep_batches == 9
    assert forensic == example.platforms[1]


def test_a_container_is_bound_wherever_it_is_named(tmp_path: Path) -> None:
    ecosystem = model(
        workspaces=[Workspace("Work", groups=[group()], container=database("Merge"))], control=database("Merge")
    )
    bound = environment(tmp_path, '[containers.Merge]\nhost = "elsewhere"').bind(ecosystem)
    assert database_named(bound, "Merge").host == "elsewhere"
    assert [container.name for container in containers(bound)].count("Merge") == 3


def test_the_users_lines_stay(tmp_path: Path, example: Ecosystem) -> None:
    bound = environment(tmp_path, '[containers.CustomerDB]\nhost = "elsewhere"').bind(example)
    assert bound != example
    assert [element.source for _, element in walk(bound)] == [element.source for _, element in walk(example)]


def test_a_credential_that_is_bound_stands_on_its_containers_line(tmp_path: Path, example: Ecosystem) -> None:
    bound = environment(tmp_path, '[containers.CustomerDB]\ncredential = "other"').bind(example)
    container = database_named(bound, "CustomerDB")
    assert container.credential is not None
    assert container.credential.source == container.source == database_named(example, "CustomerDB").source


def test_an_empty_environment_changes_nothing(tmp_path: Path, example: Ecosystem) -> None:
    assert read_environment(None).bind(example) is example
    assert environment(tmp_path, "").bind(example) == example


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('[containers.CustomerDb]\nhost = "x"', r"\[containers.CustomerDb\]", "did you mean 'CustomerDB'?"),
        ('[platforms.Yellow]\nschedule = "x"', r"\[platforms.Yellow\]", "did you mean 'YellowLive'?"),
        ('[containers.CustomerDB]\nhots = "x"', "hots: a PostgresDatabase has nothing", "did you mean 'host'?"),
        ('[containers.CustomerDB]\nname = "x"', "name: a PostgresDatabase has nothing", ""),
        ('[containers.CustomerDB]\nport = "5432"', r"\[containers.CustomerDB\] port: it must be int", ""),
        ("[containers.CustomerDB]\nport = true", "port: it must be int", ""),
        ("[containers.CustomerDB]\nport = 0", "port must be between 1 and 65535", ""),
        ('[containers.CustomerDB]\nhost = ""', "host must be a non-empty string", ""),
        ('[platforms.YellowLive]\nmilestoning = "forensic"', "milestoning: a YellowDataPlatform has nothing", ""),
        ('[platforms.YellowLive]\nmerge_database = "x"', "merge_database: a YellowDataPlatform has nothing", ""),
        ('[platforms.YellowLive]\ngrace = "5 seconds"', "grace: it must be seconds", ""),
        ("[platforms.YellowLive]\ngrace = inf", r"\[platforms.YellowLive\] grace", ""),
        ("[platforms.YellowLive]\nkeep_batches = -1", "keep_batches", ""),
        ("[platforms.YellowLive]\nkeep_metrics = -1", "keep_metrics", ""),
        ("[platforms.YellowLive]\nkeep_results = -1", "keep_results", ""),
    ],
)
def test_what_the_model_does_not_have_is_refused(
    text: str, message: str, hint: str, tmp_path: Path, example: Ecosystem
) -> None:
    with pytest.raises(EnvironmentFileError, match=message) as refused:
        environment(tmp_path, text).bind(example)
    assert str(tmp_path / "local.toml") in refused.value.message
    assert refused.value.hint
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[containers", "it is no TOML", "toml"),
        ('[contaners.CustomerDB]\nhost = "x"', r"\[contaners\]", "did you mean 'containers'?"),
        ("containers = 1", "containers: it must be a table", "[containers.NAME]"),
        ("[containers]\nCustomerDB = 1", "containers.CustomerDB: it must be a table", "[containers.NAME]"),
        ('[credentials.a]\npassword = "hunter2"', "password: a secret must not stand in this file", "password_file"),
        ('[credentials.a]\ntoken = "hunter2"', "token: a secret must not stand in this file", "token_file"),
        ('[credentials.a]\npasswordfile = "x"', "passwordfile: there is no such key", "did you mean 'password_file'?"),
        ("[credentials.a]\nuser = 1", "user: it must be a string", "password_file"),
    ],
)
def test_a_file_of_another_form_is_refused(text: str, message: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFileError, match=message) as refused:
        environment(tmp_path, text)
    assert refused.value.hint is not None
    assert hint in refused.value.hint
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint}"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFileError, match=r"nowhere\.toml: it cannot be read"):
        read_environment(tmp_path / "nowhere.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    with pytest.raises(EnvironmentFileError, match="it is no TOML"):
        read_environment(tmp_path / "binary.toml")


def test_credentials_are_in_files_beside_the_environment_file(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "reader").write_text("pw\n")
    (tmp_path / "token").write_text("t")
    store = environment(
        tmp_path,
        """
        [credentials.customer-db-reader]
        user = "reader"
        password_file = "secrets/reader"
        [credentials.api]
        token_file = "token"
        [credentials.by-peer]
        user = "me"
        """,
    ).credential_store()
    assert store.find("customer-db-reader") == Secret("reader", "pw")
    assert store.find("api") == Secret(token="t")
    assert store.find("by-peer") == Secret("me")
    assert store.find("other") is None


def test_a_secrets_file_that_is_missing_is_told_when_it_is_needed(tmp_path: Path) -> None:
    found = environment(tmp_path, '[credentials.a]\npassword_file = "gone"')
    with pytest.raises(
        EnvironmentFileError, match=r"\[credentials.a\] password_file: .*gone cannot be read"
    ) as refused:
        found.credential_store().find("a")
    assert str(tmp_path / "gone") in refused.value.message


def test_the_three_places_are_asked_in_order(tmp_path: Path) -> None:
    mounted = tmp_path / "mounted" / "b"
    mounted.mkdir(parents=True)
    (mounted / "username").write_text("from-folder")
    (mounted / "password").write_text("3")
    variables = {
        "A_USER": "from-variable",
        "A_PASSWORD": "2",
        "B_USER": "from-variable",
        "B_PASSWORD": "2",
        "DATASURFACE_CREDENTIALS": str(tmp_path / "mounted"),
    }
    with_file = environment(tmp_path, '[credentials.a]\nuser = "from-file"')
    assert credentials(with_file, variables).secret("a").user == "from-file"
    assert credentials(with_file, variables).secret("b").user == "from-variable"
    del variables["B_PASSWORD"]
    assert credentials(with_file, variables).secret("b").user == "from-folder"


def test_a_missing_credential_names_the_three_places(tmp_path: Path) -> None:
    with pytest.raises(MissingCredential) as refused:
        credentials(read_environment(None), {}).secret("customer-db")
    hint = refused.value.hint or ""
    assert "[credentials.customer-db] in an environment file (--environment FILE)" in hint
    assert "CUSTOMER_DB_USER" in hint
    assert "$DATASURFACE_CREDENTIALS/customer-db/" in hint
