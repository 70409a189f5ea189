"""What the contenders' runs came to, as values. Nothing here has an effect."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

from attrs import evolve, frozen

from benchmarks.merge.cases import Change


@frozen
class Wanted:
    """What a table must hold after a run.

    Attributes:
        versions: all versions since the first load.
    """

    live: int
    versions: int


def wanted(rows: int, changes: Sequence[Change]) -> Wanted:
    """What a table of so many rows must hold after a first load and these changes."""
    inserted = sum(change.inserted for change in changes)
    deleted = sum(change.deleted for change in changes)
    updated = sum(change.updated for change in changes)
    return Wanted(rows + inserted - deleted, rows + inserted + updated)


@frozen
class Held:
    """What a table held after a run: its live rows, whether they are the source's, and all its versions."""

    live: int
    same: bool
    versions: int


@frozen
class Floor:
    """The seconds of a bare copy of the table, just before a case."""

    case: str
    seconds: float


@frozen
class Outcome:
    """One contender's run of one case.

    Attributes:
        name: of the contender, as ``title`` is.
        seconds: of the whole process.
        inside: seconds of the work alone, by the product's own report.
        landing: seconds of the copy that somebody else had to make before it.
        fault: why it does not count; empty where its result is right.
    """

    case: str
    name: str
    title: str
    keeps_past: bool
    is_ours: bool
    seconds: float | None
    inside: float | None
    landing: float = 0.0
    fault: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it finished with the right result."""
        return not self.fault


def combined(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The median of each contender's runs of each case, each case in the order of the first; one run at fault is a
    fault of all."""
    cases, names = (list(dict.fromkeys(each)) for each in ([o.case for o in outcomes], [o.name for o in outcomes]))
    found: dict[tuple[str, str], list[Outcome]] = {(case, name): [] for case in cases for name in names}
    for outcome in outcomes:
        found[outcome.case, outcome.name].append(outcome)
    return [
        evolve(
            runs[0],
            seconds=_median(run.seconds for run in runs),
            inside=_median(run.inside for run in runs),
            landing=_median(run.landing for run in runs) or 0.0,
            fault=next((run.fault for run in runs if run.fault), ""),
        )
        for runs in found.values()
        if runs
    ]


def _median(values: Iterable[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return median(there) if there else None


def floors_of(floors: Iterable[Floor]) -> dict[str, float]:
    """The median floor of each case."""
    found: dict[str, list[float]] = {}
    for floor in floors:
        found.setdefault(floor.case, []).append(floor.seconds)
    return {case: median(seconds) for case, seconds in found.items()}


def fault_of(held: Held, must: Wanted, *, keeps_past: bool) -> str:
    """What is wrong with a result; empty where nothing is."""
    if held.live != must.live:
        return f"wrong: {held.live:,} live rows, the source has {must.live:,}"
    if not held.same:
        return "wrong: its live rows are not the source's"
    if keeps_past and held.versions != must.versions:
        return f"wrong: {held.versions:,} versions, not {must.versions:,}"
    return ""


@frozen
class Lead:
    """How we compare, in one case, with the fastest of the peers whose result is right.

    Attributes:
        measure: what was compared.
        times: how many times longer the peer takes.
    """

    case: str
    ours: str
    peer: str
    measure: str
    times: float


def leads(outcomes: Sequence[Outcome]) -> list[Lead]:
    """Each of ours against the fastest right peer of its kind: histories against histories, live rows against any that
    keeps the live rows right. Who is the fastest is asked for each measure."""
    found: list[Lead] = []
    for ours in (outcome for outcome in outcomes if outcome.is_ours and outcome.is_right):
        peers = [
            peer
            for peer in outcomes
            if peer.case == ours.case
            and not peer.is_ours
            and peer.is_right
            and (peer.keeps_past or not ours.keeps_past)
        ]
        for name, measure in MEASURES.items():
            timed = [(seconds, peer.title) for peer in peers if (seconds := measure(peer)) is not None]
            own = measure(ours)
            if timed and own:
                fastest, title = min(timed)
                found.append(Lead(ours.case, ours.title, title, name, fastest / own))
    return found


def _from_the_source(outcome: Outcome) -> float | None:
    return None if outcome.seconds is None else outcome.seconds + outcome.landing


MEASURES: Mapping[str, Callable[[Outcome], float | None]] = {
    "from the source": _from_the_source,
    "process": lambda outcome: outcome.seconds,
    "work": lambda outcome: outcome.inside,
}
"""Seconds by what they are of: from the rows at the source to the result, copy included; the product's process alone;
its work alone, by its own report."""
