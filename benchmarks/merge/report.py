"""What a benchmark says: tables of 80 columns for people, one JSON document for everything else."""

from collections.abc import Mapping, Sequence

from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.merge.measured import PHASES, Figures, Measurement

CAPTION = """12 rows: 10 updated, 1 inserted, 1 deleted.
1.2 %: 1 % updated, 0.1 % inserted, 0.1 % deleted.
Seconds inside the job, from its connections to its last COMMIT.
A first load's ratio is to floor 2 of its run, all others are to the floor of theirs."""


def show(console: Console, title: str, found: Sequence[Figures]) -> None:
    """Print the seconds of all cases, then where those of the jobs went and what their processes took."""
    jobs = [figures for figures in found if figures.platform is not None]
    for table in (_seconds(title, found), _phases(jobs), _processes(jobs)):
        console.print(table)


def _seconds(title: str, found: Sequence[Figures]) -> Table:
    table = _table(title, ["seconds", "min–max", "× floor", "min–max"])
    for figures in found:
        numbers = (*figures.seconds.shown("{:.2f}".format), *figures.ratio.shown("{:.2f}".format))
        table.add_row(_name(figures), *numbers)
    table.caption = CAPTION
    return table


def _phases(jobs: Sequence[Figures]) -> Table:
    table = _table("Where a job's seconds went, by its own record", [*PHASES, "none of these"])
    for figures in jobs:
        seconds = [*(figures.phases[phase] for phase in PHASES), figures.rest]
        table.add_row(_name(figures), *map("{:.2f}".format, seconds))
    return table


def _processes(jobs: Sequence[Figures]) -> Table:
    table = _table("The jobs' processes", ["start-up, s", "min–max", "MB before", "MB peak"])
    for figures in jobs:
        if figures.start and figures.memory_before and figures.memory_peak:
            table.add_row(
                _name(figures),
                *figures.start.shown("{:.2f}".format),
                figures.memory_before.shown(_megabytes)[0],
                figures.memory_peak.shown(_megabytes)[0],
            )
    table.caption = "Start-up: until the first connection. Memory: resident, when all is imported and at its highest."
    return table


def _name(figures: Figures) -> str:
    return f"{figures.case.title}, {figures.platform.lower()}" if figures.platform else figures.case.title


def _table(title: str, numbers: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left", box=SIMPLE_HEAD)
    table.add_column("case", no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _megabytes(memory: float) -> str:
    return f"{memory / 1e6:.0f}"


def document(
    about: Mapping[str, object], measurements: Sequence[Measurement], found: Sequence[Figures]
) -> dict[str, object]:
    """Everything as plain JSON values: seconds, and bytes."""
    return {
        **about,
        "figures": [{**asdict(figures), "case": figures.case.name} for figures in found],
        "measurements": [{**asdict(measured), "case": measured.case.name} for measured in measurements],
    }
