"""The command ``datasurface``: finds the command, and turns every way to end into an exit code and a message.

Start-up is part of every job, so a module is imported when its command runs and not before.
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

from datasurface.cli.application import Application
from datasurface.cli.group import WRONG_USAGE, Group
from datasurface.cli.output import current_log, print_error, print_usage_error
from datasurface.errors import DataSurfaceError, MissingExtra, UsageError

if TYPE_CHECKING:
    from datasurface.plugins.manager import Plugins

FAILED = 1
"""Exit code: refused or failed; a message stands on standard error."""

_MODULES = {
    "init": "datasurface.cli.init",
    "validate": "datasurface.cli.validate",
    "plan": "datasurface.cli.plan",
    "graph": "datasurface.cli.graph",
    "apply": "datasurface.cli.apply",
    "rollback": "datasurface.cli.rollback",
    "history": "datasurface.cli.history",
    "hooks": "datasurface.cli.hooks",
    "plugin": "datasurface.cli.plugin",
    "ingest": "datasurface.cli.ingest",
    "transform": "datasurface.cli.transform",
    "maintain": "datasurface.cli.maintain",
    "batch": "datasurface.cli.batch",
    "verify": "datasurface.cli.verify",
    "forget": "datasurface.cli.forget",
    "retention": "datasurface.cli.retention",
    "views": "datasurface.cli.views",
    "objects": "datasurface.cli.objects",
    "emit": "datasurface.cli.emit",
    "metrics": "datasurface.cli.metrics",
    "access": "datasurface.cli.access",
    "run": "datasurface.cli.run",
    "import": "datasurface.cli.imports",
    "export": "datasurface.cli.exports",
}
"""Where our own commands are; each module has it as ``command``."""


class LazyGroup(Group):
    """Imports one of our commands when it is named, and asks the plugins for any other name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Ours in the order of their use, then those of plugins."""
        commands = ctx.ensure_object(Application).plugins().commands()
        return [*_MODULES, *sorted(commands.keys() - _MODULES.keys())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; raises what a plugin lacks where it may be that plugin's."""
        if cmd_name in _MODULES:
            command: click.Command = import_module(_MODULES[cmd_name]).command
            return command
        application = ctx.ensure_object(Application)
        commands = application.plugins().commands()
        lacking = [problem for problem in application.problems if isinstance(problem, MissingExtra)]
        if cmd_name not in commands and lacking:
            raise lacking[0]
        return commands.get(cmd_name)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="datasurface", message="%(package)s %(version)s")
def datasurface() -> None:
    """From a model of a data ecosystem to running pipelines.

    A model is a folder with eco.py and dsg_platform_mapping.json. `validate` checks it, `plan` says what it would
    change and for whom, `apply` makes what it needs exist and puts it in force, `rollback` takes that back, `ingest`
    runs one batch of one stream, `run` runs all streams on their schedules.

    Exit codes: 0 done; 1 refused or failed; 2 for plan: there are changes; 64 wrong usage.
    """


def main(argv: Sequence[str] | None = None, plugins: "Plugins | None" = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the words after the program's name; by default those of this process.
        plugins: the plugins to work with; by default all that are installed.
    """
    _escape_what_cannot_be_shown()
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    try:
        code = datasurface.main(words, prog_name="datasurface", standalone_mode=False, obj=Application(plugins))
    except UsageError as error:
        print_error(error, as_json=as_json)
        return WRONG_USAGE
    except DataSurfaceError as error:
        print_error(error, as_json=as_json)
        return FAILED
    except click.UsageError as error:
        print_usage_error(error, as_json=as_json)
        return WRONG_USAGE
    except click.ClickException as error:
        print_error(DataSurfaceError(error.format_message()), as_json=as_json)
        return FAILED
    except OSError as error:
        with suppress(OSError):  # standard output itself may be what cannot be written
            print_error(DataSurfaceError(str(error)), as_json=as_json)
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        print_error(DataSurfaceError("interrupted"), as_json=as_json)
        return FAILED
    except ModuleNotFoundError as error:
        from datasurface.plugins.extras import missing_extra

        missing = missing_extra(error, "this command")
        if missing is None:
            raise
        print_error(missing, as_json=as_json)
        return FAILED
    finally:
        if current_log() is not None:
            from datasurface.cli.logs import end_log

            end_log()
    return code if isinstance(code, int) else 0


def _escape_what_cannot_be_shown() -> None:
    """A name with an accent on a terminal of another encoding is shown escaped, as on standard error, not an error."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
