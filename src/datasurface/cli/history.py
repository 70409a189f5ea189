"""``datasurface history``."""

from typing import TYPE_CHECKING

import click

from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import counted, on_one_line, print_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datasurface.runtime import PastGeneration


@click.command()
@in_force_options
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="So many generations.")
def command(target: Target, last: int) -> int:
    """Show what came into force, the newest first: when, by whom, and what it changed."""
    from datasurface.operations.jobs import history

    found = history(target.in_force(), last=last)
    if target.as_json:
        print_document({"generations": [_document(generation) for generation in found]})
    else:
        for generation in found:
            click.echo(on_one_line("  ".join(_facts(generation))))
            click.echo(f"    {on_one_line(generation.summary or 'what it changed is not known')}")
    return 0


def _document(generation: "PastGeneration") -> dict[str, object]:
    return {
        "generation": generation.number,
        "commit": generation.commit,
        "applied_at": generation.applied_at.isoformat(),
        "applied_by": generation.applied_by,
        "streams": generation.streams,
        "summary": generation.summary,
        "rollback_to": generation.rollback_to,
    }


def _facts(generation: "PastGeneration") -> "Iterator[str]":
    yield f"generation {generation.number}"
    yield f"{generation.applied_at:%Y-%m-%d %H:%M:%S} UTC"
    yield generation.applied_by
    yield counted(generation.streams, "stream")
    if generation.commit:
        yield f"commit {generation.commit}"
