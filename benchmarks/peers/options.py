"""Options that every contest has."""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from benchmarks.peers.contenders import PRODUCTS
from benchmarks.peers.environments import default_cache

P = ParamSpec("P")
T = TypeVar("T")


def contest_options(command: Callable[P, T]) -> Callable[P, T]:
    """``--peer`` (who takes part beside us), ``--cache`` (their environments) and ``--json``."""
    names = [product.name for product in PRODUCTS]
    for option in (
        click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"),
        click.option(
            "--cache",
            default=default_cache(),
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder for the peers' environments.  [default: in the user's cache]",
        ),
        click.option(
            "--peer",
            "peers",
            multiple=True,
            default=names,
            show_default=True,
            type=click.Choice(names),
            help="Who takes part beside us.",
        ),
    ):
        command = option(command)
    return command
