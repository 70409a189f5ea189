"""A run of the simulator in a terminal or a container: signals in, lines out."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
from types import FrameType

import click

from datasurface_yellow.simulator.changes import Change, ChangeKind
from datasurface_yellow.simulator.describe import describe
from datasurface_yellow.simulator.options import SimulatorOptions
from datasurface_yellow.simulator.producer import create_producer
from datasurface_yellow.simulator.simulator import run_simulator
from datasurface_yellow.simulator.target import Target


def run_in_terminal(target: Target, options: SimulatorOptions, *, create: bool, as_json: bool) -> None:
    """Runs until the last change, SIGINT or SIGTERM; prints a line per change and a summary.

    With ``as_json`` the lines go to standard error, and one document to standard output: ``changes``, ``kinds`` (how
    many of each), ``seed``, ``database``, ``log`` and ``stopped_by`` ("max-changes" or "signal").
    """
    kinds: Counter[ChangeKind] = Counter()

    def report(change: Change) -> None:
        kinds[change.kind] += 1
        click.echo(describe(change), err=as_json)

    with stop_on_signals() as stop:
        if create:
            target.create_database()
            with closing(target.connect()) as connection:
                create_producer(connection)
            click.echo(f"{target} has its tables and first rows", err=as_json)
        # Away from the main thread, which alone handles signals and must not wait for the database meanwhile.
        with ThreadPoolExecutor(max_workers=1) as pool:
            made = pool.submit(run_simulator, target.connect, options, report, stop).result()
    if as_json:
        summary = {
            "changes": made,
            "kinds": {kind: kinds[kind] for kind in ChangeKind},
            "seed": options.seed,
            "database": str(target),
            "log": None if options.log is None else str(options.log),
            "stopped_by": "signal" if stop.is_set() else "max-changes",
        }
        click.echo(json.dumps(summary))
    else:
        plural = "" if made == 1 else "s"
        parts = "".join(f", {count} {kind}" for kind, count in kinds.items())
        click.echo(f"{made} change{plural} in {target}, seed {options.seed}{parts}")


@contextmanager
def stop_on_signals() -> Iterator[Event]:
    """An event that SIGINT or SIGTERM sets. The second of a kind ends the process at once, should the database hang."""
    stop = Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)
        click.echo("stopping after the change in hand; again to break off", err=True)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
