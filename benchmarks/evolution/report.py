"""What the benchmark says: a table of 80 columns for people, one JSON document for everything else."""

from collections.abc import Mapping, Sequence

from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.evolution.measured import Figures, Measurement

CAPTION = """Seconds of the whole apply. The ratio is to the bare COPY of the table in the
same run. New: versions that the change and the next batch made. Locked: how many
milliseconds nobody could read the merge table at most, as another session saw
it. Read: milliseconds of the slowest of the queries by key that ran beside it."""

EXCLUSIVE = "AccessExclusiveLock"


def show(console: Console, title: str, found: Sequence[Figures]) -> None:
    """Print what each change costs, and every lock that it held."""
    console.print(title)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("change", no_wrap=True)
    for name in ("seconds", "× floor", "min–max", "new", "locked ms", "read ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for figures in found:
        table.add_row(
            figures.case.title,
            figures.seconds.shown("{:.2f}".format)[0],
            *figures.ratio.shown("{:.2f}".format),
            f"{figures.new_versions:,}",
            f"{figures.locks.get(EXCLUSIVE, 0.0) * 1000:,.0f}",
            f"{figures.longest_read.high * 1000:,.0f}",
        )
    console.print(table)
    for figures in found:
        locks = ", ".join(f"{mode} {seconds * 1000:,.0f} ms" for mode, seconds in figures.locks.items())
        console.print(f"{figures.case.title}: {locks or 'no lock was seen'}")
    console.print(CAPTION)


def document(
    about: Mapping[str, object], measurements: Sequence[Measurement], found: Sequence[Figures]
) -> dict[str, object]:
    """Everything as plain JSON values, in seconds."""
    return {
        **about,
        "figures": [{**asdict(figures), "case": figures.case.name, "title": figures.case.title} for figures in found],
        "measurements": [{**asdict(measured), "case": measured.case.name} for measured in measurements],
    }
