"""What is measured: the cases, the changes before them, and what a job must then report."""

from attrs import frozen


@frozen
class Change:
    """Rows that the producer changes before a case."""

    updated: int = 0
    inserted: int = 0
    deleted: int = 0


@frozen
class Case:
    """One thing whose time is taken.

    Attributes:
        name: in the JSON document.
        title: for people.
        is_floor: measured without us.
        yardstick: the name of the floor that its ratio is taken to.
    """

    name: str
    title: str
    is_floor: bool = False
    yardstick: str = "floor"


@frozen
class Round:
    """Cases that are measured on one state of the source: the floors, then each of ours for both platforms."""

    change: Change
    floors: tuple[Case, ...]
    case: Case


FLOOR = Case("floor", "floor: COPY, unlogged table", is_floor=True)
INDEXED_FLOOR = Case("indexed_floor", "floor 2: COPY, logged, key index", is_floor=True)
FIRST_LOAD = Case("first_load", "first load", yardstick="indexed_floor")
NO_CHANGE = Case("no_change", "no change")
FEW_CHANGES = Case("few_changes", "12 rows changed")
PERCENT = Case("percent", "1.2 % changed")
CASES = (FLOOR, INDEXED_FLOOR, FIRST_LOAD, NO_CHANGE, FEW_CHANGES, PERCENT)


def rounds(rows: int) -> tuple[Round, ...]:
    """The rounds of one run on a table of so many rows."""
    percent = Change(updated=rows // 100, inserted=rows // 1000, deleted=rows // 1000)
    return (
        Round(Change(), (FLOOR, INDEXED_FLOOR), FIRST_LOAD),
        Round(Change(), (FLOOR,), NO_CHANGE),
        Round(Change(10, 1, 1), (FLOOR,), FEW_CHANGES),
        Round(percent, (FLOOR, INDEXED_FLOOR), PERCENT),
    )


def expected(step: Round, rows: int) -> Change:
    """What a job of this round must report: its change, or all rows as new ones."""
    return Change(inserted=rows) if step.case is FIRST_LOAD else step.change
