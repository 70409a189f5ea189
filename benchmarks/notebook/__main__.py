"""``python -m benchmarks.notebook``: how long a workspace's rows take into frames, and how much memory."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
from attrs import asdict, frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.machine import load, machine, versions
from benchmarks.notebook.ground import prepare
from benchmarks.notebook.ways import FLOOR, WAYS
from benchmarks.spread import Spread, ratios
from datasurface_yellow.local.postgres_binaries import find_binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder

_FILE = click.Path(path_type=Path, dir_okay=False)
_USED = ["datasurface", "adbc-driver-postgresql", "pyarrow", "polars", "pandas", "connectorx", "psycopg2-binary"]


@frozen
class Read:
    """One read by one way: ``seconds`` with connecting and without imports, ``memory`` in MiB at most."""

    way: str
    run: int
    seconds: float
    memory: float


@click.command()
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(min=1))
@click.option("--runs", default=3, show_default=True, type=click.IntRange(min=1), help="How often each way reads.")
@click.option("--postgres", default="18", show_default=True, metavar="MAJOR", help="Version of the server.")
@click.option("--json", "json_file", type=_FILE, metavar="FILE", help="Write all figures.")
def main(rows: int, runs: int, postgres: str, json_file: Path | None) -> None:
    """Measure reading all live rows of a dataset, each way in a process of its own.

    The figures are as good as the machine is idle: look at the range beside each median.
    """
    facts, load_before = machine(), load()
    with (
        temporary_folder("datasurface-benchmark-") as folder,
        PostgresServer(folder / "data", binaries=find_binaries(postgres)) as server,
    ):
        prepare(server, rows)
        found = list(_reads(server.url("merge"), rows, runs))
        version = server.version
    title = f"{rows:,} rows of 7 columns, PostgreSQL {version}, {runs} runs; {facts['cores']} cores, load {load_before}"
    Console().print(title, _table(found))
    if json_file:
        about = {
            "benchmark": "notebook",
            "rows": rows,
            "runs": runs,
            "postgres": version,
            "versions": versions(_USED),
            "machine": facts,
            "load_before": load_before,
            "measured": [asdict(read) for read in found],
        }
        json_file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _reads(url: str, rows: int, runs: int) -> Iterator[Read]:
    """Run by run all ways, so that what the machine does meanwhile meets all of them."""
    ways = [way for way in WAYS if "ConnectorX" not in way or find_spec("connectorx")]
    for run in range(runs):
        for way in ways:
            command = [sys.executable, "-m", "benchmarks.notebook.ways", way, url]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            told = json.loads(done.stdout)
            assert told["rows"] == rows, (way, told)
            yield Read(way, run, told["seconds"], told["memory"])


def _table(found: list[Read]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("way")
    for name in ("seconds", "min–max", "of COPY", "MiB"):
        table.add_column(name, justify="right")
    floors = [read.seconds for read in found if read.way == FLOOR]
    for way in dict.fromkeys(read.way for read in found):
        of_way = [read for read in found if read.way == way]
        seconds = [read.seconds for read in of_way]
        memory = Spread.of([read.memory for read in of_way])
        table.add_row(
            way,
            *Spread.of(seconds).shown(lambda number: f"{number:.2f}"),
            f"{ratios(seconds, floors).median:.1f}",
            f"{memory.median:.0f}",
        )
    return table


if __name__ == "__main__":
    main()
