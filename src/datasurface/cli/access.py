"""``datasurface access``."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import click

from datasurface.cli.group import Group
from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import console, counted, print_document, print_error, table, warn

if TYPE_CHECKING:
    from datasurface.access import AccessCell, AccessReport

    Reports = Mapping[str, Sequence[AccessReport]]


@click.group(cls=Group)
def command() -> None:
    """Who may read what."""


@command.command()
@in_force_options
@click.option("--platform", metavar="P", help="Only this platform.")
@click.option(
    "--credential",
    metavar="NAME",
    help="Credential of a login that may become the roles, in every database.  [default: each database's own]",
)
def check(target: Target, platform: str | None, credential: str | None) -> int:
    """Become each role that reads, and try what it may do and what not.

    Prints a row per role in each database, and what is not as the model says. Changes nothing. The exit code is 1 if
    anything differs or could not be tried.
    """
    from datasurface.operations.access import check_access

    reports = check_access(target.in_force(), platform, credential=credential)
    every = list(chain.from_iterable(reports.values()))
    holds, differences = all(report.holds for report in every), sum(len(report.differences) for report in every)
    if target.as_json:
        print_document(_document(reports, holds, differences))
    else:
        _show(reports, differences)
    return 0 if holds else 1


def _document(reports: "Reports", holds: bool, differences: int) -> dict[str, object]:
    return {
        "holds": holds,
        "differences": differences,
        "platforms": {
            name: {
                "databases": [_database(report) for report in of_platform],
                "cells": [_cell(report.database, cell) for report in of_platform for cell in report.cells],
            }
            for name, of_platform in reports.items()
        },
    }


def _database(report: "AccessReport") -> dict[str, object]:
    return {
        "database": report.database,
        "roles": dict(report.roles),
        "unchecked": dict(report.unchecked),
        "errors": [
            {"type": type(error).__name__, "message": error.message, "hint": error.hint} for error in report.errors
        ],
    }


def _cell(database: str, cell: "AccessCell") -> dict[str, object]:
    return {
        "database": database,
        "role": cell.role,
        "object": cell.object,
        "column": cell.column,
        "operation": cell.operation,
        "expected": cell.expected.value,
        "observed": cell.observed.value,
        "holds": cell.holds,
        "detail": cell.detail,
    }


def _show(reports: "Reports", differences: int) -> None:
    terminal = console()
    for name, of_platform in reports.items():
        for report in of_platform:
            terminal.print(
                table(
                    f"{name} in {report.database}",
                    ["role", "became by", "tried", "allowed", "masked", "denied", "differ"],
                    [_row(role, how, report) for role, how in report.roles.items()],
                    numbers=["tried", "allowed", "masked", "denied", "differ"],
                )
            )
            _show_differences(report)
    every = list(chain.from_iterable(reports.values()))
    tried, errors = sum(len(report.cells) for report in every), sum(len(report.errors) for report in every)
    more = f", {counted(errors, 'error')}" if errors else ""
    click.echo(f"{counted(tried, 'cell')}, {counted(differences, 'difference')}{more}")


def _show_differences(report: "AccessReport") -> None:
    for role, reason in report.unchecked.items():
        warn(f"{report.database}: role {role} was not checked: {reason}")
    for error in report.errors:
        print_error(error)
    for cell in report.differences:
        what = f"{cell.object}.{cell.column}" if cell.column is not None else cell.object
        more = f" ({cell.detail})" if cell.detail else ""
        click.echo(
            f"{report.database}: {cell.role}: {cell.operation} {what} should be {cell.expected.value}, "
            f"is {cell.observed.value}{more}"
        )


def _row(role: str, how: str, report: "AccessReport") -> list[str]:
    cells = [cell for cell in report.cells if cell.role == role]
    by_word = [cell.observed.value for cell in cells]
    masked = sum(word in ("null", "hash", "partial", "year") for word in by_word)
    numbers = (len(cells), by_word.count("allowed"), masked, by_word.count("denied") + by_word.count("absent"))
    return [role, how, *map(str, numbers), str(sum(not cell.holds for cell in cells))]
