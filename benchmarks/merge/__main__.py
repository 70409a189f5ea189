"""``python -m benchmarks.merge``: what a batch costs, on two servers that are made for it and gone at the end."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.machine import load, machine, versions
from benchmarks.merge.cases import cases_of
from benchmarks.merge.course import measure, measure_history, steps_of
from benchmarks.merge.measured import Measurement, figures
from benchmarks.merge.plot import plot
from benchmarks.merge.report import document, show
from benchmarks.merge.servers import SETTINGS, Servers, servers
from benchmarks.merge.shapes import SHAPES, STANDARD, Shape
from datasurface.cli.output import print_error
from datasurface.errors import DataSurfaceError

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(min=1000), help="Size of the table.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(min=1), help="How often each case is run.")
@click.option("--postgres", default="18", show_default=True, metavar="MAJOR", help="Version of both servers.")
@click.option(
    "--shape",
    "shapes",
    multiple=True,
    default=list(SHAPES),
    show_default=True,
    type=click.Choice(list(SHAPES)),
    help="Kinds of table; the one of 200 columns has a tenth of the rows.",
)
@click.option(
    "--history",
    default=50,
    show_default=True,
    type=click.IntRange(min=0),
    help="Batches of 1 % before the batch behind a history; 0 leaves that case out.",
)
@click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write all figures.")
@click.option("--plot", "plot_file", type=_FILE, metavar="FILE.svg", help="Draw the standard table's cases.")
def main(
    rows: int,
    runs: int,
    postgres: str,
    shapes: tuple[str, ...],
    history: int,
    json_file: Path | None,
    plot_file: Path | None,
) -> None:
    """Measure first loads and batches, live and forensic, beside the bare copy of the same table.

    The figures are as good as the machine is idle: look at the range beside each median.
    """
    facts, load_before = machine(), load()
    chosen = [SHAPES[name] for name in dict.fromkeys(shapes)]
    try:
        with servers(postgres) as at:
            version = at.target.version
            measurements = _measure(at, rows, runs, chosen, history)
    except DataSurfaceError as error:
        print_error(error)
        sys.exit(1)
    found = figures(measurements, [case for shape in chosen for case in cases_of(shape)])
    size = f"{rows:,} rows, PostgreSQL {version}, {runs} runs"
    show(Console(), f"{size}\n{facts['cores']} cores, load {load_before} before we began", found)
    if json_file:
        about = {
            "benchmark": "merge",
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
    if plot_file:
        plot_file.write_text(plot(size, found), encoding="utf-8")


def _measure(at: Servers, rows: int, runs: int, shapes: Sequence[Shape], history: int) -> list[Measurement]:
    """Measure with a bar on standard error, which moves between measurements and never during one."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    measurements: list[Measurement] = []
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False) as progress:
        task = progress.add_task("", total=steps_of(rows, runs, shapes, history))
        for shape in shapes:
            size = rows // shape.share
            progress.update(task, description=f"{size:,} rows of {shape.title} are made", refresh=True)
            at.create(size, shape)
            courses = [measure(at, size, runs, shape)]
            if history and shape == STANDARD:
                courses.append(measure_history(at, size, runs, history))
            for measured in (each for course in courses for each in course):
                measurements.append(measured)
                words = f"run {measured.run}: {measured.case.title} {measured.platform or ''}{measured.seconds: .2f} s"
                progress.update(task, advance=1, description=words, refresh=True)
            at.drop(shape)
    return measurements


if __name__ == "__main__":
    main()
