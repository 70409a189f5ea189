"""``datasurface rollback``."""

from typing import TYPE_CHECKING

import click

from datasurface.cli.apply import applied_document, say_steps
from datasurface.cli.asking import ask, yes_option
from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import print_document, say
from datasurface.cli.plan import styled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datasurface.operations.rollback import Rollback


@click.command()
@in_force_options
@click.option(
    "--to", type=click.IntRange(min=1), metavar="GENERATION", help="To go back to.  [default: the one before]"
)
@yes_option
def command(target: Target, to: int | None, yes: bool) -> int:
    """Put the model of an earlier generation in force again, as a new generation.

    Drops no table and no column, and compares nothing with the source of the change. Says what it will do and asks
    first.
    """
    from datasurface.operations.rollback import preview_rollback, rollback

    in_force = target.in_force()
    seen = preview_rollback(in_force, to)
    for line in _lines(seen):
        say(line)
    ask(yes, "nothing was rolled back")
    report = rollback(in_force, seen, say_steps)
    if target.as_json:
        print_document({**applied_document(report), "rollback_to": seen.to.number})
    else:
        click.echo(f"generation {report.generation} is in force, with the model of generation {seen.to.number}")
    return 0


def _lines(seen: "Rollback") -> "Iterator[str]":
    to = seen.to
    commit = f", commit {to.commit}" if to.commit else ""
    yield f"from generation {seen.before.number} back to {to.number} ({to.applied_at:%Y-%m-%d %H:%M:%S} UTC{commit})"
    yield seen.summary()
    yield from map(styled, seen.lines())
    for platform, steps in seen.steps.items():
        yield ""
        yield f"{platform}: {'would do' if steps else 'nothing to do'}"
        for step in steps:
            yield f"  {step.action} {step.object}"
            if step.note:
                yield f"    {step.note}"
