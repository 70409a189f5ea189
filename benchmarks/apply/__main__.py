"""``python -m benchmarks.apply``: what applies of a large model take."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.apply.course import BOUNDS, Applied, measure
from benchmarks.machine import load, machine, versions
from benchmarks.spread import Spread
from datasurface.cli.output import print_error
from datasurface.errors import DataSurfaceError
from datasurface_yellow.local.postgres_binaries import find_binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--streams", default=1000, show_default=True, type=click.IntRange(min=2), help="Of both platforms.")
@click.option("--runs", default=3, show_default=True, type=click.IntRange(min=1), help="How often each is applied.")
@click.option("--postgres", default="18", show_default=True, metavar="MAJOR", help="Version of the server.")
@click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write all figures.")
def main(streams: int, runs: int, postgres: str, json_file: Path | None) -> None:
    """Measure the first apply of a model, the same again, and one column more in one dataset.

    The figures are as good as the machine is idle: look at the range beside each median.
    """
    facts, load_before = machine(), load()
    try:
        with (
            temporary_folder("datasurface-benchmark-") as folder,
            PostgresServer(folder / "data", binaries=find_binaries(postgres)) as server,
        ):
            version = server.version
            found = [applied for run in range(1, runs + 1) for applied in measure(server, run, streams)]
    except DataSurfaceError as error:
        print_error(error)
        sys.exit(1)
    title = f"{streams:,} streams, PostgreSQL {version}, {runs} runs\n{facts['cores']} cores, load {load_before} before"
    Console().print(title, _table(found))
    if json_file:
        about = {
            "benchmark": "apply",
            "streams": streams,
            "runs": runs,
            "postgres": version,
            "versions": versions(["datasurface", "psycopg2-binary", "attrs", "cattrs", "jinja2"]),
            "machine": facts,
            "load_before": load_before,
            "bounds": BOUNDS,
            "measured": [asdict(applied) for applied in found],
        }
        json_file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _table(found: Sequence[Applied]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("apply")
    for name in ("seconds", "min–max", "own CPU s", "steps", "relations"):
        table.add_column(name, justify="right")
    for what in dict.fromkeys(applied.what for applied in found):
        of_kind = [applied for applied in found if applied.what == what]
        seconds = Spread.of([applied.seconds for applied in of_kind])
        processor = Spread.of([applied.processor for applied in of_kind])
        table.add_row(
            what,
            *seconds.shown(_tenths),
            _tenths(processor.median),
            f"{of_kind[0].steps:,}",
            f"{of_kind[0].relations:,}",
        )
    return table


def _tenths(number: float) -> str:
    return f"{number:.1f}"


if __name__ == "__main__":
    main()
