"""Fixtures of the ring on real Airflow."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from datasurface_yellow.local.server_account import temporary_folder
from tests.airflow.environment import VARIABLE, AirflowEnvironment, NoAirflow, find_environment, named
from tests.airflow.installation import Airflow, migrate, running
from tests.conftest import missing_ring
from tests.support.databases import Database, Databases


class StartAirflow(Protocol):
    """What the fixture ``start_airflow`` gives to a test."""

    def __call__(self, variables: Mapping[str, str]) -> AbstractContextManager[Airflow]:
        """An Airflow with empty metadata and no DAG files, running until the block ends.

        ``variables``: more of its environment, and so of its tasks'.
        """
        ...


class ByAirflowAndModule(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """What xdist gives to one process: the tests of a module with one Airflow, which they share."""

    def _split_scope(self, nodeid: str) -> str:
        module, _, test = nodeid.partition("::")
        return f"{module} {test.partition('[')[2]}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return ByAirflowAndModule(config, log)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test with every Airflow."""
    if "airflow_environment" in metafunc.fixturenames:
        found = [pytest.param(python, id=Path(python).parents[1].name) for python in named()]
        metafunc.parametrize("airflow_environment", found or [""], indirect=True, scope="session")


@pytest.fixture(scope="session")
def airflow_environment(request: pytest.FixtureRequest) -> AirflowEnvironment:
    """An Airflow that this run is about."""
    try:
        if not request.param:
            raise NoAirflow(f"{VARIABLE} names no interpreter: run `tox -e airflow`, or see CONTRIBUTING.md")
        return find_environment(request.param)
    except NoAirflow as reason:
        missing_ring(str(reason))


@pytest.fixture(scope="session")
def _metadata_template(airflow_environment: AirflowEnvironment, session_databases: Databases) -> Database:
    """Airflow's tables, made once: that takes longer than all else of a start."""
    database = session_databases.create("airflow_template")
    with temporary_folder("datasurface-airflow-") as home:
        migrate(airflow_environment, home, database.url)
    return database


@pytest.fixture(scope="session")
def start_airflow(
    airflow_environment: AirflowEnvironment, session_databases: Databases, _metadata_template: Database
) -> StartAirflow:
    @contextmanager
    def start(variables: Mapping[str, str]) -> Iterator[Airflow]:
        database = session_databases.create("airflow", template=_metadata_template.name)
        with (
            temporary_folder("datasurface-airflow-") as home,
            running(airflow_environment, home, database.url, variables) as airflow,
        ):
            yield airflow

    return start
