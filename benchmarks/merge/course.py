"""The course of a benchmark: for each run an empty merge database, then the rounds, floors and jobs in turn."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from benchmarks.merge.cases import Change, Round, expected, rounds
from benchmarks.merge.floor import measure_floor
from benchmarks.merge.measured import Measurement, WrongWork, read_job
from benchmarks.merge.model import FORENSIC, LIVE, STREAM
from benchmarks.merge.servers import Servers, change_rows

_ROOT = Path(__file__).parents[2]


def steps_of(rows: int, runs: int) -> int:
    """How many measurements ``measure`` makes."""
    return runs * sum(len(step.floors) + 2 for step in rounds(rows))


def measure(at: Servers, rows: int, runs: int) -> Iterator[Measurement]:
    """All measurements, one by one as they are made. The table keeps its size through all runs."""
    for run in range(1, runs + 1):
        at.apply()
        for number, step in enumerate(rounds(rows)):
            change_rows(at, step.change, seed=100 * run + number)
            yield from _round(at, step, run, expected(step, rows))


def _round(at: Servers, step: Round, run: int, wanted: Change) -> Iterator[Measurement]:
    """Floors first; which platform is first changes from run to run, since the second finds the source's pages in
    memory."""
    for floor in step.floors:
        yield Measurement(run, floor, None, measure_floor(at, floor))
    for platform in (LIVE, FORENSIC) if run % 2 else (FORENSIC, LIVE):
        at.settle()
        yield read_job(run, step.case, platform, _job(at, platform, f"{step.case.name}-{run}"), wanted)


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
