"""How a command asks before it does what it said."""

import click

from datasurface.cli.output import say
from datasurface.errors import DataSurfaceError

yes_option = click.option("--yes", is_flag=True, help="Do not ask first.")


def ask(yes: bool, refusal: str) -> None:
    """Ask whether to go on, unless ``yes``; DataSurfaceError, with ``refusal``, where nobody said yes."""
    if not yes and not _confirmed("Go on?"):
        raise DataSurfaceError(refusal, hint="answer y, or say --yes")


def _confirmed(question: str) -> bool:
    """Whether somebody said yes; nobody did where standard input has ended or is closed."""
    from rich.console import Console
    from rich.prompt import Confirm

    try:
        return Confirm.ask(question, console=Console(stderr=True), default=False)
    except (EOFError, KeyboardInterrupt, RuntimeError):  # the last where there is no standard input at all
        say("")
        return False
