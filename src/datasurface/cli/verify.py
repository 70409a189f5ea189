"""``datasurface verify``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click
from attrs import asdict

from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import console, counted, print_document, table

if TYPE_CHECKING:
    from datasurface.results import LawCheck


@click.command()
@in_force_options
@click.option("--platform", metavar="P", help="Only this platform.")
@click.option("--stream", metavar="S", help="Only the stream of this key.")
def command(target: Target, platform: str | None, stream: str | None) -> int:
    """Check the laws of milestoning on the real tables.

    Prints a row per law and dataset. The exit code is 1 if one does not hold.
    """
    from datasurface.operations.jobs import verify

    checks = verify(target.in_force(), platform, stream)
    broken = sum(not check.holds for of_platform in checks.values() for check in of_platform)
    if target.as_json:
        print_document(_document(checks, broken))
    else:
        _show(checks, broken)
    return 1 if broken else 0


def _document(checks: Mapping[str, tuple["LawCheck", ...]], broken: int) -> dict[str, object]:
    rows = [{"platform": platform, **asdict(check)} for platform, found in checks.items() for check in found]
    return {"holds": not broken, "broken": broken, "checks": rows}


def _show(checks: Mapping[str, tuple["LawCheck", ...]], broken: int) -> None:
    terminal = console()
    for platform, found in checks.items():
        rows = [
            [_dataset(check), check.law, check.statement, f"{check.checked:,}", "yes" if check.holds else "NO"]
            for check in found
        ]
        columns = ["dataset", "law", "statement", "checked", "holds"]
        terminal.print(table(platform, columns, rows, numbers=["checked"]))
        for check in found:
            if not check.holds:
                click.echo(f"{_dataset(check)} {check.law}: {check.detail}")
    click.echo(f"{counted(sum(map(len, checks.values())), 'check')}, {broken} broken")


def _dataset(check: "LawCheck") -> str:
    """The dataset with its stream, which for a stream of one dataset names it already."""
    return check.stream if check.stream.endswith(f".{check.dataset}") else f"{check.stream}.{check.dataset}"
