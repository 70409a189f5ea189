"""The course of a benchmark: for each run an empty merge database, then the rounds, floors and jobs in turn."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

from benchmarks.merge.cases import (
    FLOOR,
    HISTORY,
    HISTORY_TIMES,
    Change,
    Round,
    expected,
    percent_of,
    rounds,
)
from benchmarks.merge.floor import measure_floor
from benchmarks.merge.measured import Measurement, WrongWork, read_job
from benchmarks.merge.model import FORENSIC, LIVE, STREAM
from benchmarks.merge.servers import Servers, change_rows, session_of, sql
from benchmarks.merge.shapes import STANDARD, Shape
from datasurface_yellow.store.catalog import platform_names
from datasurface_yellow.store.connection import one

_ROOT = Path(__file__).parents[2]

_SETTLED_EVERY = 10
"""After so many batches of a history autovacuum would have come by."""


def steps_of(rows: int, runs: int, shapes: Iterable[Shape], history: int) -> int:
    """How many measurements ``measure`` makes, and batches that it does not measure."""
    of_rounds = sum(len(step.floors) + len(step.platforms) for shape in shapes for step in rounds(rows, shape))
    return runs * of_rounds + (2 * HISTORY_TIMES if history and STANDARD in shapes else 0)


def measure(at: Servers, rows: int, runs: int, shape: Shape) -> Iterator[Measurement]:
    """All measurements of one kind of table, one by one as they are made. The table keeps its size through all runs."""
    for run in range(1, runs + 1):
        at.apply(shape)
        for number, step in enumerate(rounds(rows, shape)):
            change_rows(at, shape, step.change, seed=100 * run + number)
            yield from _round(at, step, run, expected(step, rows))


def measure_history(at: Servers, rows: int, runs: int, history: int) -> Iterator[Measurement]:
    """A forensic platform takes in so many batches of 1 %, unmeasured; then floors and batches behind them."""
    at.apply(STANDARD)
    _job(at, FORENSIC, "history-load")
    change = percent_of(rows)
    for number in range(history):
        change_rows(at, STANDARD, change, seed=10_000 + number)
        _job(at, FORENSIC, f"history-{number}")
        if number % _SETTLED_EVERY == 0:
            at.settle(STANDARD)
    for number in range(1, HISTORY_TIMES + 1):
        change_rows(at, STANDARD, change, seed=20_000 + number)
        yield from _round(at, Round(change, (FLOOR,), HISTORY, (FORENSIC,)), runs + number, change)


def _round(at: Servers, step: Round, run: int, wanted: Change) -> Iterator[Measurement]:
    """Floors first; which platform is first changes from run to run, since the second finds the source's pages in
    memory."""
    for floor in step.floors:
        yield Measurement(run, floor, None, measure_floor(at, floor))
    for platform in step.platforms if run % 2 else reversed(step.platforms):
        at.settle(step.case.shape)
        document = _job(at, platform, f"{step.case.name}-{run}")
        yield read_job(run, step.case, platform, document, wanted, _level(at, platform))


def _job(at: Servers, platform: str, run_id: str) -> dict[str, object]:
    """Run one batch in a process of its own; what it prints."""
    order = {"store": at.store, "platform": platform, "stream": STREAM, "run_id": run_id, "spawned": monotonic()}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.merge.job"],
        input=json.dumps(order),
        env={**os.environ, **at.variables},
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise WrongWork(f"the job {run_id} on {platform} ended with exit code {done.returncode}")
    document: dict[str, object] = json.loads(done.stdout)
    return document


def _level(at: Servers, platform: str) -> str:
    """How the last batch found its changes, in the engine's own word."""
    assert platform in (LIVE, FORENSIC)
    names = platform_names(platform, "public")
    with session_of(at.target, "merge") as session:
        found = one(session, sql("levels").replace("METRICS", f"{names.schema}.{names.batch_metrics}"))
    return str(found[0] or "") if found else ""
