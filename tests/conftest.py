"""Fixtures of every ring: a clean environment and one Postgres server a session.

``DATASURFACE_TEST_PG`` is the server's major version, "18" (the wheel's) unless set. Where it is missing the tests that
need it are skipped, or fail if ``DATASURFACE_REQUIRE_RINGS`` is set, as it is in CI.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import disk_usage
from typing import NoReturn

import pytest
from hypothesis import settings

from datasurface_yellow.local.postgres_binaries import Binaries, find_binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import PostgresServerError, temporary_folder
from tests.support.databases import Databases, MakeDatabase, Role
from tests.support.length import long_or
from tests.support.mariadb_server import MariaDbPrograms, MariaDbServer, NoMariaDb, mariadb_server

# How long an example takes says how busy the machine is. In CI the parent is Hypothesis' own profile: fixed examples.
settings.register_profile("datasurface", parent=settings(), deadline=None, max_examples=long_or(200, 30))
settings.load_profile("datasurface")


# The servers of the tests, which may lose their data, keep them in memory where there is plenty.
_MEMORY = Path("/dev/shm")  # noqa: S108 names in it are made by mkdtemp
if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and disk_usage(_MEMORY).free > 16 << 30:
    tempfile.tempdir = str(_MEMORY)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than cores where workers wait for servers some of the time."""
    only_units = all("unit" in Path(argument).parts for argument in config.args)
    return (os.cpu_count() or 1) + (not only_units)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Commands under test must not read the stores and credentials of whoever runs the tests, nor keep clones there."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="datasurface-clones-") as clones:
        for name in ("DATASURFACE_STORE", "DATASURFACE_ENVIRONMENT", "DATASURFACE_CREDENTIALS"):
            patch.delenv(name, raising=False)
        patch.setenv("DATASURFACE_CACHE", clones)
        yield


@pytest.fixture(scope="session")
def postgres_binaries() -> Binaries:
    """The programs of the PostgreSQL version that this run is about."""
    wanted = os.environ.get("DATASURFACE_TEST_PG", "18")
    try:
        binaries = find_binaries(wanted)
    except PostgresServerError as error:
        missing_ring(str(error))
    if binaries.major != wanted:
        missing_ring(f"no PostgreSQL {wanted} on this machine, only {binaries.version} in {binaries.bin}")
    return binaries


@pytest.fixture(scope="session")
def pg_server(postgres_binaries: Binaries) -> Iterator[PostgresServer]:
    """The server of this session (of this worker, with xdist), which may lose data in a crash of the machine."""
    careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    if int(postgres_binaries.major) >= 16:
        careless["scram_iterations"] = "1"  # a job opens many sessions, and passwords are the longest part of that
    with (
        temporary_folder("datasurface-tests-") as folder,
        PostgresServer(folder / "data", settings=careless, binaries=postgres_binaries) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDbServer]:
    """A MariaDB server of this session."""
    try:
        programs = MariaDbPrograms.find()
    except NoMariaDb as error:
        missing_ring(str(error))
    with mariadb_server(programs) as server:
        yield server


@pytest.fixture(scope="session")
def session_databases(pg_server: PostgresServer) -> Iterator[Databases]:
    """Databases and roles that live as long as the session: what tests copy as a template."""
    databases = Databases(pg_server)
    yield databases
    databases.close()


@pytest.fixture
def _databases(pg_server: PostgresServer) -> Iterator[Databases]:
    databases = Databases(pg_server)
    yield databases
    databases.close()


@pytest.fixture
def make_database(_databases: Databases) -> MakeDatabase:
    """``make_database(name_hint, template=None)``: a database that is dropped at the end of the test."""
    return _databases.create


@pytest.fixture
def make_role(_databases: Databases) -> Callable[[str], Role]:
    """``make_role(name_hint)``: a login role that is dropped at the end of the test, after the test's databases."""
    return _databases.role


def missing_ring(reason: str) -> NoReturn:
    """Skip the test that needs what is missing, or fail it where nothing may be left out."""
    if os.environ.get("DATASURFACE_REQUIRE_RINGS"):
        pytest.fail(reason)
    pytest.skip(reason)
