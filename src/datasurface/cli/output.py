"""What every command prints the same way: results on standard output, all else on standard error."""

import json
import sys
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING

import click

from datasurface.errors import ChangeRefused, DataSurfaceError, JobError, ModelRefused
from datasurface.findings import Finding

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from datasurface.logs import JsonLog


_LOG: "ContextVar[JsonLog | None]" = ContextVar("log", default=None)
"""Of the command that runs, where its standard error is a log."""


def current_log() -> "JsonLog | None":
    """The log that standard error is; None where it is text for people."""
    return _LOG.get()


def let_log(log: "JsonLog | None") -> None:
    """From now on standard error is this log, or text."""
    _LOG.set(log)


def print_document(document: object) -> None:
    """One JSON document on one line of standard output."""
    click.echo(json.dumps(document, ensure_ascii=False))


def say(text: str) -> None:
    """A line for the person at the terminal, on standard error."""
    log = current_log()
    if log is None:
        click.echo(text, err=True)
    else:
        log.write("info", click.unstyle(text))


def warn(text: str, hint: str | None = None) -> None:
    """A warning, on standard error."""
    log = current_log()
    if log is not None:
        log.write("warning", text, hint=hint)
        return
    say(f"{click.style('warning:', fg='yellow', bold=True)} {on_one_line(text)}")
    if hint:
        say(f"    {click.style('hint:', fg='cyan')} {on_one_line(hint)}")


def print_error(error: DataSurfaceError, *, as_json: bool = False) -> None:
    """What happened and what to do, on standard error; with ``as_json`` also as a document."""
    findings = error.findings if isinstance(error, ModelRefused) else ()
    for finding in findings:
        say(finding_text(finding))
    refusals = error.refusals if isinstance(error, ChangeRefused) else ()
    for message, hint in refusals:
        _print_failure(message, hint)
    _print_failure(error.message, error.hint)
    if as_json:
        dataset = error.dataset if isinstance(error, JobError) else None
        document = _failure_document(type(error).__name__, error.message, error.hint, dataset)
        if findings:
            document["findings"] = [finding.document() for finding in findings]
        if refusals:
            document["refusals"] = [{"message": message, "hint": hint} for message, hint in refusals]
        print_document(document)


def print_usage_error(error: click.UsageError, *, as_json: bool) -> None:
    """What is wrong with the command's words, as click says it; with ``as_json`` also as a document."""
    error.show()
    if as_json:
        hint = f"{error.ctx.command_path} --help" if error.ctx else None
        print_document(_failure_document("UsageError", error.format_message(), hint, None))


def _print_failure(message: str, hint: str | None) -> None:
    log = current_log()
    if log is not None:
        log.write("error", message, hint=hint)
        return
    say(f"{click.style('error:', fg='red', bold=True)} {_joined(message)}")
    if hint:
        say(f"{click.style('hint:', fg='cyan')} {_joined(hint)}")


def _failure_document(kind: str, message: str, hint: str | None, dataset: str | None) -> dict[str, object]:
    return {"error": {"type": kind, "message": message, "dataset": dataset, "hint": hint}}


def finding_text(finding: Finding) -> str:
    """A finding as compilers print theirs, with its place in the model and the hint on lines of their own."""
    place = f"{finding.source}: " if finding.source else ""
    severity = click.style(finding.severity.value, fg="red" if finding.is_error else "yellow", bold=True)
    lines = [f"{on_one_line(place)}{severity} {finding.code}: {on_one_line(finding.message)}"]
    if finding.path:
        lines.append(f"    in {on_one_line(finding.path)}")
    lines.append(f"    {click.style('hint:', fg='cyan')} {on_one_line(finding.hint)}")
    return "\n".join(lines)


def on_one_line(text: str) -> str:
    """Text with names of users in it, which hold whatever can be typed, as one line that a terminal only shows."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _joined(text: str) -> str:
    """What git or a server said in several lines, on one: none of them may begin with a command to the CI."""
    return on_one_line(" ".join(text.splitlines()))


def console() -> "Console":
    """A terminal for tables; 80 columns where standard output is none. Text is printed as it is, brackets too."""
    from rich.console import Console

    terminal = Console(file=sys.stdout, markup=False, emoji=False, highlight=False)
    if terminal.width == 0:  # COLUMNS=0, as where the size of a terminal is not known
        terminal.width = 80
    return terminal


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[str] = ()) -> "Table":
    """A table under its title; columns in ``numbers`` are set to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=Text(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    right = set(numbers)
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def counted(number: int, thing: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
