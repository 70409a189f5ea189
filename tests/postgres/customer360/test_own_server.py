"""The demonstration on a server of one's own: what it cannot use, it leaves as it is, and says why."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest

from datasurface.errors import DataSurfaceError, UsageError
from datasurface_yellow.demo.stage import open_stage
from datasurface_yellow.local.databases import PRODUCER
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.store.connection import ConnectionFailed
from tests.support.databases import Role


def url(server: PostgresServer, user: str, password: str) -> str:
    return f"postgresql://{user}:{quote(password)}@{server.host}:{server.port}"


def refused(folder: Path, server_url: str) -> DataSurfaceError:
    with (
        pytest.raises(DataSurfaceError) as error,
        open_stage(folder, server_url, anew=True),
    ):
        pytest.fail("there is a stage")
    assert list(folder.iterdir()) == []
    assert error.value.hint
    return error.value


@pytest.mark.parametrize("wrong", ["localhost", "postgresql://localhost", "mysql://a:b@c", "postgresql://a:b@c:five"])
def test_what_is_no_url_of_an_administrator_is_wrong_usage(tmp_path: Path, wrong: str) -> None:
    assert isinstance(refused(tmp_path, wrong), UsageError)


def test_wrong_password_is_one_error(tmp_path: Path, pg_server: PostgresServer) -> None:
    error = refused(tmp_path, url(pg_server, "postgres", "wrong"))
    assert isinstance(error, ConnectionFailed)
    assert "password authentication failed" in error.message


def test_user_without_rights_is_one_error(
    tmp_path: Path, pg_server: PostgresServer, make_role: Callable[[str], Role]
) -> None:
    role = make_role("nobody")
    error = refused(tmp_path, url(pg_server, role.name, role.password))
    assert "permission denied to create role" in error.message
    assert "may create databases and roles" in str(error.hint)


def test_databases_that_are_there_are_left_alone(tmp_path: Path, pg_server: PostgresServer) -> None:
    with closing(psycopg2.connect(pg_server.url("postgres"))) as administrator, administrator.cursor() as cursor:
        administrator.autocommit = True
        cursor.execute(f"CREATE DATABASE {PRODUCER}")
        try:
            error = refused(tmp_path, url(pg_server, pg_server.user, pg_server.password))
        finally:
            cursor.execute(f"DROP DATABASE {PRODUCER}")
        cursor.execute("SELECT FROM pg_roles WHERE rolname = 'yellow_live_writer'")
        assert cursor.fetchone() is None
    assert f"has {PRODUCER} already" in error.message
