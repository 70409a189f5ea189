"""The figures as lines of a table. Nothing here has an effect."""

from collections.abc import Iterator, Sequence

from benchmarks.airflow_parse.course import IMPORT_SECONDS, PROCESSOR_SECONDS, STATIC, STEPS, Look
from benchmarks.spread import Spread

HEAD = (
    "Airflow",
    "files",
    "DAGs",
    *(f"{step}, s" for step in STEPS),
    "CPU ms a DAG",
    f"in {IMPORT_SECONDS} s",
    f"in {PROCESSOR_SECONDS} s",
)
"""The last two: whether a file keeps to Airflow's limits, for its DAGs and for all that is done with it."""


def lines(found: Sequence[Look]) -> Iterator[Sequence[str]]:
    """A line for each Airflow, size and kind of file: medians of all runs."""
    for kind in dict.fromkeys((look.airflow, look.streams, look.what) for look in found):
        looks = [look for look in found if (look.airflow, look.streams, look.what) == kind]
        limits = ("", "") if looks[0].what == STATIC else _within(looks)
        seconds = [f"{_median(looks, step):.1f}" if step in looks[0].steps else "" for step in STEPS]
        processor = Spread.of([_processor(look) for look in looks]).median
        yield looks[0].airflow, looks[0].what, f"{looks[0].dags:,}", *seconds, f"{processor:.1f}", *limits


def _within(looks: Sequence[Look]) -> tuple[str, str]:
    imports, file = _median(looks, STEPS[0]) < IMPORT_SECONDS, _median(looks, *STEPS) < PROCESSOR_SECONDS
    return "yes" if imports else "**no**", "yes" if file else "**no**"


def _median(looks: Sequence[Look], *steps: str) -> float:
    return Spread.of([look.seconds(*steps) for look in looks]).median


def _processor(look: Look) -> float:
    """Milliseconds of a core until a DAG is serialised."""
    return 1000 * sum(look.steps[step]["processor"] for step in STEPS[:2]) / look.dags
