"""Airflow's settings as environment variables: everything in one folder, and as quick as it can be without keeping a
core busy with parsing."""

import os
from collections.abc import Mapping
from pathlib import Path

from tests.airflow.environment import AirflowEnvironment
from tests.airflow.processes import MARK

_BOTH = {
    "CORE__EXECUTOR": "LocalExecutor",
    "CORE__PARALLELISM": "4",
    "CORE__LOAD_EXAMPLES": "False",
    "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "CORE__DAGBAG_IMPORT_TIMEOUT": "180",
    "CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
    "CORE__MIN_SERIALIZED_DAG_FETCH_INTERVAL": "0",
    "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "SCHEDULER__PARSING_CLEANUP_INTERVAL": "1",
    "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    "LOGGING__LOGGING_LEVEL": "INFO",
    "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
    "USAGE_DATA_COLLECTION__ENABLED": "False",
}
# A DAG is stale that was seen so many seconds before the last look at its file ended: on a busy machine one second
# would take DAGs away that are there. Limits of time are for machines with nothing else to do.
_BY_MAJOR: Mapping[int, Mapping[str, str]] = {
    3: {
        "CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "API__WORKERS": "1",
        "API_AUTH__JWT_SECRET": "a-secret-of-these-tests-" * 4,
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "1",
        "DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL": "1",
        "DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "200",
        "DAG_PROCESSOR__STALE_DAG_THRESHOLD": "5",
    },
    2: {
        "SCHEDULER__PARSING_PROCESSES": "1",
        "SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "3",
        "SCHEDULER__DAG_DIR_LIST_INTERVAL": "1",
        "CORE__DAG_FILE_PROCESSOR_TIMEOUT": "200",
        "SCHEDULER__STALE_DAG_THRESHOLD": "5",
        "WEBSERVER__SECRET_KEY": "a-secret-of-these-tests",
    },
}


def airflow_variables(
    environment: AirflowEnvironment, home: Path, dags: Path, database_url: str, api_port: int
) -> dict[str, str]:
    """The environment of Airflow's processes: what they need to be found and run, and its settings.

    Args:
        database_url: of the metadata, as a superuser.
        api_port: where tasks of Airflow 3 reach the API server.
    """
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ", "TMPDIR") if name in os.environ}
    settings = {
        **_BOTH,
        **_BY_MAJOR[environment.major],
        "CORE__DAGS_FOLDER": str(dags),
        "DATABASE__SQL_ALCHEMY_CONN": database_url.replace("postgresql://", "postgresql+psycopg2://", 1),
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
    }
    if environment.major >= 3:
        settings["CORE__EXECUTION_API_SERVER_URL"] = f"http://127.0.0.1:{api_port}/execution/"
        settings["API__PORT"] = str(api_port)
        settings["API__BASE_URL"] = f"http://127.0.0.1:{api_port}"
    return {
        **kept,
        "PATH": f"{environment.python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        MARK: str(home),
        "no_proxy": "127.0.0.1,localhost",
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
    }
