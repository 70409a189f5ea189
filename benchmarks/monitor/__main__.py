"""``python -m benchmarks.monitor``: what the monitor's pages take on a system with many streams."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.machine import load, machine, versions
from benchmarks.monitor.course import BOUNDS, FLOOR, Asked, full_server, measure
from benchmarks.spread import Spread, ratios
from datasurface_yellow.local.postgres_binaries import find_binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import temporary_folder


@click.command()
@click.option("--streams", default=10_000, show_default=True, type=click.IntRange(min=500), help="Of one platform.")
@click.option("--batches", default=1000, show_default=True, type=click.IntRange(min=1), help="Of each stream.")
@click.option("--runs", default=7, show_default=True, type=click.IntRange(min=1), help="How often each page is opened.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write all figures."
)
def main(streams: int, batches: int, runs: int, json_file: Path | None) -> None:
    """Measure first byte and usable time of each page, beside a file from the same server."""
    facts, load_before = machine(), load()
    with (
        temporary_folder("datasurface-benchmark-") as folder,
        PostgresServer(folder / "data", binaries=find_binaries("18")) as server,
        full_server(server, streams, batches) as home,
    ):
        found = list(measure(home, runs))
    title = f"{streams:,} streams, {batches:,} batches each, {runs} runs; {facts['cores']} cores, load {load_before}"
    Console().print(title, _table(found))
    if json_file:
        about = {
            "benchmark": "monitor",
            "streams": streams,
            "batches": batches,
            "runs": runs,
            "versions": versions(["datasurface", "fastapi", "uvicorn", "jinja2", "psycopg2-binary"]),
            "machine": facts,
            "load_before": load_before,
            "bounds": BOUNDS,
            "measured": [asdict(asked) for asked in found],
        }
        json_file.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _table(found: Sequence[Asked]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("page")
    for name in ("first byte ms", "min–max", "× floor", "usable ms", "min–max", "× floor"):
        table.add_column(name, justify="right")
    floor = [asked for asked in found if asked.page == FLOOR]
    for page in dict.fromkeys(asked.page for asked in found):
        of_page = [asked for asked in found if asked.page == page]
        cells: list[str] = []
        for part in ("first_byte", "usable"):
            taken = [float(getattr(asked, part)) for asked in of_page]
            cells += Spread.of(taken).shown(_milliseconds)
            cells.append(f"{ratios(taken, [float(getattr(asked, part)) for asked in floor]).median:.1f}")
        table.add_row(page, *cells)
    return table


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f}"


if __name__ == "__main__":
    main()
