"""What a benchmark says: tables of 80 columns for people, one JSON document for everything else."""

from collections.abc import Mapping, Sequence

from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.merge.measured import PHASES, Figures, Measurement

CAPTION = """1.2 %: 1 % updated, 0.1 % inserted, 0.1 % deleted. 12 rows: 10, 1 and 1.
A surprise: the batch before was of another size, so the job looked in vain first.
Seconds inside the job, from its connections to its last COMMIT.
A first load's ratio is to floor 2 of its run, all others are to the floor of
theirs. Bound: what the ratio may be; behind a history 1.15 times that of the
same batch without one. Start-up: until the first connection. Memory: resident,
when all is imported and at its highest, which must stay under 120 MB."""

_MEMORY = 120e6


def show(console: Console, title: str, found: Sequence[Figures]) -> None:
    """Print, for each kind of table, the seconds of its cases, where they went, and what the jobs' processes took."""
    console.print(title)
    for shape in dict.fromkeys(figures.case.shape for figures in found):
        of_shape = [figures for figures in found if figures.case.shape == shape]
        jobs = [figures for figures in of_shape if figures.platform is not None]
        for table in (_seconds(shape.title, of_shape), _phases(jobs), _processes(jobs)):
            console.print(table)
    console.print(CAPTION)


def judged(figures: Figures) -> tuple[str, str]:
    """The bound of a case and whether it was kept; empty where nothing is promised."""
    if figures.bound is None:
        return "", ""
    return f"{figures.bound:.2f}", "within" if figures.is_within else "MISSED"


def _seconds(title: str, found: Sequence[Figures]) -> Table:
    table = _table(title, ["seconds", "× floor", "min–max", "bound", ""])
    for figures in found:
        ratio = figures.ratio.shown("{:.2f}".format)
        seconds = figures.seconds.shown("{:.2f}".format)[0]
        table.add_row(_name(figures), seconds, *ratio, *judged(figures))
    return table


def _phases(jobs: Sequence[Figures]) -> Table:
    table = _table("Where a job's seconds went, by its own record", [*PHASES, "other"])
    for figures in jobs:
        seconds = [*(figures.phases[phase] for phase in PHASES), figures.rest]
        table.add_row(_name(figures), *map("{:.2f}".format, seconds))
    return table


def _processes(jobs: Sequence[Figures]) -> Table:
    """A case that the engine did not always go about the same way has several rows, one a level."""
    table = _table("The jobs' processes", ["runs", "level", "start", "MB", "peak", ""])
    for figures in jobs:
        if figures.start and figures.memory_before and figures.memory_peak:
            table.add_row(
                _name(figures),
                str(figures.runs),
                figures.level,
                figures.start.shown("{:.2f}".format)[0],
                figures.memory_before.shown(_megabytes)[0],
                figures.memory_peak.shown(_megabytes)[0],
                "within" if figures.memory_peak.high < _MEMORY else "MISSED",
            )
    return table


def _name(figures: Figures) -> str:
    return f"{figures.case.title}, {figures.platform.lower()}" if figures.platform else figures.case.title


def _table(title: str, numbers: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
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
        "figures": [
            {
                **asdict(figures),
                "case": figures.case.name,
                "title": figures.case.title,
                "shape": figures.case.shape.name,
                "within": figures.is_within,
            }
            for figures in found
        ],
        "measurements": [{**asdict(measured), "case": measured.case.name} for measured in measurements],
    }
