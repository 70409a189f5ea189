"""The monitor's hooks. What serves the page loads when the command runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from datasurface.plugins.hookspecs import hookimpl

if TYPE_CHECKING:
    from click import Command

HOOKS = 1
"""The version of the hooks that it was written for."""


@hookimpl
def commands() -> "Sequence[Command]":
    """The command that serves the page."""
    from datasurface_monitor.command import monitor

    return [monitor]
