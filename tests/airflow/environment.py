"""The Airflows that a run of these tests is about: interpreters of their own, in which ours is not installed.

``DATASURFACE_TEST_AIRFLOW`` names them, as ``PATH`` names folders: each the Python of an environment made from one of
``locks/airflow-*.txt``. The tox environments ``airflow``, ``airflow3`` and ``airflow2`` make them and set the variable.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

VARIABLE = "DATASURFACE_TEST_AIRFLOW"


class NoAirflow(Exception):
    """There is no environment to try."""


@frozen
class AirflowEnvironment:
    """An environment with Airflow in it.

    Attributes:
        python: its interpreter.
        version: Airflow's, as "3.3.2".
    """

    python: Path
    version: str

    @property
    def major(self) -> int:
        """3 or 2."""
        return int(self.version.split(".")[0])

    @property
    def program(self) -> Path:
        """The command ``airflow``."""
        return self.python.parent / "airflow"


def named(variables: Mapping[str, str] = os.environ) -> Sequence[str]:
    """The interpreters that the variable names."""
    return [each for each in variables.get(VARIABLE, "").split(os.pathsep) if each]


def find_environment(python: str) -> AirflowEnvironment:
    """The environment of an interpreter; NoAirflow says why there is none."""
    code = "import importlib.metadata as m; print(m.version('apache-airflow'))"
    try:
        asked = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        raise NoAirflow(f"{VARIABLE}: {python} cannot be run: {error.strerror}") from error
    if asked.returncode != 0:
        raise NoAirflow(f"{VARIABLE}: {python} has no Airflow")
    return AirflowEnvironment(Path(python), asked.stdout.strip())
