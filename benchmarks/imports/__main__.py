"""``python -m benchmarks.imports``: what importing the packages costs, beside an interpreter that does nothing."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.imports.bare_environment import bare_environment
from benchmarks.imports.starts import Start, Taken, measure, starts
from benchmarks.machine import load, machine, versions
from benchmarks.spread import Spread, ratios


@click.command()
@click.option("--runs", default=15, show_default=True, type=click.IntRange(min=1), help="How often each is started.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write all figures."
)
def main(runs: int, json_file: Path | None) -> None:
    """Measure fresh interpreters that import DataSurface beside attrs, cattrs and pluggy alone, and start its command.

    Each figure is the whole process, interpreter included; its ratio is to a process that does nothing.
    """
    facts, load_before = machine(), load()
    taken: dict[Start, list[Taken]] = defaultdict(list)
    with bare_environment() as folder:
        what = starts(folder)
        made = measure(what, runs)
        # The bar moves between starts: a thread that draws it would compete with what is measured.
        for start, seconds in track(
            made, "starting", total=runs * len(what), console=Console(stderr=True), auto_refresh=False
        ):
            taken[start].append(seconds)
    title = (
        f"Median of {runs} fresh interpreters, Python {versions(())['python']}\n"
        f"{facts['cores']} cores, load {load_before} before we began"
    )
    Console().print(_table(title, taken))
    if json_file:
        document = {
            "runs": runs,
            "versions": versions(["datasurface", "attrs", "cattrs", "pluggy", "click"]),
            "machine": facts,
            "load_before": load_before,
            "seconds": {start.name: [asdict(seconds) for seconds in values] for start, values in taken.items()},
        }
        json_file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _table(title: str, taken: Mapping[Start, Sequence[Taken]]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("started")
    for name in ("ms", "min–max", "× floor", "min–max", "CPU ms"):
        table.add_column(name, justify="right")
    clock = {start.name: [seconds.clock for seconds in values] for start, values in taken.items()}
    for start, values in taken.items():
        seconds = Spread.of(clock[start.name]).shown(_milliseconds)
        ratio = ratios(clock[start.name], clock[start.floor]).shown("{:.1f}".format)
        processor = Spread.of([each.processor for each in values])
        table.add_row(start.name, *seconds, *ratio, _milliseconds(processor.median))
    return table


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f}"


if __name__ == "__main__":
    main()
