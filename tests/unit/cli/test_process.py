"""The command as a process of its own: its entry points, and what its start loads."""

import json
import os
import subprocess
import sys

import pytest

LOADED_BY_START = """
import json, sys
from datasurface.cli.main import main
code = main(sys.argv[1:])
print(json.dumps({"code": code, "modules": sorted(sys.modules)}), file=sys.stderr)
"""
HEAVY = {"rich", "sqlalchemy", "psycopg2", "jinja2", "mimesis", "hypothesis", "cronsim"}


def python(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)


def test_the_module_runs_as_the_command() -> None:
    done = python("-m", "datasurface", "no-such-command", "--json")
    assert done.returncode == 64
    assert json.loads(done.stdout)["error"]["type"] == "UsageError"
    assert "Traceback" not in done.stderr


PRINTS = """
import click, sys
from datasurface.cli import main
@click.command()
def command():
    sys.stdout.write("Zo\u00eb \u2192 B\u00f6rse\\n")
main._MODULES["prints"] = "__main__"
sys.exit(main.main(["prints"]))
"""


def test_what_the_terminal_cannot_show_is_escaped() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRINTS],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Zo\\xeb \\u2192 B\\xf6rse\n", "")


def test_the_command_is_installed() -> None:
    from importlib.metadata import entry_points

    (entry,) = entry_points(group="console_scripts", name="datasurface")
    assert entry.value == "datasurface.cli.main:main"


@pytest.mark.parametrize(
    "words", [["ingest", "--help"], ["ingest", "--platform", "P", "--stream", "S", "--store", "x"]]
)
def test_the_start_of_a_job_loads_no_terminal_library_and_no_driver(words: list[str]) -> None:
    done = python("-c", LOADED_BY_START, *words)
    report = json.loads(done.stderr.splitlines()[-1])
    assert HEAVY.isdisjoint(module.partition(".")[0] for module in report["modules"])
