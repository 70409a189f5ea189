"""``python -m benchmarks.evolution``: what changes of a model cost, on two servers that are made for it."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from benchmarks.evolution.cases import Case, cases
from benchmarks.evolution.course import measure
from benchmarks.evolution.measured import Measurement, figures
from benchmarks.evolution.report import document, show
from benchmarks.machine import load, machine, versions
from benchmarks.merge.servers import SETTINGS, Servers, servers
from datasurface.cli.output import print_error
from datasurface.errors import DataSurfaceError

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(min=5000), help="Size of the table.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(min=1), help="How often each case is run.")
@click.option("--postgres", default="18", show_default=True, metavar="MAJOR", help="Version of both servers.")
@click.option(
    "--history", default=10, show_default=True, type=click.IntRange(min=0), help="Batches of 1 % before the changes."
)
@click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write all figures.")
def main(rows: int, runs: int, postgres: str, history: int, json_file: Path | None) -> None:
    """Change the model of a forensic table step by step, and watch what that costs and whom it keeps waiting.

    The figures are as good as the machine is idle: look at the range beside each median.
    """
    facts, load_before, todo = machine(), load(), cases()
    try:
        with servers(postgres) as at:
            version = at.target.version
            measurements = _measure(at, rows, runs, history, todo)
    except DataSurfaceError as error:
        print_error(error)
        sys.exit(1)
    found = figures(measurements, todo)
    size = f"{rows:,} rows, {history} batches of history, PostgreSQL {version}, {runs} runs"
    show(Console(), f"{size}\n{facts['cores']} cores, load {load_before} before we began", found)
    if json_file:
        about = {
            "benchmark": "evolution",
            "rows": rows,
            "runs": runs,
            "history": history,
            "postgres": version,
            "settings": dict(SETTINGS),
            "versions": versions(["datasurface", "psycopg2-binary", "attrs", "cattrs", "jinja2"]),
            "machine": facts,
            "load_before": load_before,
        }
        json_file.write_text(json.dumps(document(about, measurements, found), indent=2) + "\n", encoding="utf-8")


def _measure(at: Servers, rows: int, runs: int, history: int, todo: Sequence[Case]) -> list[Measurement]:
    console, measurements = Console(stderr=True), list[Measurement]()
    for run in range(1, runs + 1):
        console.print(f"run {run}: {rows:,} rows and {history} batches are made")
        for measured in measure(at, rows, run, history, todo):
            measurements.append(measured)
            console.print(f"run {run}: {measured.case.title} {measured.seconds:.2f} s")
    return measurements


if __name__ == "__main__":
    main()
