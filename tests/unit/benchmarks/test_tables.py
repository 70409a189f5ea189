"""Tables for people fit a terminal of 80 columns."""

from io import StringIO

from rich.console import Console

from benchmarks.evolution import cases as changes
from benchmarks.evolution import measured as evolution
from benchmarks.evolution import report as evolution_report
from benchmarks.merge.cases import Case, cases_of
from benchmarks.merge.measured import Measurement, Process, figures
from benchmarks.merge.report import show
from benchmarks.merge.shapes import SHAPES

PHASES = {"wait": 0.02, "source": 12.26, "transfer": 12.99, "merge": 124.02}


def test_the_longest_names_and_numbers_of_the_merge_are_whole() -> None:
    console, cases = Console(file=StringIO(), width=80), [case for shape in SHAPES.values() for case in cases_of(shape)]
    measurements = [measured for run in (1, 2) for case in cases for measured in _measured(run, case)]
    show(console, "title", figures(measurements, cases))
    assert "…" not in _written(console)


def test_the_longest_names_and_numbers_of_changes_are_whole() -> None:
    console = Console(file=StringIO(), width=80)
    measurements = [
        evolution.Measurement(run, case, 11.0 * run, 1.0, 9, 1_000_000, (), {"AccessExclusiveLock": 12.3}, 12.3)
        for run in (1, 2)
        for case in changes.cases()
    ]
    evolution_report.show(console, "title", evolution.figures(measurements, changes.cases()))
    assert "…" not in _written(console)


def _measured(run: int, case: Case) -> list[Measurement]:
    if case.is_floor:
        return [Measurement(run, case, None, 1.0)]
    process = Process(0.25, 0.1, 45_000_000, 48_000_000, PHASES)
    return [Measurement(run, case, platform, 25.7 * run, process, "fingerprint") for platform in ("Live", "Forensic")]


def _written(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()
