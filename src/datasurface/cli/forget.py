"""``datasurface forget``."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

import click

from datasurface.cli.asking import ask, yes_option
from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import counted, print_document, say, warn
from datasurface.errors import UsageError

if TYPE_CHECKING:
    from datasurface.erasure import Erasure, Key


@click.command()
@in_force_options
@click.option("--platform", metavar="P", help="Only this platform; without it every one that holds the dataset.")
@click.option("--dataset", required=True, metavar="STORE.DATASET", help="As Store1.customers.")
@click.option(
    "--key", "values", multiple=True, metavar="VALUE", help="The key; once for each of its columns, in order."
)
@click.option(
    "--keys", "file", type=click.File(encoding="utf-8"), metavar="FILE", help="Several keys instead: CSV; - for stdin."
)
@click.option("--even-if-at-source", is_flag=True, help="Do not ask the source, which may bring the rows back.")
@click.option("--vacuum", is_flag=True, help="Write the tables anew afterwards, so that no file keeps the bytes.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@yes_option
def command(
    target: Target,
    platform: str | None,
    dataset: str,
    values: tuple[str, ...],
    file: TextIO | None,
    even_if_at_source: bool,
    vacuum: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Erase persons: all versions of some keys of a dataset, with what is staged and what messages say of them.

    Refused while the source still has a key, because the next batch would bring it back. Says what it will do and asks
    first. It can be repeated: what is gone already is not looked for again. The exit code is 1 where a copy in a
    consumer's own database could not be reached.
    """
    from datasurface.operations.erasure import Forget

    forget = Forget(target.in_force(), dataset, _keys(values, file), platform, even_if_at_source)
    seen = forget.preview()
    for line in _lines(seen, "would go" if dry_run else "will go"):
        say(line)
    if even_if_at_source:
        warn("the source was not asked: if it has the key, the next batch brings its row back")
    if dry_run:
        if target.as_json:
            print_document({"dry_run": True, **_document(seen)})
        return 0
    is_nothing = all(found.is_nothing for found in seen.values())
    ask(yes or is_nothing, "nothing was erased")
    gone = forget.act(seen)
    left = forget.vacuum() if vacuum else {}
    for name, notes in left.items():
        for note in notes:
            warn(f"{name}: {note}")
    if target.as_json:
        print_document(
            {"dry_run": False, **_document(gone), "left": {name: list(notes) for name, notes in left.items()}}
        )
    else:
        for line in _lines(gone, "gone"):
            click.echo(line)
    return _exit_code(gone)


def _exit_code(gone: Mapping[str, "Erasure"]) -> int:
    """1 where a copy may hold the keys still, which is said."""
    for name, erasure in gone.items():
        for copy in erasure.copies:
            if copy.left is not None:
                warn(
                    f"{name}: the copies of {copy.workspace}/{copy.group} may hold it still: {copy.left}",
                    "give the same command again once the cause is gone",
                )
    return 0 if all(erasure.is_whole for erasure in gone.values()) else 1


def _keys(values: Sequence[str], file: TextIO | None) -> "Sequence[Key]":
    if bool(values) == (file is not None):
        raise UsageError("name one key with --key, or several with --keys FILE", hint="give the one or the other")
    if file is None:
        return [tuple(values)]
    try:
        return list(_rows(file))
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageError(f"--keys {file.name}: {error}", hint="write one key a line, as CSV in UTF-8") from error


def _rows(file: TextIO) -> "Iterator[Key]":
    return (tuple(row) for row in csv.reader(file, strict=True) if row)


def _lines(found: Mapping[str, "Erasure"], verb: str) -> Iterator[str]:
    for name, erasure in found.items():
        parts = [
            counted(erasure.live, "live row"),
            counted(erasure.closed, "closed version"),
            counted(erasure.staged, "staged row"),
            counted(erasure.messages, "message"),
        ]
        place = f"{name} {erasure.stream} {erasure.dataset}"
        what = "nothing is there" if erasure.is_nothing else f"{', '.join(parts)} {verb}"
        yield f"{place}, {counted(erasure.keys, 'key')}: {what}"
        for consumer in erasure.consumers if not erasure.is_nothing else ():
            yield f"  read by {consumer.workspace}/{consumer.group}: {', '.join(consumer.views)}"
        for copy in erasure.copies:
            yield f"  copied for {copy.workspace}/{copy.group}: {', '.join(copy.names)}"


def _document(found: Mapping[str, "Erasure"]) -> dict[str, object]:
    return {"platforms": {name: erasure.document() for name, erasure in found.items()}}
