"""What was measured, as values, and what several runs of it say together. Nothing here has an effect."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from attrs import frozen

from benchmarks.merge.cases import Case, Change
from benchmarks.spread import Spread, ratios
from datasurface.errors import DataSurfaceError

PHASES = ("wait", "source", "transfer", "merge")
"""Where the time of a job went, as its result record says it."""


@frozen
class Process:
    """One job's process. Seconds, and bytes of resident memory.

    Attributes:
        start: from the making of the process until its first connection.
        configuration: reading what is in force.
        memory_before: when all is imported and configured, before the job.
        phases: seconds by phase, of the result record.
    """

    start: float
    configuration: float
    memory_before: int
    memory_peak: int
    phases: Mapping[str, float]


@frozen
class Measurement:
    """The seconds of one case in one run, inside the job where it is one of ours.

    Attributes:
        platform: None for a floor.
        level: how the engine found what had changed, in its own word.
    """

    run: int
    case: Case
    platform: str | None
    seconds: float
    process: Process | None = None
    level: str = ""

    @property
    def rest(self) -> float:
        """Seconds of the job that no phase accounts for."""
        return self.seconds - sum(self.process.phases.values()) if self.process else 0.0


@frozen
class Figures:
    """All runs of one case on one platform together, those apart in which the engine went another way.

    Attributes:
        bound: how many times the yardstick it may take; None where nothing is promised.
    """

    case: Case
    platform: str | None
    level: str
    runs: int
    bound: float | None
    seconds: Spread
    ratio: Spread
    phases: Mapping[str, float]
    rest: float
    start: Spread | None
    memory_before: Spread | None
    memory_peak: Spread | None

    @property
    def is_within(self) -> bool | None:
        """Whether the median is within the bound; None where there is none."""
        return None if self.bound is None else self.ratio.median <= self.bound


class WrongWork(DataSurfaceError):
    """A job did something else than its case is about, so that its time means nothing."""


def read_job(
    run: int, case: Case, platform: str, document: Mapping[str, object], wanted: Change, level: str = ""
) -> Measurement:
    """The measurement in a job's JSON line; WrongWork unless the job did exactly the wanted change."""
    result = _mapping(document["result"])
    done = [_mapping(counts) for counts in _mapping(result["datasets"]).values()]
    counts = Change(*(sum(_integer(each[name]) for each in done) for name in ("updated", "inserted", "deleted")))
    if result["result"] != "DONE" or counts != wanted:
        raise WrongWork(
            f"{platform}, {case.title}: {result['result']} with {counts}, wanted {wanted}; {result['error']}",
            hint="the benchmark ends here, since the time of other work means nothing",
        )
    seconds = _mapping(result["seconds"])
    process = Process(
        start=_number(document["start"]),
        configuration=_number(document["configuration"]),
        memory_before=_integer(document["memory_before"]),
        memory_peak=_integer(document["memory_peak"]),
        phases={phase: _number(seconds[phase]) for phase in PHASES},
    )
    return Measurement(run, case, platform, _number(document["seconds"]), process, level)


def figures(measurements: Sequence[Measurement], cases: Iterable[Case]) -> list[Figures]:
    """The figures of each case in this order, each platform on its own; ratios are taken within one run."""
    floors = {
        (run, case.name): median(
            measured.seconds for measured in measurements if (measured.run, measured.case) == (run, case)
        )
        for run, case in {(measured.run, measured.case) for measured in measurements if measured.case.is_floor}
    }
    found: list[Figures] = []
    for case in cases:
        of_case = [measured for measured in measurements if measured.case == case]
        for platform, level in dict.fromkeys((measured.platform, measured.level) for measured in of_case):
            same_way = [m for m in of_case if (m.platform, m.level) == (platform, level)]
            found.append(_figures(case, platform, same_way, floors, _bound(case, platform, found)))
    return found


def _bound(case: Case, platform: str | None, before: Iterable[Figures]) -> float | None:
    """What a case may take; where that depends on another case, by the figures of that one."""
    bound = case.bound.of(platform)
    if bound is None or case.beside is None:
        return bound
    beside = [other.ratio.median for other in before if (other.case.name, other.platform) == (case.beside, platform)]
    return bound * min(beside) if beside else None


def _figures(
    case: Case,
    platform: str | None,
    runs: Sequence[Measurement],
    floors: Mapping[tuple[int, str], float],
    bound: float | None,
) -> Figures:
    seconds = [measured.seconds for measured in runs]
    processes = [measured.process for measured in runs if measured.process is not None]
    return Figures(
        case=case,
        platform=platform,
        level=runs[0].level,
        runs=len(runs),
        bound=bound,
        seconds=Spread.of(seconds),
        ratio=ratios(seconds, [floors[measured.run, case.yardstick] for measured in runs]),
        phases={phase: median(process.phases[phase] for process in processes) for phase in PHASES if processes},
        rest=median(measured.rest for measured in runs),
        start=Spread.of([process.start for process in processes]) if processes else None,
        memory_before=Spread.of([process.memory_before for process in processes]) if processes else None,
        memory_peak=Spread.of([process.memory_peak for process in processes]) if processes else None,
    )


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _integer(value: object) -> int:
    assert isinstance(value, int)
    return value
