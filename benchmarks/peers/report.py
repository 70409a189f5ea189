"""What the contest says: a table a case for people, one JSON document for everything else."""

from collections.abc import Mapping, Sequence

from attrs import asdict
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.peers.contender import Contender
from benchmarks.peers.measured import Outcome, combined, leads

CAPTION = """Copy: dbt and SQLMesh read only their own database, so somebody has to copy
the table there first; here a binary COPY, as fast as can be. Process: from its
start to its end. Work: what the product itself says, without that start. From
the source: copy and process. A peer counts only where its live rows, and all
its versions where it keeps them, are right. Medians of all runs."""


def show(console: Console, title: str, floors: Mapping[str, float], outcomes: Sequence[Outcome]) -> None:
    """Print each case, then how we compare with the fastest right peer."""
    console.print(title)
    found = combined(outcomes)
    for case, floor in floors.items():
        table = _table(f"{case}; seconds; floor {floor:.2f}", ["copy", "process", "work", "× floor"])
        table.add_column("result", overflow="fold", max_width=24)
        for outcome in (each for each in found if each.case == case):
            work = outcome.inside if outcome.inside is not None else outcome.seconds
            ratio = "-" if work is None else f"{work / floor:.2f}"
            times = _seconds(outcome.landing or None), _seconds(outcome.seconds), _seconds(outcome.inside)
            table.add_row(outcome.title, *times, ratio, outcome.fault[:70] or "right")
        console.print(table)
    table = _table("Against the fastest right peer of its kind", ["measured"])
    table.add_column("faster", justify="right")
    table.add_column("than")
    for lead in leads(found):
        table.add_row(f"{lead.case}, {lead.ours.rpartition(' ')[2]}", lead.measure, f"{lead.times:.1f} ×", lead.peer)
    console.print(table)
    console.print(CAPTION)


def show_settings(console: Console, contenders: Sequence[Contender]) -> None:
    """Print how each product was set up."""
    for contender in contenders:
        console.print(f"{contender.title}: {'; '.join(contender.notes)}", soft_wrap=True)


def document(
    about: Mapping[str, object],
    floors: Mapping[str, float],
    outcomes: Sequence[Outcome],
    contenders: Sequence[Contender],
) -> dict[str, object]:
    """Everything as plain JSON values, in seconds."""
    return {
        **about,
        "notes": {contender.title: list(contender.notes) for contender in contenders},
        "floors": dict(floors),
        "outcomes": [asdict(outcome) for outcome in combined(outcomes)],
        "measurements": [asdict(outcome) for outcome in outcomes],
        "leads": [asdict(lead) for lead in leads(combined(outcomes))],
    }


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f}"


def _table(title: str, numbers: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    return table
