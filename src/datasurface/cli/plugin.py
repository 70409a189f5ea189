"""``datasurface plugin``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from datasurface.cli.group import Group
from datasurface.cli.output import console, print_document, say, table, warn

if TYPE_CHECKING:
    from datasurface.plugins.states import PluginState

_BROKEN = 1
"""Exit code of ``list``: a plugin is broken."""


@click.group(cls=Group)
def command() -> None:
    """Plugins: which are installed and how they are, and the beginning of one of your own."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
def list_plugins(as_json: bool) -> int:
    """List the installed plugins. A broken one is named with what is wrong, and makes the exit code 1."""
    from datasurface.plugins.hookspecs import VERSION
    from datasurface.plugins.manager import installed_plugins
    from datasurface.plugins.states import PluginStatus

    states = installed_plugins(lambda _plugin, _problem: None).checked()
    if as_json:
        print_document({"hooks": VERSION, "plugins": [state.document() for state in states]})
    else:
        rows = [
            (state.name, f"{state.distribution} {state.version}", state.status.value, ", ".join(state.hooks) or "-")
            for state in states
        ]
        console().print(table(f"Plugins, for hooks {VERSION}", ("plugin", "distribution", "state", "hooks"), rows))
        for state in states:
            _say(state)
    return _BROKEN if any(state.status is PluginStatus.BROKEN for state in states) else 0


@command.command("new")
@click.argument("name")
@click.option(
    "--output", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Folder.  [default: the name]"
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
def new(name: str, output: Path | None, as_json: bool) -> int:
    """Write a plugin with merge strategies of your own, as far as it is not the store's. Writes over nothing."""
    from datasurface.operations.plugin_scaffold import plugin_scaffold

    written = plugin_scaffold(output or Path(name), name)
    if as_json:
        print_document({"name": name, "files": [str(path) for path in written]})
        return 0
    for path in written:
        click.echo(f"wrote {path}")
    say("next: write store.py, then pip install -e '.[test]' and pytest; see README.md")
    return 0


def _say(state: "PluginState") -> None:
    for problem in state.problems:
        warn(problem.message, problem.hint)
    for remark in (*state.deprecated, *state.remarks):
        warn(f"{state.title}: {remark}")
