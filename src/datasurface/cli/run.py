"""``datasurface run``: the local scheduler."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

import click

from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import counted, print_document, say
from datasurface.cli.seconds import span

if TYPE_CHECKING:
    from datasurface.operations.schedule import RunReport
    from datasurface.operations.workers import Threads
    from datasurface.results import JobResult


@click.command()
@in_force_options
@click.option("--once", is_flag=True, help="One batch of every stream, then end.")
@click.option("--duration", type=float, callback=span, metavar="SECONDS", help="End after so long.")
def command(target: Target, once: bool, duration: float | None) -> int:
    """Run every stream on its platform's schedule.

    Begins with a batch of each, and goes on until Ctrl+C. That lets the batches at work finish; a second one breaks
    off. The exit code is 1 when the last batch of a stream failed.
    """
    from datasurface.operations.schedule import run
    from datasurface.operations.workers import Threads

    workers = Threads()
    with stopped_by_signals(workers):
        report = run(
            target.in_force(),
            workers,
            once=once,
            duration=None if duration is None else timedelta(seconds=duration),
            on_result=partial(_show, to_stderr=target.as_json),
            on_generation=lambda number: say(f"generation {number} is in force now"),
        )
    if target.as_json:
        print_document(_document(report))
    else:
        jobs = sum(stream.jobs for stream in report.streams.values())
        failed = sum(stream.failed for stream in report.streams.values())
        click.echo(f"{counted(len(report.streams), 'stream')}, {counted(jobs, 'job')}, {failed} failed")
    return 0 if report.is_well else 1


@contextmanager
def stopped_by_signals(workers: "Threads") -> Iterator[None]:
    """SIGINT and SIGTERM ask the workers for the end; the second of them interrupts."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if workers.is_stopping:
            raise KeyboardInterrupt
        workers.stop()
        say("finishing the batches at work; once more breaks off")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(result: "JobResult", *, to_stderr: bool) -> None:
    batch = "no batch" if result.batch is None else f"batch {result.batch}"
    words = [f"{datetime.now(UTC):%H:%M:%S}", result.platform, result.stream, batch, result.code.name]
    words += [
        f"{name} +{counts.inserted} ~{counts.updated} -{counts.deleted}" for name, counts in result.datasets.items()
    ]
    lines = ["  ".join(words)]
    if result.error is not None:
        lines += [f"    {result.error.message}", f"    hint: {result.error.hint}"]
    click.echo("\n".join(lines), err=to_stderr)


def _document(report: "RunReport") -> dict[str, object]:
    return {
        "well": report.is_well,
        "streams": [
            {
                "platform": name.platform,
                "stream": name.stream,
                "jobs": run.jobs,
                "failed": run.failed,
                "last": run.last.document(),
            }
            for name, run in report.streams.items()
        ],
    }
