"""``datasurface duckdb-views``."""

import json
from pathlib import Path

import click
import duckdb

from datasurface.errors import StoreUnavailable
from datasurface_duckdb.statements import statement

_FILE = "platform.sql.j2"


@click.command("duckdb-views")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
def command(file: Path, as_json: bool) -> int:
    """Show the consumers' views in a DuckDB file, and how many rows each has now."""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            views = connection.execute(statement(_FILE, "views"), ["datasurface "]).fetchall()
            counted = [
                {"view": f"{schema}.{name}", "rows": _rows(connection, schema, name)} for schema, name, _ in views
            ]
    except duckdb.Error as error:
        message = str(error).partition("\n")[0]
        raise StoreUnavailable(f"cannot read {file}: {message}", hint="wait until no job has it open") from error
    if as_json:
        click.echo(json.dumps({"views": counted}))
        return 0
    for each in counted:
        click.echo(f"{each['view']}: {each['rows']} rows")
    return 0


def _rows(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> object:
    [found] = connection.execute(statement(_FILE, "rows", schema=schema, name=name)).fetchall()
    return found[0]
