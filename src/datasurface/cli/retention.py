"""``datasurface retention``."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from datasurface.cli.asking import ask, yes_option
from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import counted, print_document, say

if TYPE_CHECKING:
    from datasurface.erasure import Pruning


@click.command()
@in_force_options
@click.option("--platform", metavar="P", help="Only this platform.")
@click.option("--stream", metavar="S", help="Only the stream of this key.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@yes_option
def command(target: Target, platform: str | None, stream: str | None, dry_run: bool, yes: bool) -> int:
    """Take away closed history that is older than the retention that every consumer of it asks for.

    What a group without a retention reads is kept for ever. Says what it will do and asks first. Works in steps, so
    that batches go on meanwhile; where it was cut off, the next call goes on.
    """
    from datasurface.operations.erasure import Retain

    retain = Retain(target.in_force(), platform, stream)
    seen = retain.preview()
    for line in _lines(seen, "would go" if dry_run else "will go"):
        say(line)
    due = any(found.versions for of_platform in seen.values() for found in of_platform)
    gone: Mapping[str, Sequence[Pruning]] = {}
    if due and not dry_run:
        ask(yes, "nothing was pruned")
        gone = retain.act(seen)
    if target.as_json:
        print_document({"dry_run": dry_run, "due": _document(seen), "pruned": _document(gone)})
    elif not dry_run:
        for line in _lines(gone, "gone") if due else ["nothing is old enough"]:
            click.echo(line)
    return 0


def _lines(found: Mapping[str, Sequence["Pruning"]], verb: str) -> Iterator[str]:
    for name, of_platform in found.items():
        for pruning in of_platform:
            yield f"{name} {pruning.stream} {pruning.dataset}: {_what(pruning, verb)}"


def _what(pruning: "Pruning", verb: str) -> str:
    if pruning.keep is None:
        return "kept for ever"
    if pruning.horizon is None or pruning.horizon_at is None:
        return f"kept for {pruning.keep}; nothing is older"
    since = f"batch {pruning.horizon} of {pruning.horizon_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"kept for {pruning.keep}; {counted(pruning.versions, 'version')} that ended before {since} {verb}"


def _document(found: Mapping[str, Sequence["Pruning"]]) -> dict[str, object]:
    return {name: [pruning.document() for pruning in of_platform] for name, of_platform in found.items()}
