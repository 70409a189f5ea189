"""``python -m benchmarks.merge``: what a batch costs, on two servers that are made for it and gone at the end."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.machine import load, machine, versions
from benchmarks.merge.cases import CASES
from benchmarks.merge.course import measure, steps_of
from benchmarks.merge.measured import Measurement, figures
from benchmarks.merge.report import document, show
from benchmarks.merge.servers import SETTINGS, Servers, servers
from datasurface.cli.output import print_error
from datasurface.errors import DataSurfaceError


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(min=1000), help="Size of the table.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(min=1), help="How often each case is run.")
@click.option("--postgres", default="18", show_default=True, metavar="MAJOR", help="Version of both servers.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write all figures."
)
def main(rows: int, runs: int, postgres: str, json_file: Path | None) -> None:
    """Measure first loads and batches, live and forensic, beside the bare copy of the same table.

    The figures are as good as the machine is idle: look at the range beside each median.
    """
    facts, load_before = machine(), load()
    try:
        with servers(postgres) as at:
            version = at.target.version
            measurements = _measure(at, rows, runs)
    except DataSurfaceError as error:
        print_error(error)
        sys.exit(1)
    found = figures(measurements, CASES)
    title = (
        f"{rows:,} rows × 8 columns, PostgreSQL {version}, {runs} runs\n"
        f"{facts['cores']} cores, load {load_before} before we began"
    )
    show(Console(), title, found)
    if json_file:
        about = {
            "rows": rows,
            "runs": runs,
            "postgres": version,
            "settings": dict(SETTINGS),
            "versions": versions(["datasurface", "psycopg2-binary", "attrs", "cattrs", "jinja2"]),
            "machine": facts,
            "load_before": load_before,
        }
        json_file.write_text(json.dumps(document(about, measurements, found), indent=2) + "\n", encoding="utf-8")


def _measure(at: Servers, rows: int, runs: int) -> list[Measurement]:
    """Measure with a bar on standard error, which moves between measurements and never during one."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    measurements: list[Measurement] = []
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as progress:
        task = progress.add_task(f"{rows:,} rows are made", total=steps_of(rows, runs))
        progress.refresh()
        at.create(rows)
        for measured in measure(at, rows, runs):
            measurements.append(measured)
            words = f"run {measured.run}: {measured.case.name} {measured.platform or ''}{measured.seconds: .2f} s"
            progress.update(task, advance=1, description=words, refresh=True)
    return measurements


if __name__ == "__main__":
    main()
