"""What the benchmark says: tables of 80 columns for people, one JSON document for everything else."""

from collections.abc import Callable, Mapping, Sequence

from attrs import asdict, frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.model_size.course import Run
from benchmarks.model_size.sizes import WHOLE, Size
from benchmarks.model_size.watched import Taken
from benchmarks.spread import Spread, ratios

CAPTION = """Validate: the model is loaded, and every rule looks at it. Written out: not
built by loops; every column is a line of code. Plan: one dataset has one more
column; both models are loaded, the new one is checked, and they are compared.
Seconds of the whole command. Floor: the model's JSON read into bare objects
that check nothing; code: the model's own code alone. MB: resident memory of the
command and of the process that runs the model's code, at one time, at its
highest. Growth: how many times the processor's time grows, for each time that
the model does."""


@frozen
class Bound:
    """What a command should take for the whole size: seconds, and bytes."""

    seconds: float
    memory: float | None = None


BOUNDS = {"validate": Bound(30, 3e9), "validate, written out": Bound(30, 3e9), "plan": Bound(40)}


@frozen
class Figures:
    """The runs of one command with one size together.

    Attributes:
        seconds, processor, memory: as the command took.
        ratio: of its seconds to the floor of its own run.
        bound: None for other sizes than the whole.
        growth: of the processor's seconds from the next smaller size, divided by the growth of the columns.
    """

    command: str
    size: Size
    seconds: Spread
    ratio: Spread
    processor: Spread
    memory: Spread
    bound: Bound | None
    growth: float | None

    @property
    def is_within(self) -> bool | None:
        """Whether the bound is kept; None where there is none."""
        if self.bound is None:
            return None
        in_time = self.seconds.median <= self.bound.seconds
        return in_time and (self.bound.memory is None or self.memory.high <= self.bound.memory)


def figures(runs: Sequence[Run]) -> list[Figures]:
    """Every command with every size, small sizes first."""
    sizes = sorted({run.size for run in runs}, key=lambda size: size.columns)
    taken_by: Mapping[str, Callable[[Run], Taken]] = {
        "validate": lambda run: run.validate,
        "validate, written out": lambda run: run.written,
        "plan": lambda run: run.plan,
    }
    found = []
    for command, taken_of in taken_by.items():
        smaller: Figures | None = None
        for size in sizes:
            of_size = [run for run in runs if run.size == size]
            taken = [taken_of(run) for run in of_size]
            processor = Spread.of([each.processor for each in taken])
            smaller = Figures(
                command=command,
                size=size,
                seconds=Spread.of([each.seconds for each in taken]),
                ratio=ratios([each.seconds for each in taken], [run.floor for run in of_size]),
                processor=processor,
                memory=Spread.of([each.memory for each in taken]),
                bound=BOUNDS[command] if size == WHOLE else None,
                growth=None if smaller is None else _growth(smaller, size, processor),
            )
            found.append(smaller)
    return found


def _growth(smaller: Figures, size: Size, processor: Spread) -> float:
    return processor.median / smaller.processor.median * smaller.size.columns / size.columns


@frozen
class Least:
    """Seconds that a size takes at the least: of the floor, and of the model's own code."""

    size: Size
    floor: Spread
    code: Spread


def leasts(runs: Sequence[Run]) -> list[Least]:
    """The least of every size."""
    return [
        Least(
            size,
            Spread.of([run.floor for run in runs if run.size == size]),
            Spread.of([run.code for run in runs if run.size == size]),
        )
        for size in dict.fromkeys(run.size for run in runs)
    ]


def show(console: Console, title: str, runs: Sequence[Run]) -> None:
    """Print the figures for people."""
    console.print(title)
    found = figures(runs)
    for command in dict.fromkeys(each.command for each in found):
        console.print(_table_of(command, [each for each in found if each.command == command]))
    least = _table("The least", ["floor", "min–max", "code", "min–max"])
    for each in leasts(runs):
        least.add_row(f"{each.size.columns:,}", *each.floor.shown(_tenths), *each.code.shown(_tenths))
    console.print(least)
    console.print(CAPTION)


def _table_of(command: str, found: Sequence[Figures]) -> Table:
    table = _table(command, ["seconds", "min–max", "× floor", "CPU s", "MB", "growth", "bound"])
    for each in found:
        table.add_row(
            f"{each.size.columns:,}",
            *each.seconds.shown(_tenths),
            each.ratio.shown(_tenths)[0],
            each.processor.shown(_tenths)[0],
            f"{each.memory.high / 1e6:,.0f}",
            "" if each.growth is None else f"{each.growth:.2f}",
            "" if each.bound is None else f"{'within' if each.is_within else 'OVER'} {each.bound.seconds:.0f}",
        )
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("columns", *columns):
        table.add_column(name, justify="right")
    return table


def _tenths(number: float) -> str:
    return f"{number:.1f}"


def document(about: Mapping[str, object], runs: Sequence[Run]) -> dict[str, object]:
    """All runs and their figures as plain JSON values."""
    return {
        **about,
        "figures": [{**asdict(each), "within": each.is_within} for each in figures(runs)],
        "leasts": [asdict(least) for least in leasts(runs)],
        "measured": [asdict(run) for run in runs],
    }
