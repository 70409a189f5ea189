"""A process of Airflow's interpreter that parses DAG files and builds pods when it is asked to: its start takes longer
than most of what it is asked for."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from attrs import frozen

from tests.airflow.environment import AirflowEnvironment

_SCRIPT = Path(__file__).parent / "scripts" / "shell.py"
_MARK = "the answer: "


@frozen
class Parsed:
    """What was found in DAG files.

    Attributes:
        dags: by name a hash of what is serialised of it.
        broken: the texts of those that stand for a row that cannot be read.
        errors: import errors by file.
        seconds, hashes: of each time, how long it took and a hash of all DAGs.
    """

    dags: Mapping[str, str]
    broken: Mapping[str, str]
    errors: Mapping[str, str]
    seconds: list[float]
    hashes: list[str]


@frozen
class Shell:
    """The process."""

    process: "subprocess.Popen[str]"
    log: Path

    def parse(self, path: Path, *, times: int = 1, dag: str | None = None) -> Parsed:
        """Read DAG files so often; with a DAG's name, as a worker does that is about to run it."""
        answer = cast(dict[str, object], self._ask(do="parse", path=str(path), times=times, dag=dag))
        return Parsed(**answer)  # type: ignore[arg-type]

    def pod(self, path: Path, *, dag: str, run: str) -> dict[str, object]:
        """The pod of a DAG's job."""
        return cast(dict[str, object], self._ask(do="pod", path=str(path), dag=dag, run=run))

    def _ask(self, **request: object) -> object:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps(request)}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith(_MARK):
                answered = json.loads(line.removeprefix(_MARK))
                assert "error" not in answered, answered["error"]
                return answered["answer"]
        raise AssertionError(f"it has ended: {self.log.read_text(errors='replace')[-2000:]}")


@contextmanager
def opened(environment: AirflowEnvironment, variables: Mapping[str, str], log: Path) -> Iterator[Shell]:
    """A process with these variables until the block ends."""
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [environment.python, _SCRIPT],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd="/",
        ) as process,
    ):
        try:
            yield Shell(process, log)
        finally:
            process.kill()
