"""What the benchmark says: a table for people, one JSON document for everything else. Nothing here has an effect."""

from collections.abc import Callable, Mapping, Sequence

from attrs import asdict, frozen
from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.model_size.course import Run
from benchmarks.model_size.sizes import WHOLE, Size
from benchmarks.model_size.watched import Taken
from benchmarks.spread import Spread, ratios

CAPTION = """Validate: the model is loaded and every rule looks at it. Written out: not built by
loops; every column is a line of code. Plan: one dataset has one more column; both
models are loaded, the new one is checked, and they are compared. Seconds of the
whole command. Floor: the model's JSON read into bare objects that check nothing.
Code: the model's own code alone. MB: resident memory of the command and the process
that runs the model's code, at one time, at its highest. Growth: how many times the
processor's time grows, for each time that the model does."""


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


def table(title: str, runs: Sequence[Run]) -> Table:
    """The figures for people."""
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD, caption=CAPTION, caption_justify="left")
    shown.add_column("")
    for name in ("columns", "seconds", "min–max", "× floor", "CPU s", "MB", "growth", "bound", ""):
        shown.add_column(name, justify="right")
    for each in figures(runs):
        shown.add_row(
            each.command,
            f"{each.size.columns:,}",
            *each.seconds.shown("{:.1f}".format),
            each.ratio.shown("{:.1f}".format)[0],
            each.processor.shown("{:.1f}".format)[0],
            f"{each.memory.high / 1e6:,.0f}",
            "" if each.growth is None else f"{each.growth:.2f}",
            "" if each.bound is None else f"{each.bound.seconds:.0f}",
            {True: "within", False: "MISSED", None: ""}[each.is_within],
        )
    for least in leasts(runs):
        for name, seconds in (("floor", least.floor), ("code", least.code)):
            shown.add_row(name, f"{least.size.columns:,}", *seconds.shown("{:.1f}".format))
    return shown


def document(about: Mapping[str, object], runs: Sequence[Run]) -> dict[str, object]:
    """All runs and their figures as plain JSON values."""
    return {
        **about,
        "figures": [{**asdict(each), "within": each.is_within} for each in figures(runs)],
        "leasts": [asdict(least) for least in leasts(runs)],
        "measured": [asdict(run) for run in runs],
    }
