"""What is measured: the cases, the changes before them, how long they may take, and what a job must then report."""

from attrs import frozen

from benchmarks.merge.model import FORENSIC, LIVE
from benchmarks.merge.shapes import STANDARD, Shape


@frozen
class Change:
    """Rows that the producer changes before a case."""

    updated: int = 0
    inserted: int = 0
    deleted: int = 0


@frozen
class Bound:
    """How many times its yardstick a case may take; None where nothing is promised."""

    live: float | None = None
    forensic: float | None = None

    def of(self, platform: str | None) -> float | None:
        """The bound on one platform."""
        return {LIVE: self.live, FORENSIC: self.forensic}.get(platform or "")


@frozen
class Case:
    """One thing whose time is taken.

    Attributes:
        name: in the JSON document.
        title: for people.
        is_floor: measured without us.
        yardstick: the name of the floor that its ratio is taken to.
        beside: the name of a case that it may cost only so much more than, by ``bound``; None where the bound is on the
            ratio to the yardstick.
    """

    name: str
    title: str
    is_floor: bool = False
    yardstick: str = "floor"
    bound: Bound = Bound()
    beside: str | None = None
    shape: Shape = STANDARD


@frozen
class Round:
    """Cases that are measured on one state of the source: the floors, then the case on the platforms."""

    change: Change
    floors: tuple[Case, ...]
    case: Case
    platforms: tuple[str, ...] = (LIVE, FORENSIC)


FLOOR = Case("floor", "floor: COPY, unlogged", is_floor=True)
INDEXED_FLOOR = Case("indexed_floor", "floor 2: logged, key index", is_floor=True)
FIRST_LOAD = Case("first_load", "first load", yardstick="indexed_floor", bound=Bound(1.3, 1.3))
NO_CHANGE = Case("no_change", "no change", bound=Bound(0.5, 0.5))
FEW_CHANGES = Case("few_changes", "12 rows changed", bound=Bound(1.6, 1.6))
PERCENT = Case("percent", "1.2 % changed", bound=Bound(2.6, 2.7))
# A batch begins to look where the one before it makes it likely to end. These come after one that was otherwise.
FEW_SURPRISE = Case("few_changes_surprise", "12 rows, a surprise")
PERCENT_SURPRISE = Case("percent_surprise", "1.2 %, a surprise")
NO_CHANGE_SURPRISE = Case("no_change_surprise", "no change, a surprise")
ALL_CHANGED = Case("all_changed", "100 % updated", bound=Bound(forensic=12))
HISTORY = Case("history", "behind history", bound=Bound(forensic=1.15), beside="percent")

HISTORY_TIMES = 3
"""How often a batch is measured behind the long history."""

_STANDARD = (
    FLOOR,
    INDEXED_FLOOR,
    FIRST_LOAD,
    NO_CHANGE,
    FEW_CHANGES,
    PERCENT,
    ALL_CHANGED,
    NO_CHANGE_SURPRISE,
    FEW_SURPRISE,
    PERCENT_SURPRISE,
    HISTORY,
)


def cases_of(shape: Shape) -> tuple[Case, ...]:
    """The cases of one kind of table; the bounds are those of the standard one."""
    if shape == STANDARD:
        return _STANDARD
    return tuple(_shaped(case, shape) for case in (FLOOR, INDEXED_FLOOR, FIRST_LOAD, NO_CHANGE, PERCENT))


def _shaped(case: Case, shape: Shape) -> Case:
    return Case(
        f"{shape.name}_{case.name}", case.title, case.is_floor, f"{shape.name}_{case.yardstick}", Bound(), None, shape
    )


def rounds(rows: int, shape: Shape = STANDARD) -> tuple[Round, ...]:
    """The rounds of one run on a table of so many rows."""
    if shape != STANDARD:
        floor, indexed, first_load, no_change, small_part = cases_of(shape)
        return (
            Round(Change(), (floor, indexed), first_load),
            Round(Change(), (floor,), no_change),
            Round(percent_of(rows), (floor,), small_part),
        )
    few = Change(10, 1, 1)
    return (
        Round(Change(), (FLOOR, INDEXED_FLOOR), FIRST_LOAD),
        Round(Change(), (FLOOR,), NO_CHANGE),
        Round(few, (FLOOR,), FEW_SURPRISE),
        Round(few, (FLOOR,), FEW_CHANGES),
        Round(percent_of(rows), (FLOOR,), PERCENT_SURPRISE),
        Round(percent_of(rows), (FLOOR, INDEXED_FLOOR), PERCENT),
        Round(Change(), (FLOOR,), NO_CHANGE_SURPRISE),
        Round(Change(updated=rows), (FLOOR,), ALL_CHANGED, (FORENSIC,)),
    )


def percent_of(rows: int) -> Change:
    """1 % updated, 0.1 % inserted, 0.1 % deleted."""
    return Change(updated=rows // 100, inserted=rows // 1000, deleted=rows // 1000)


def expected(step: Round, rows: int) -> Change:
    """What a job of this round must report: its change, or all rows as new ones."""
    return Change(inserted=rows) if step.case.name.endswith(FIRST_LOAD.name) else step.change
