"""``python -m benchmarks.airflow_parse``: what reading DAG files takes."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.airflow_parse.course import Airflow, Look, measure
from benchmarks.airflow_parse.report import HEAD, lines
from benchmarks.machine import load, machine, versions
from datasurface.cli.output import print_error
from datasurface.errors import DataSurfaceError
from datasurface_yellow.local.postgres_binaries import find_binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option(
    "--airflow",
    "pythons",
    required=True,
    multiple=True,
    metavar="PYTHON",
    type=click.Path(exists=True, dir_okay=False),
    help="The interpreter of an environment with Airflow; once for each version.",
)
@click.option("--streams", "sizes", default=(1000, 5000), show_default=True, multiple=True, type=click.IntRange(min=1))
@click.option("--runs", default=1, show_default=True, type=click.IntRange(min=1), help="How often each is measured.")
@click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write all figures.")
def main(pythons: tuple[str, ...], sizes: tuple[int, ...], runs: int, json_file: Path | None) -> None:
    """Measure how long Airflow takes to read DAG files that make their DAGs from rows, and as many plain ones.

    A look is in a new process that has loaded Airflow. The figures are as good as the machine is idle: seconds of the
    processor are the steadier ones.
    """
    facts, load_before = machine(), load()
    try:
        with (
            temporary_folder("datasurface-benchmark-") as folder,
            PostgresServer(folder / "data", binaries=find_binaries("18")) as server,
        ):
            airflows = [Airflow.of(python, folder / "files") for python in pythons]
            found = list(measure(server, folder / "files", airflows, sizes, runs))
    except DataSurfaceError as error:
        print_error(error)
        sys.exit(1)
    Console(width=120).print(f"{facts['cores']} cores, load {load_before} before, {runs} runs", _table(found))
    if json_file:
        about = {
            "benchmark": "airflow parse",
            "runs": runs,
            "versions": versions(["datasurface"]),
            "machine": facts,
            "load_before": load_before,
            "measured": [asdict(look) for look in found],
        }
        json_file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _table(found: Sequence[Look]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in HEAD:
        table.add_column(name, no_wrap=name == "files")
    for line in lines(found):
        table.add_row(*line)
    return table


if __name__ == "__main__":
    main()
