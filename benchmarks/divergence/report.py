"""What the comparison says: a table for people, one JSON document for everything else."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.divergence.cases import Case
from benchmarks.divergence.history import Judgement, Verdict
from benchmarks.divergence.limits import limit_of
from benchmarks.peers.contender import Contender

CAPTION = """right: every version is there with the runs it was live in, as the source wrote
it, and a snapshot that must be refused was refused.
error: it said that it could not, and kept the rest right.
WRONG: it kept something else and said nothing."""

Judgements = Mapping[str, Mapping[str, Judgement]]
"""By contender's name, then by case's name."""


def show(console: Console, cases: Sequence[Case], contenders: Sequence[Contender], found: Judgements) -> None:
    """Print who was right where, then every reason."""
    table = Table(title="Who ends with the right history", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("sequence", no_wrap=True)
    for contender in contenders:
        table.add_column(contender.title)
    for case in cases:
        table.add_row(case.title, *(found[each.name][case.name].verdict.value for each in contenders))
    table.add_row("right", *(f"{_right(found[each.name])} of {len(cases)}" for each in contenders))
    console.print(table)
    console.print(CAPTION)
    for contender in contenders:
        for case in cases:
            judgement = found[contender.name][case.name]
            if judgement.verdict is not Verdict.RIGHT:
                console.print(f"\n{contender.title}, {case.title}: {judgement.reason[:400]}", soft_wrap=True)
                if note := limit_of(contender.name, case.name):
                    console.print(f"  Documented or reported: {note}", soft_wrap=True)


def document(
    about: Mapping[str, object], cases: Sequence[Case], contenders: Sequence[Contender], found: Judgements
) -> dict[str, object]:
    """Everything as plain JSON values."""
    return {
        **about,
        "cases": {case.name: case.title for case in cases},
        "contenders": {contender.name: contender.title for contender in contenders},
        "notes": {contender.title: list(contender.notes) for contender in contenders},
        "judgements": {
            name: {
                case: {
                    "verdict": judgement.verdict.value,
                    "reason": judgement.reason,
                    "documented": limit_of(name, case),
                }
                for case, judgement in of_contender.items()
            }
            for name, of_contender in found.items()
        },
    }


def _right(of_contender: Mapping[str, Judgement]) -> int:
    return sum(judgement.verdict is Verdict.RIGHT for judgement in of_contender.values())
