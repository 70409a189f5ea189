"""``datasurface init``."""

import shlex
from pathlib import Path

import click

from datasurface.cli.output import print_document, say
from datasurface.errors import UsageError


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option("--name", metavar="NAME", help="What the ecosystem is called.  [default: as the folder]")
@click.option(
    "--repository", metavar="OWNER/NAME", default="owner/model", show_default=True, help="The one that may change it."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
def command(folder: Path, name: str | None, repository: str, as_json: bool) -> int:
    """Begin a model repository: a small model, and a workflow that plans pull requests. Writes over nothing."""
    from datasurface.interchange.plain_names import plain_name
    from datasurface.operations.scaffold import scaffold

    called = plain_name(name or folder.resolve().name)
    if name is not None and called != name:
        raise UsageError(f"'{name}' cannot be the name of an ecosystem", hint=f"as in --name {called}")
    if not repository.isprintable() or '"' in repository or "\\" in repository or not repository:
        raise UsageError(f"{repository!r} is no git repository", hint="write owner/name, or a clone URL")
    written = scaffold(folder, called, repository)
    if as_json:
        print_document({"name": called, "files": [str(path) for path in written]})
        return 0
    for path in written:
        click.echo(f"wrote {path}")
    where = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    say(f"next: {where}datasurface validate")
    say("      git init -b main && git add . && git commit -m 'A model', then change eco.py")
    say("      datasurface import sql URL --name NAME writes the datastore of a database that you have")
    return 0
