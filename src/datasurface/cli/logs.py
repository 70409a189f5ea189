"""``--log-format`` of the commands of jobs, and who hears of their jobs."""

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import TYPE_CHECKING, TextIO

import click
from attrs import define, evolve, field

from datasurface.cli.options import Target
from datasurface.cli.output import current_log, let_log, warn
from datasurface.errors import DataSurfaceError

if TYPE_CHECKING:
    from datasurface.deployment import Deployment
    from datasurface.environment import Environment
    from datasurface.logs import JsonLog
    from datasurface.operations.jobs import InForce
    from datasurface.results import PhysicalObject
    from datasurface.watching import Watch

_STANDARD_ERROR = 2
_LAST_LINES = 2.0
"""Seconds that are waited for what processes still print when the command is over."""

Callback = Callable[..., int]


def logged(*, one_at_a_time: bool = True) -> Callable[[Callback], Callback]:
    """The option ``--log-format`` of a command of jobs. As JSON, all that the command writes to standard error is a
    line of the log, also what a library prints, or the code of a transformer.

    ``one_at_a_time``: whether the command runs one job after the other.
    """

    def decorated(callback: Callback) -> Callback:
        @click.option(
            "--log-format",
            type=click.Choice(["text", "json"]),
            default="text",
            envvar="DATASURFACE_LOG",
            show_envvar=True,
            help="What standard error has: text for people, or a JSON object a line.  [default: text]",
        )
        @functools.wraps(callback)
        def command(*target: Target, log_format: str, **words: object) -> int:
            if log_format == "json":
                _begin(one_at_a_time, words)
            return callback(*target, **words)

        return command

    return decorated


def end_log() -> None:
    """Standard error is as it was before; nothing where there was no log."""
    taken = _TAKEN.get()
    let_log(None)
    _TAKEN.set(None)
    if taken is not None:
        taken.give_back()


@contextmanager
def watched(target: Target) -> "Iterator[InForce]":
    """What is in force, with those who hear of its jobs: the log, and a catalogue of lineage where there is one."""
    in_force, log = target.in_force(), current_log()
    watches: list[Watch] = [] if log is None else [log]
    environment = target.environment()
    if not environment.openlineage and not os.environ.get("OPENLINEAGE_URL"):
        yield _with(in_force, watches)
        return
    with _lineage(in_force, environment) as found:
        yield _with(in_force, [*watches, *found])


@contextmanager
def _lineage(in_force: "InForce", environment: "Environment") -> "Iterator[list[Watch]]":
    from datasurface.lineage.delivery import Delivery
    from datasurface.lineage.settings import settings
    from datasurface.lineage.watch import LineageWatch

    try:
        told = settings(environment, in_force.credentials, os.environ)
    except DataSurfaceError as error:  # no job fails by its lineage
        warn(f"no lineage is told: {error.message}", error.hint)
        told = None
    if told is None:
        yield []
        return

    def objects(part: "Deployment") -> "list[PhysicalObject]":
        return list(in_force.plugins.runtime(part, in_force.generation, in_force.credentials).objects())

    log = current_log()  # of this thread; it is the delivery's that warns
    delivery = Delivery(told, warn if log is None else functools.partial(log.write, "warning"))
    try:
        yield [LineageWatch(delivery, objects)]
    finally:
        delivery.close()


def _with(in_force: "InForce", watches: "list[Watch]") -> "InForce":
    from datasurface.watching import Watches

    return evolve(in_force, watch=Watches(watches))


def _begin(one_at_a_time: bool, words: dict[str, object]) -> None:
    from datasurface.logs import JsonLog

    taken = _StandardError.take()
    context = {key: words[key] for key in ("platform", "stream", "run_id") if words.get(key) is not None}
    log = JsonLog(sys.stderr if taken is None else taken.before, follows=one_at_a_time, context=context)
    if taken is not None:
        taken.listen(log)
    _TAKEN.set(taken)
    let_log(log)


@define
class _StandardError:
    """Standard error, whose lines come to us: also those of libraries and of processes that we start.

    Attributes:
        before: where they went before.
        end: our end of the pipe.
    """

    before: TextIO
    end: int
    _thread: Thread | None = field(default=None, init=False)

    @classmethod
    def take(cls) -> "_StandardError | None":
        """Take it; None where it is no file, as in a test."""
        try:
            if sys.stderr.fileno() != _STANDARD_ERROR:
                return None
        except (OSError, ValueError, AttributeError):  # ValueError: it is closed
            return None
        sys.stderr.flush()
        before = os.fdopen(os.dup(_STANDARD_ERROR), "w", encoding="utf-8", errors="backslashreplace")
        end, theirs = os.pipe()
        os.dup2(theirs, _STANDARD_ERROR)
        os.close(theirs)
        return cls(before, end)

    def listen(self, log: "JsonLog") -> None:
        """Write each line that comes into a log."""
        self._thread = Thread(target=self._forward, args=[log], name="standard error", daemon=True)
        self._thread.start()

    def give_back(self) -> None:
        """Let it be what it was, once what was written has gone there."""
        sys.stderr.flush()
        os.dup2(self.before.fileno(), _STANDARD_ERROR)
        if self._thread is not None:
            self._thread.join(_LAST_LINES)  # a process that outlives us may hold the other end

    def _forward(self, log: "JsonLog") -> None:
        with os.fdopen(self.end, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.strip():
                    log.write("info", "output", text=line.rstrip("\n"))


_TAKEN: "ContextVar[_StandardError | None]" = ContextVar("taken", default=None)
