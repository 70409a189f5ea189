"""A company whose model Airflow runs: databases on the test server, the model's folder, and the commands on it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from attrs import frozen

from datasurface_yellow.demo.stage import Stage
from datasurface_yellow.local.databases import MERGE, PRODUCER, READER, role_of
from datasurface_yellow.simulator.example import example_folder

_MODEL = Path(__file__).parent / "model"
_SCHEDULES = {"YellowLive": "every 8 seconds", "YellowForensic": "every 10 seconds", "YellowParts": "every 12 seconds"}
MOST_IN_A_ROW = 12
_SETTINGS = f'mode = "local"\nretries = 2\nretry_seconds = 1\napply = false\nmost_in_a_row = {MOST_IN_A_ROW}\n'


@frozen
class Company:
    """Everything but Airflow.

    Attributes:
        stage: databases, roles and secrets of the customer360 example.
    """

    stage: Stage

    @property
    def model(self) -> Path:
        """The folder of the model."""
        return self.stage.folder / "model"

    @property
    def secrets(self) -> Path:
        """The folder of secrets as Kubernetes mounts them, which jobs and Airflow read."""
        return self.stage.folder / "mounted"

    @property
    def environment_file(self) -> Path:
        """Binds the model to the stage."""
        return self.stage.folder / "company.toml"

    def set_up(self, stores: Mapping[str, str], schedules: Mapping[str, str] = _SCHEDULES) -> None:
        """Write the model, with these more stores, and bind it to the stage."""
        shutil.copytree(_MODEL, self.model, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(example_folder() / "eco.py", self.model / "customer360.py")
        mapping = json.loads((example_folder() / "dsg_platform_mapping.json").read_text())
        assignment = {"platform": "YellowParts", "status": "PROVISIONED"}
        mapping.append({"workspace": "Consumer1", "dsg": "PartsDSG", "assignments": [assignment]})
        (self.model / "dsg_platform_mapping.json").write_text(json.dumps(mapping))
        self.choose(stores)
        bound, _, _ = self.stage.environment_file.read_text().partition("[platforms.")
        platforms = "".join(f'[platforms.{name}]\nschedule = "{when}"\n\n' for name, when in schedules.items())
        settings = f'[airflow]\n{_SETTINGS}python = "{sys.executable}"\ncredentials = "{self.secrets}"\n'
        self.environment_file.write_text(f"{bound}{platforms}{settings}")
        for file in (self.stage.folder / "secrets").iterdir():
            folder = self.secrets / file.name
            folder.mkdir(parents=True)
            (folder / "username").write_text(role_of(file.name))
            (folder / "password").write_text(file.read_text())

    def choose(self, stores: Mapping[str, str]) -> None:
        """Let the model have these stores beside those of the example."""
        (self.model / "stores.json").write_text(json.dumps(stores))

    def datasurface(self, *words: str) -> str:
        """What a command prints; AssertionError with it where it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "datasurface", *words],
            env={**os.environ, "DATASURFACE_ENVIRONMENT": str(self.environment_file)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"datasurface {' '.join(words)}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def apply(self) -> None:
        """Put the model in force."""
        self.datasurface("apply", str(self.model), "--json")

    def emit(self, dags: Path) -> None:
        """Write the DAG files; those that keep the platforms themselves only of one, as they run at once."""
        written = self.stage.folder / "emitted"
        self.datasurface("emit", "airflow", str(self.model), "--output", str(written), "--json")
        too_many = ("yellowlive_infrastructure_dag.py", "yellowforensic_infrastructure_dag.py")
        shutil.copytree(written, dags, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*too_many))

    def emit_for_pods(self) -> Path:
        """A new folder with DAG files whose jobs are pods."""
        file, folder = self.stage.folder / "pods.toml", self.stage.folder / "for-pods"
        bound, _, _ = self.environment_file.read_text().partition("[airflow]")
        file.write_text(f'{bound}[airflow]\nmode = "pod"\nimage = "registry.example/datasurface:1.0"\n')
        self.datasurface("emit", "airflow", str(self.model), "--output", str(folder), "--environment", str(file))
        return folder

    def run_as_pod(self, pod: Mapping[str, object]) -> None:
        """Run the command of a pod's container as a process that has the pod's variables and nothing else, with the
        stage's secrets where the pod's are mounted."""
        [container] = pod["spec"]["containers"]  # type: ignore[index]
        assert container["command"] == ["datasurface"]
        variables = {each["name"]: each["value"] for each in container["env"]}
        mounted = {each["mountPath"] for each in container["volumeMounts"]}
        root = variables["DATASURFACE_CREDENTIALS"]
        assert {f"{root}/{name}" for name in ("customer-db-reader", "yellow-live-writer", "control-writer")} <= mounted
        done = subprocess.run(
            [sys.executable, "-m", "datasurface", *container["args"]],
            env={**variables, "DATASURFACE_CREDENTIALS": str(self.secrets)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    def results(self, platform: str, stream: str) -> list[Mapping[str, object]]:
        """The result records of a stream, oldest first."""
        table = f"{platform.lower()}_job_result"
        rows = self.merge(f"SELECT document FROM {table} WHERE stream = %s ORDER BY at", stream)  # noqa: S608
        return [document for (document,) in rows if isinstance(document, dict)]

    def merge(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Rows of the merge database."""
        return self._query(MERGE, sql, parameters)

    def producer(self, sql: str, *parameters: object) -> list[tuple[object, ...]]:
        """Rows of the producer, or a change of it."""
        return self._query(PRODUCER, sql, parameters)

    def fill(self, table: str, rows: int) -> None:
        """A table of the producer for one of the more stores."""
        self.producer(f"CREATE TABLE {table} (id bigint PRIMARY KEY, version bigint NOT NULL)")
        self.producer(f"INSERT INTO {table} SELECT i, i FROM generate_series(1, {rows}) i")  # noqa: S608
        self.producer(f"GRANT SELECT ON {table} TO {role_of(READER)}")

    @contextmanager
    def held(self, table: str) -> Iterator[None]:
        """Let jobs that read a table of the producer wait until the block ends."""
        with closing(self.stage.connect(PRODUCER)) as session, session.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table}")
            yield

    def is_waited_for(self, table: str) -> bool:
        """Whether a job waits for a table that is held."""
        return bool(self.producer("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = %s::regclass", table))

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Let nobody into the merge database, which is the control database as well, until the block ends."""
        with closing(self.stage.connect("postgres")) as session, session.cursor() as cursor:
            session.autocommit = True
            cursor.execute(f"ALTER DATABASE {MERGE} ALLOW_CONNECTIONS false")
            try:
                cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (MERGE,))
                yield
            finally:
                cursor.execute(f"ALTER DATABASE {MERGE} ALLOW_CONNECTIONS true")

    def _query(self, database: str, sql: str, parameters: tuple[object, ...]) -> list[tuple[object, ...]]:
        connection = self.stage.connect(database)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()
