"""A real Airflow in a folder of its own: its processes, and what its metadata say."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import psycopg2
from attrs import frozen

from datasurface_yellow.local.liveness import free_port
from tests.airflow.environment import AirflowEnvironment
from tests.airflow.processes import Processes
from tests.airflow.settings import airflow_variables

T = TypeVar("T")

_LINES, _WIDTH = 15, 300
"""Of the end of a log that a failure shows."""


@frozen
class Run:
    """A run of a DAG: its id, its state, and what began it."""

    run: str
    state: str
    type: str


@frozen
class Task:
    """A task of a run: its state, and how often it was tried."""

    state: str
    tries: int


@frozen
class Airflow:
    """A running Airflow.

    Attributes:
        home: its folder; ``dags`` in it is where it looks for DAG files, ``logs`` is where tasks write.
        database_url: of its metadata.
    """

    environment: AirflowEnvironment
    home: Path
    database_url: str
    processes: Processes

    @property
    def dags(self) -> Path:
        """The folder of DAG files."""
        return self.home / "dags"

    def query(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Rows of the metadata."""
        connection = psycopg2.connect(self.database_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def wait(self, what: str, look: Callable[[], T], seconds: float = 240) -> T:
        """The first answer of ``look`` that is true; AssertionError with logs where none comes."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            self.processes.require_alive()
            assert time.monotonic() < deadline, f"{what}: not after {seconds:g} s\n{self.report()}"
            time.sleep(0.2)
        return found

    def active_dags(self) -> set[str]:
        """The DAGs that the scheduler knows and that some file still has."""
        is_three = self.environment.major >= 3
        sql = "SELECT dag_id FROM dag WHERE NOT is_stale" if is_three else "SELECT dag_id FROM dag WHERE is_active"
        return {str(name) for (name,) in self.query(sql)}

    def import_errors(self) -> Mapping[str, str]:
        """By file what could not be read in it."""
        return {str(file): str(text) for file, text in self.query("SELECT filename, stacktrace FROM import_error")}

    def runs(self, dag: str) -> Sequence[Run]:
        """A DAG's runs, oldest first."""
        sql = "SELECT run_id, state, run_type FROM dag_run WHERE dag_id = %s ORDER BY id"
        return [Run(str(run), str(state), str(kind)) for run, state, kind in self.query(sql, dag)]

    def states(self, dag: str) -> Sequence[str]:
        """The states of a DAG's runs, oldest first."""
        return [run.state for run in self.runs(dag)]

    def state(self, dag: str, run: str) -> str | None:
        """The state of one run."""
        return next((each.state for each in self.runs(dag) if each.run == run), None)

    def tasks(self, dag: str, run: str) -> Mapping[str, Task]:
        """The tasks of a run by name."""
        sql = "SELECT task_id, state, try_number FROM task_instance WHERE dag_id = %s AND run_id = %s"
        return {str(name): Task(str(state), int(str(tries))) for name, state, tries in self.query(sql, dag, run)}

    def jobs_done_since(self, dag: str, moment: datetime) -> Sequence[str]:
        """The runs of a DAG whose jobs began after a moment and succeeded."""
        sql = (
            "SELECT run_id FROM task_instance WHERE dag_id = %s AND task_id = 'job' AND state = 'success' "
            "AND start_date > %s"
        )
        return [str(run) for (run,) in self.query(sql, dag, moment)]

    def serialised(self, dag: str) -> str:
        """What the scheduler has of a DAG, as JSON."""
        sql = "SELECT data FROM serialized_dag WHERE dag_id = %s ORDER BY last_updated DESC LIMIT 1"
        return json.dumps(self.query(sql, dag))

    def command(self, *words: str, seconds: float = 300) -> str:
        """What an ``airflow`` command prints."""
        return run_command(self.environment, self.processes.variables, *words, seconds=seconds)

    def report(self) -> str:
        """What helps to understand a failure: runs, tasks, import errors, and the ends of the logs."""
        tasks = self.query(
            "SELECT dag_id, run_id, task_id, state, try_number FROM task_instance ORDER BY start_date DESC LIMIT 40"
        )
        runs = self.query("SELECT dag_id, run_id, state FROM dag_run ORDER BY id DESC LIMIT 20")
        logs = (
            sorted(self.home.glob("logs/*.log"))
            + sorted(self.home.glob("logs/dag_id=*/**/*.log"), key=lambda path: path.stat().st_mtime)[-6:]
        )
        ends = [f"--- {path.relative_to(self.home)}\n{_end(path)}" for path in logs]
        rows = [*map(str, runs), *map(str, tasks)]
        return "\n".join([f"DAGs: {sorted(self.active_dags())}", *rows, str(dict(self.import_errors())), *ends])


@contextmanager
def running(
    environment: AirflowEnvironment, home: Path, database_url: str, more: Mapping[str, str]
) -> Iterator[Airflow]:
    """An Airflow with these metadata, which exist, and more variables, until the block ends however it ends."""
    port = free_port()
    for folder in ("dags", "logs"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    variables = {**airflow_variables(environment, home, home / "dags", database_url, port), **more}
    processes = Processes(variables, home / "logs")
    try:
        for name, command in _commands(environment, port).items():
            processes.start(name, [environment.program, *command])
        yield Airflow(environment, home, database_url, processes)
    finally:
        processes.stop()


def migrate(environment: AirflowEnvironment, home: Path, database_url: str) -> None:
    """Make the tables of the metadata in an empty database."""
    run_command(environment, airflow_variables(environment, home, home / "dags", database_url, 0), "db", "migrate")


def run_command(
    environment: AirflowEnvironment, variables: Mapping[str, str], *words: str, seconds: float = 300
) -> str:
    """What an ``airflow`` command prints; AssertionError with it where the command fails."""
    done = subprocess.run(
        [environment.program, *words],
        env=variables,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, f"airflow {' '.join(words)}: {done.stdout}\n{done.stderr}"
    return done.stdout


def _commands(environment: AirflowEnvironment, port: int) -> Mapping[str, Sequence[str]]:
    if environment.major < 3:
        return {"scheduler": ["scheduler"]}
    return {
        "api-server": ["api-server", "--host", "127.0.0.1", "--port", str(port), "--apps", "execution"],
        "scheduler": ["scheduler"],
        "dag-processor": ["dag-processor"],
    }


def _end(path: Path) -> str:
    return "\n".join(line[:_WIDTH] for line in path.read_text(errors="replace").splitlines()[-_LINES:])
