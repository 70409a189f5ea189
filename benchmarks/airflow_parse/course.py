"""What is measured: a look at DAG files in a new process of Airflow, at ours in one file and in several, and at as many
plain files."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psycopg2
from attrs import evolve, frozen

from benchmarks.airflow_parse.installed_rows import InstalledRows
from benchmarks.airflow_parse.static_files import write_static_files
from datasurface_yellow.local.postgres_server import PostgresServer

ONE, SHARE, STATIC = "rows, one file", "rows, one of several files", "plain files, all of them"
STEPS = ("parsing", "serialising", "writing")
IMPORT_SECONDS, PROCESSOR_SECONDS = 30, 50
"""``dagbag_import_timeout`` and ``dag_file_processor_timeout``, as Airflow has them."""

_PROGRAM = Path(__file__).parent / "programs" / "parse.py"
_MARK = "the answer: "
_LIMIT = 1800


@frozen
class Look:
    """One look at DAG files.

    Attributes:
        airflow: its version.
        streams: how many there are.
        dags: how many were found in what was looked at.
        steps: seconds by the clock and of the processor, by what Airflow does: ``parsing``, ``serialising``, and
            ``writing`` into empty metadata where that was measured.
    """

    airflow: str
    what: str
    streams: int
    run: int
    dags: int
    steps: Mapping[str, Mapping[str, float]]

    def seconds(self, *steps: str) -> float:
        """Of these steps together, by the clock; zero for one that was not measured."""
        return sum(self.steps[each]["seconds"] for each in steps if each in self.steps)


@frozen
class Airflow:
    """An interpreter with Airflow, and a folder of its own."""

    python: str
    version: str
    home: Path

    @classmethod
    def of(cls, python: str, folder: Path) -> "Airflow":
        """What the interpreter has; CalledProcessError where that is no Airflow."""
        code = "import importlib.metadata as m; print(m.version('apache-airflow'))"
        asked = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
        version = asked.stdout.strip()
        home = folder / f"airflow-{version}"
        home.mkdir(parents=True)
        return cls(python, version, home)

    def variables(self, server: PostgresServer, metadata: str) -> dict[str, str]:
        """The environment of its processes. No limit of time: what it would cut off is what is asked."""
        settings = {
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__DAGS_FOLDER": str(self.home.parent),
            "CORE__DAGBAG_IMPORT_TIMEOUT": str(_LIMIT),
            "DATABASE__SQL_ALCHEMY_CONN": server.url(metadata).replace("postgresql://", "postgresql+psycopg2://", 1),
            "LOGGING__LOGGING_LEVEL": "ERROR",
        }
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "AIRFLOW_HOME": str(self.home),
            "ADMIN_USER": server.user,
            "ADMIN_PASSWORD": server.password,
            **{f"AIRFLOW__{name}": value for name, value in settings.items()},
        }


def measure(
    server: PostgresServer, folder: Path, airflows: Sequence[Airflow], sizes: Sequence[int], runs: int
) -> Iterator[Look]:
    """Looks at each size, at the smallest of them with writing into metadata."""
    _database(server, "control")
    store = f"postgresql://{server.host}:{server.port}/control?credential=admin"
    settings: dict[str, object] = {"store": store, "cache": str(folder / "cache")}
    one = InstalledRows(server.url("control"), folder / "one", {**settings, "files": 1})
    one.write_files()
    for airflow in airflows:
        _database(server, "airflow_empty")
        _run(airflow, [f"{Path(airflow.python).parent}/airflow", "db", "migrate"], server, "airflow_empty")
        for streams in sizes:
            one.write_rows(streams)
            plain = folder / f"plain-{streams}"
            if not plain.exists():
                write_static_files(plain, one, streams)
            several = evolve(
                one, dags=folder / f"several-{streams}", settings={**settings, "files": 1 + streams // 500}
            )
            several.write_files()
            looks = {ONE: one.file, SHARE: several.files[0], STATIC: plain}
            for run in range(1, runs + 1):
                for what, path in looks.items():
                    writes = streams == min(sizes) and what != SHARE
                    yield _look(airflow, server, what, path, streams, run, writes)


def _look(
    airflow: Airflow, server: PostgresServer, what: str, path: Path, streams: int, run: int, writes: bool
) -> Look:
    _database(server, "airflow", template="airflow_empty")
    words = [airflow.python, str(_PROGRAM), str(path.parent), str(path), "write" if writes else "only look"]
    answered = json.loads(_run(airflow, words, server, "airflow").rpartition(_MARK)[2].partition("\n")[0])
    assert not answered["errors"], answered["errors"]
    assert what == SHARE or answered["dags"] == streams, f"{answered['dags']} DAGs of {streams}"
    return Look(airflow.version, what, streams, run, answered["dags"], answered["steps"])


def _run(airflow: Airflow, words: Sequence[str], server: PostgresServer, metadata: str) -> str:
    variables = airflow.variables(server, metadata)
    done = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=_LIMIT, check=False, cwd="/")
    assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def _database(server: PostgresServer, name: str, template: str = "template1") -> None:
    session = psycopg2.connect(server.url("postgres"))
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    session.close()
