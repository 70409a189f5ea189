"""``--change-source``: the repository and branch that a change comes from."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datasurface.model import GitRepository


def change_source_option(callback: Callable[..., int]) -> Callable[..., int]:
    """The option; the command gets it as ``change_source``, a GitRepository or None."""
    option = click.option(
        "--change-source",
        metavar="REPO@BRANCH",
        callback=lambda _context, _option, text: _repository(text),
        help="Where the change comes from: what this repository and branch does not own is refused.",
    )
    return option(callback)


def _repository(text: str | None) -> "GitRepository | None":
    from datasurface.change.ownership import change_source

    return None if text is None else change_source(text)
