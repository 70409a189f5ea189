"""``python -m benchmarks.peers``: other products and we, on the same table in the same run."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from benchmarks.machine import load, machine, versions
from benchmarks.merge.servers import SETTINGS, servers
from benchmarks.merge.shapes import STANDARD
from benchmarks.peers.contenders import field_of
from benchmarks.peers.course import Course
from benchmarks.peers.measured import Floor, Outcome, floors_of
from benchmarks.peers.options import contest_options
from benchmarks.peers.report import document, show, show_settings
from datasurface.cli.output import print_error
from datasurface.errors import DataSurfaceError


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(min=1000), help="Size of the table.")
@click.option(
    "--runs", default=3, show_default=True, type=click.IntRange(min=1), help="Of each case but the first load."
)
@click.option("--postgres", default="18", show_default=True, metavar="MAJOR", help="Version of both servers.")
@click.option("--limit", default=300, show_default=True, metavar="SECONDS", help="For each contender in each case.")
@click.option(
    "--work-mem",
    default="256MB",
    show_default=True,
    help="Of both servers, for all alike; with PostgreSQL's default some peers do not finish.",
)
@contest_options
def main(
    rows: int,
    runs: int,
    postgres: str,
    limit: int,
    work_mem: str,
    peers: tuple[str, ...],
    cache: Path,
    json_file: Path | None,
) -> None:
    """Measure a first load, a batch without change and one of 1.2 %, and check every result.

    Makes an environment for each peer the first time, by its name in the package registry.
    """
    facts, load_before = machine(), load()
    console, progress = Console(), Console(stderr=True)
    taking_part = field_of(cache, peers, fast=True)
    settings = {**SETTINGS, "work_mem": work_mem, "timezone": "UTC"}
    copies: list[Floor] = []
    outcomes: list[Outcome] = []
    try:
        with servers(postgres, settings) as at, TemporaryDirectory(prefix="datasurface-contest-") as folder:
            version = at.target.version
            at.create(rows, STANDARD)
            for found in Course(at, rows, runs, limit, Path(folder)).measure(taking_part.contenders):
                if isinstance(found, Floor):
                    copies.append(found)
                    continue
                outcomes.append(found)
                progress.print(f"{found.case}: {found.title} {found.seconds or 0:.2f} s {found.fault[:90]}")
    except DataSurfaceError as error:
        print_error(error)
        sys.exit(1)
    floors = floors_of(copies)
    title = (
        f"{rows:,} rows × 8 columns, PostgreSQL {version}, work_mem {work_mem}, {facts['cores']} cores,\n"
        f"load {load_before} before we began"
    )
    show(console, title, floors, outcomes)
    show_settings(console, taking_part.contenders)
    for line in taking_part.environments:
        console.print(line)
    if json_file:
        about = {
            "benchmark": "peers",
            "rows": rows,
            "runs": runs,
            "postgres": version,
            "settings": settings,
            "limit": limit,
            "versions": versions(["datasurface", "psycopg2-binary"]),
            "environments": taking_part.environments,
            "machine": facts,
            "load_before": load_before,
        }
        words = document(about, floors, outcomes, taking_part.contenders)
        json_file.write_text(json.dumps(words, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
