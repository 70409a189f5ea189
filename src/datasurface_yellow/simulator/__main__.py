"""``python -m datasurface_yellow.simulator``: the command alone, as a container runs it."""

import sys
from collections.abc import Sequence

import click

from datasurface.errors import DataSurfaceError, UsageError
from datasurface_yellow.simulator.command import simulate

_FAILED, _WRONG_USAGE = 1, 64


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and gives the exit code: 0 done, 1 failed, 64 wrong usage. An error is one message."""
    try:
        simulate.main(arguments, prog_name="simulate", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return _WRONG_USAGE
    except DataSurfaceError as error:
        click.echo(f"Error: {error.message}", err=True)
        if error.hint:
            click.echo(f"Hint: {error.hint}", err=True)
        return _WRONG_USAGE if isinstance(error, UsageError) else _FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
