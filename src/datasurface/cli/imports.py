"""``datasurface import``: what others describe, as the text of a part of a model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from datasurface.cli.application import Application
from datasurface.cli.files import must_be_new, write_new
from datasurface.cli.group import Group
from datasurface.cli.options import Callback, environment_option
from datasurface.cli.output import print_document, say, warn
from datasurface.errors import UsageError

if TYPE_CHECKING:
    from datasurface.interchange.eco_part import EcoPart
    from datasurface.interchange.remarks import Remark


@click.group("import", cls=Group)
def command() -> None:
    """Write the Python text of a datastore that something else describes: a data contract, a database."""


def _part_options(callback: Callback) -> Callback:
    output = click.option(
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="File for the text, which must not exist yet.  [default: standard output]",
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
    return output(as_json(callback))


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--server", metavar="NAME", help="The contract's server or environment to read from.")
@_part_options
@click.pass_obj
def odcs(application: Application, file: Path, server: str | None, output: Path | None, as_json: bool) -> int:
    """Write the datastore of a data contract of the Open Data Contract Standard, version 3."""
    from datasurface.interchange.eco_part import eco_part
    from datasurface.interchange.odcs.load import import_contract

    if output is not None:
        must_be_new(output)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no text in UTF-8", hint="name a contract in YAML or JSON") from error
    found = import_contract(text, file.name, application.plugins().canonical(), server)
    part = eco_part(found.store, found.heading, found.remarks)
    return _written(part, found.remarks, output, as_json=as_json)


@command.command()
@click.argument("url")
@click.option("--name", required=True, metavar="STORE", help="What the datastore is called.")
@click.option("--schema", metavar="SCHEMA", help="Schema of the tables in PostgreSQL.  [default: public]")
@click.option("--table", "tables", multiple=True, metavar="TABLE", help="Only this one; may be given again.")
@environment_option
@_part_options
@click.pass_obj
def sql(
    application: Application,
    url: str,
    name: str,
    schema: str | None,
    tables: tuple[str, ...],
    environment: Path | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Write the datastore of an existing database: its tables, columns, keys, references and comments.

    URL: postgresql://host:port/database?credential=NAME, mysql://host:port/database?credential=NAME or
    sqlite:///absolute/path. The secret comes from where the credentials of a model come from.
    """
    from datasurface.environment import credentials
    from datasurface.interchange.eco_part import eco_part
    from datasurface.interchange.plain_names import plain_name
    from datasurface.operations.source_import import import_source

    if output is not None:
        must_be_new(output)
    if plain_name(name) != name:
        raise UsageError(f"'{name}' cannot be the name of a datastore", hint=f"as in --name {plain_name(name)}")
    secrets = credentials(application.environment(environment))
    found = import_source(url, name, schema, tables, application.plugins(), secrets)
    container = found.store.capture.container
    heading = f"From the database {getattr(container, 'database', container.name)}, as it was when this was written"
    return _written(eco_part(found.store, heading, found.remarks), found.remarks, output, as_json=as_json)


def _written(part: "EcoPart", remarks: "Sequence[Remark]", output: Path | None, *, as_json: bool) -> int:
    for remark in remarks:
        warn(f"{remark.where}: {remark.message}", remark.hint)
    if output is not None:
        write_new(output, part.text)
        say(f"wrote {output}: import {part.variable} from it in eco.py, and put it into the datastores of a team")
    if as_json:
        print_document(
            {"variable": part.variable, "text": part.text, "remarks": [remark.document() for remark in remarks]}
        )
    elif output is None:
        click.echo(part.text, nl=False)
    return 0
