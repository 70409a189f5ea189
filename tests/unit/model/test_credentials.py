"""Secrets by name: the places are asked in order, and a missing one names them all."""

from pathlib import Path

import pytest

from datasurface.credentials import Credentials, EnvironmentVariables, MountedFolder, Secret, mounted_folder
from datasurface.errors import MissingCredential


def mounted(root: Path, name: str, **files: str) -> MountedFolder:
    folder = root / name
    folder.mkdir()
    for part, content in files.items():
        (folder / part).write_text(content, encoding="utf-8")
    return MountedFolder(root)


def test_variables_are_named_after_the_credential() -> None:
    variables = EnvironmentVariables({"CUSTOMER_DB_2_USER": "reader", "CUSTOMER_DB_2_PASSWORD": "pw"})
    assert variables.find("customer-db.2") == Secret("reader", "pw")
    assert variables.find("customer-db") is None


def test_a_user_alone_is_no_secret_and_a_token_is() -> None:
    assert EnvironmentVariables({"A_USER": "reader"}).find("a") is None
    assert EnvironmentVariables({"A_TOKEN": "t"}).find("a") == Secret(token="t")


def test_empty_variables_are_as_none(tmp_path: Path) -> None:
    variables = EnvironmentVariables({"DB_USER": "", "DB_PASSWORD": "", "DB_TOKEN": ""})
    assert variables.find("db") is None
    folder = mounted(tmp_path, "db", username="from-folder", password="1")
    assert Credentials([variables, folder]).secret("db").user == "from-folder"


def test_a_mounted_folder_holds_a_file_for_each_part(tmp_path: Path) -> None:
    folder = mounted(tmp_path, "db", username="reader\n", password=" pw with spaces \r\n")
    assert folder.find("db") == Secret("reader", " pw with spaces ")
    assert folder.find("other") is None
    assert MountedFolder(None).find("db") is None


def test_the_folder_comes_from_its_variable(tmp_path: Path) -> None:
    mounted(tmp_path, "db", token="t")
    assert mounted_folder({"DATASURFACE_CREDENTIALS": str(tmp_path)}).find("db") == Secret(token="t")
    assert mounted_folder({}).find("db") is None


def test_a_secret_that_cannot_be_read_is_told_without_its_content(tmp_path: Path) -> None:
    folder = mounted(tmp_path, "db")
    (tmp_path / "db" / "password").write_bytes(b"\xffhunter")
    with pytest.raises(MissingCredential, match="cannot be read") as refused:
        folder.find("db")
    assert "hunter" not in refused.value.message


def test_the_first_place_that_knows_it_counts(tmp_path: Path) -> None:
    folder = mounted(tmp_path, "db", username="from-folder", password="1")
    variables = EnvironmentVariables({"DB_USER": "from-variable", "DB_PASSWORD": "2"})
    assert Credentials([variables, folder]).secret("db").user == "from-variable"
    assert Credentials([folder, variables]).secret("db").user == "from-folder"
    assert Credentials([EnvironmentVariables({}), folder]).secret("db").user == "from-folder"


def test_a_missing_one_names_the_places_that_were_searched() -> None:
    credentials = Credentials([EnvironmentVariables({}), MountedFolder(None)])
    with pytest.raises(MissingCredential, match="no secret for credential 'customer-db'") as refused:
        credentials.secret("customer-db")
    assert refused.value.hint == (
        "searched: environment variables CUSTOMER_DB_USER and CUSTOMER_DB_PASSWORD (or CUSTOMER_DB_TOKEN); "
        "files username and password in $DATASURFACE_CREDENTIALS/customer-db/"
    )


def test_a_secret_does_not_show_itself() -> None:
    shown = repr(Secret("reader", "pw", "token-value"))
    assert "reader" in shown
    assert "pw" not in shown
    assert "token-value" not in shown
    assert "pw" not in repr(EnvironmentVariables({"A_PASSWORD": "pw"}))
