"""Fixtures of the ring on real Airflow."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest

from datasurface_yellow.local.server_account import temporary_folder
from tests.airflow.environment import AirflowEnvironment, NoAirflow, find_environment
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


@pytest.fixture(scope="session")
def airflow_environment() -> AirflowEnvironment:
    """The Airflow that this run is about."""
    try:
        return find_environment()
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
