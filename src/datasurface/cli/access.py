"""``datasurface access``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from datasurface.cli.group import Group
from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import console, counted, print_document, table, warn

if TYPE_CHECKING:
    from datasurface.access import AccessCell, AccessReport


@click.group(cls=Group)
def command() -> None:
    """Who may read what."""


@command.command()
@in_force_options
@click.option("--platform", metavar="P", help="Only this platform.")
@click.option(
    "--credential", metavar="NAME", help="Credential of a login that may become the roles.  [default: the platform's]"
)
def check(target: Target, platform: str | None, credential: str | None) -> int:
    """Become each role that reads, and try what it may do and what not.

    Prints a row per role, and what is not as the model says. Changes nothing. The exit code is 1 if anything differs.
    """
    from datasurface.operations.access import check_access

    reports = check_access(target.in_force(), platform, credential=credential)
    differences = sum(len(report.differences) for report in reports.values())
    if target.as_json:
        print_document(_document(reports, differences))
    else:
        _show(reports, differences)
    return 1 if differences else 0


def _document(reports: Mapping[str, "AccessReport"], differences: int) -> dict[str, object]:
    return {
        "holds": not differences,
        "differences": differences,
        "platforms": {
            name: {
                "roles": dict(report.roles),
                "unchecked": dict(report.unchecked),
                "cells": [_cell(cell) for cell in report.cells],
            }
            for name, report in reports.items()
        },
    }


def _cell(cell: "AccessCell") -> dict[str, object]:
    return {
        "role": cell.role,
        "object": cell.object,
        "column": cell.column,
        "operation": cell.operation,
        "expected": cell.expected.value,
        "observed": cell.observed.value,
        "holds": cell.holds,
        "detail": cell.detail,
    }


def _show(reports: Mapping[str, "AccessReport"], differences: int) -> None:
    terminal = console()
    for name, report in reports.items():
        terminal.print(
            table(
                name,
                ["role", "became by", "tried", "allowed", "masked", "denied", "differ"],
                [_row(role, how, report) for role, how in report.roles.items()],
                numbers=["tried", "allowed", "masked", "denied", "differ"],
            )
        )
        for role, reason in report.unchecked.items():
            warn(f"role {role} was not checked: {reason}")
        for cell in report.differences:
            what = f"{cell.object}.{cell.column}" if cell.column is not None else cell.object
            more = f" ({cell.detail})" if cell.detail else ""
            click.echo(
                f"{cell.role}: {cell.operation} {what} should be {cell.expected.value}, is {cell.observed.value}{more}"
            )
    tried = sum(len(report.cells) for report in reports.values())
    click.echo(f"{counted(tried, 'cell')}, {counted(differences, 'difference')}")


def _row(role: str, how: str, report: "AccessReport") -> list[str]:
    cells = [cell for cell in report.cells if cell.role == role]
    by_word = [cell.observed.value for cell in cells]
    masked = sum(word in ("null", "hash", "partial", "year") for word in by_word)
    numbers = (len(cells), by_word.count("allowed"), masked, by_word.count("denied") + by_word.count("absent"))
    return [role, how, *map(str, numbers), str(sum(not cell.holds for cell in cells))]
