"""DAG files, and the configuration rows that they read: as many as a test likes, without a model of so many streams."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import psycopg2
from attrs import evolve, frozen
from psycopg2.extras import execute_values

from datasurface.emitting import ConfigurationTable, EmitRequest
from datasurface.graph import deployments
from datasurface.loader import load
from datasurface.orchestration import OrchestratedJob, asset, dag_name
from datasurface_airflow.dag_files import render
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.simulator.example import example_folder
from datasurface_yellow.store.configuration import orchestrated_jobs
from datasurface_yellow.store.naming import configuration

PLATFORM = "YellowLive"
TABLE = configuration(PLATFORM)


@frozen
class InstalledRows:
    """The DAG files of customer360, of which that of YellowLive reads rows of another database.

    Attributes:
        database_url: of the one that stands for the control database, as a superuser.
        dags: the folder of DAG files.
        settings: of the emitter.
    """

    database_url: str
    dags: Path
    settings: "dict[str, object]"

    @property
    def file(self) -> Path:
        """The DAG file of YellowLive's streams, where there is one."""
        [file] = self.files
        return file

    @property
    def files(self) -> Sequence[Path]:
        """The DAG files of YellowLive's streams."""
        return sorted(self.dags.glob("yellowlive_factory*.py"))

    @property
    def installation(self) -> "dict[str, object]":
        """What the DAG file says of where its rows are."""
        return {**self.settings, "platform": PLATFORM, "schema": "public", "table": TABLE, "files": 1, "file": 0}

    def write_files(self) -> None:
        """Emit the DAG files, and make the table of rows."""
        ecosystem = load(example_folder(), [YellowDataPlatform]).ecosystem
        assert ecosystem is not None
        assert ecosystem.control_database is not None
        tables = {each.name: ConfigurationTable("public", configuration(each.name)) for each in ecosystem.platforms}
        request = EmitRequest(
            ecosystem, tuple(deployments(ecosystem)), ecosystem.control_database, tables, self.settings
        )
        for name, text in render(request).items():
            path = self.dags / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        columns = "stream text PRIMARY KEY, generation int NOT NULL, config jsonb NOT NULL"
        self.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} ({columns})")

    def write_rows(self, number: int) -> None:
        """Let there be so many rows, of Store0, Store1 and so on."""
        self._write(self.jobs(number))

    def jobs(self, number: int) -> "Iterator[OrchestratedJob]":
        """What so many rows say."""
        ecosystem = load(example_folder(), [YellowDataPlatform]).ecosystem
        assert ecosystem is not None
        [live] = [each for each in deployments(ecosystem) if each.platform.name == PLATFORM]
        [job] = orchestrated_jobs(live).values()
        return (_like(job, f"Store{each}") for each in range(number))

    def poison(self, stream: str) -> None:
        """Take something from a row without which it is of no use."""
        self.execute(f"UPDATE {TABLE} SET config = config #- '{{job,schedule}}' WHERE stream = '{stream}'")  # noqa: S608

    def execute(self, sql: str) -> None:
        """Run a statement in the database."""
        with psycopg2.connect(self.database_url) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    def _write(self, jobs: "Iterable[OrchestratedJob]") -> None:
        rows = [(job.stream, 1, json.dumps({"job": job.document()})) for job in jobs]
        with psycopg2.connect(self.database_url) as connection, connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {TABLE}")
            execute_values(cursor, f"INSERT INTO {TABLE} VALUES %s", rows)  # noqa: S608
        connection.close()


def name_of(stream: int) -> str:
    """The DAG of a stream."""
    return dag_name(PLATFORM, f"Store{stream}", "ingestion")


def _like(job: OrchestratedJob, stream: str) -> OrchestratedJob:
    return evolve(
        job,
        stream=stream,
        dag=dag_name(PLATFORM, stream, "ingestion"),
        command=("ingest", "--platform", PLATFORM, "--stream", stream),
        produces=(asset(PLATFORM, stream),),
    )
