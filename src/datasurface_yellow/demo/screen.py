"""What the terminal shows, within 80 columns: the producer's changes, what the platforms did with them, the verdict."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from attrs import define, field
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from datasurface.operations.apply import ApplyReport
from datasurface.results import JobResult, ResultCode
from datasurface_yellow.demo.play import Tally
from datasurface_yellow.demo.report import PlatformTally, Verdict
from datasurface_yellow.simulator.changes import Change
from datasurface_yellow.simulator.describe import describe
from datasurface_yellow.store.connection import Row

WIDTH = 80
SHOWN_CHANGES = 8


@define
class Screen:
    """An audience that shows what it hears; on a terminal as a table that renews itself, elsewhere as lines."""

    console: Console
    tally: Tally
    until: float = field(default=0.0)
    _changes: "deque[Change]" = field(factory=lambda: deque(maxlen=SHOWN_CHANGES))
    _heard: dict[str, float] = field(factory=dict)

    def applied(self, report: ApplyReport) -> None:
        """Say what now stands."""
        for platform, steps in report.steps.items():
            made = ", ".join(_grouped([step.action for step in steps])) or "everything stood"
            self.console.print(f"  {platform}: {made}")
        self.console.print(f"  generation {report.generation} is in force")

    def changed(self, change: Change) -> None:
        """Keep the change for the next picture; print it where there are no pictures."""
        self._changes.append(change)
        if not self.console.is_terminal:
            self.console.print(_line(change), overflow="ellipsis", no_wrap=True)

    def ingested(self, result: JobResult) -> None:
        """Keep the moment for the freshness; print the batch where there are no pictures, and any error."""
        self._heard[result.platform] = monotonic()
        if result.error is not None:
            self.console.print(Text(f"  {result.error.message}", style="red"))
        elif not self.console.is_terminal:
            self.console.print(_batch_line(result), overflow="ellipsis", no_wrap=True)

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Renew the picture twice a second; the last one stays."""
        if not self.console.is_terminal:
            yield
            return
        with Live(get_renderable=self.picture, console=self.console, refresh_per_second=2):
            yield

    def picture(self) -> Group:
        """The state of things now."""
        left = max(0, round(self.until - monotonic()))
        table = Table(box=SIMPLE_HEAD, width=WIDTH, pad_edge=False, show_edge=False)
        table.add_column("platform")
        for column in ("batches", "inserted", "updated", "deleted", "fresh"):
            table.add_column(column, justify="right")
        for name, tally in self.tally.platforms.items():
            table.add_row(name, *_numbers(tally), self._freshness(name))
        head = Text(f"producer: {self.tally.changes} changes", style="bold")
        head.append(f"   {left} s left" if left else "   catching up", style="dim")
        lines = [Text(_line(change), no_wrap=True, overflow="ellipsis") for change in list(self._changes)]
        return Group(head, *lines, table)

    def _freshness(self, platform: str) -> str:
        heard = self._heard.get(platform)
        return "-" if heard is None else f"{monotonic() - heard:.0f} s ago"


def show_verdict(console: Console, verdict: Verdict) -> None:
    """The checks, one a line, and the verdict."""
    console.print(Text("What was proved:", style="bold"))
    table = Table(box=SIMPLE_HEAD, width=WIDTH, pad_edge=False, show_edge=False)
    table.add_column("check")
    table.add_column("compared", justify="right")
    table.add_column("")
    for check in verdict.checks:
        mark = Text("holds", style="green") if check.holds else Text("BROKEN", style="bold red")
        table.add_row(check.name, _compared(check.counts), mark)
    console.print(table)
    for check in verdict.checks:
        if not check.holds:
            console.print(Text(f"{check.name}: {check.detail}", style="red"))
    batches = ", ".join(f"{name} {tally.batches}" for name, tally in verdict.platforms.items())
    console.print(f"{verdict.changes} changes; batches: {batches}; {verdict.seconds:.0f} s")
    end = "What consumers see is right." if verdict.holds else "What consumers see is NOT right."
    console.print(Text(end, style="bold green" if verdict.holds else "bold red"))


def show_question(console: Console, question: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """A question that the consumer can ask, with its answer."""
    console.print(Text(question, style="bold"))
    table = Table(box=SIMPLE_HEAD, width=WIDTH, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="ellipsis", no_wrap=True)
    for row in rows:
        table.add_row(*map(_cell, row))
    console.print(table)
    console.print()


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:%H:%M:%S}" if isinstance(value, datetime) else str(value)


def _numbers(tally: PlatformTally) -> Sequence[str]:
    return (str(tally.batches), *(str(tally.total(part)) for part in ("inserted", "updated", "deleted")))


def _compared(counts: Mapping[str, int]) -> str:
    for thing in ("found", "batches", "laws", "tried"):
        if thing in counts:
            return f"{counts[thing]} {'rows' if thing == 'found' else thing}"
    return ""


def _line(change: Change) -> str:
    return f"  {describe(change)}"


def _batch_line(result: JobResult) -> str:
    did = ", ".join(
        f"{name} +{counts.inserted} ~{counts.updated} -{counts.deleted}" for name, counts in result.datasets.items()
    )
    word = "" if result.code is ResultCode.DONE else f" {result.code.name}"
    return f"{result.platform} batch {result.batch}{word}: {did}"


def _grouped(actions: Sequence[str]) -> Sequence[str]:
    return [f"{actions.count(action)} x {action}" for action in dict.fromkeys(actions)]
