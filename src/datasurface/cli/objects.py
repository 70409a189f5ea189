"""``datasurface objects``."""

import click
from attrs import asdict

from datasurface.cli.options import Target, model_options
from datasurface.cli.output import console, counted, print_document, table


@click.command()
@model_options
def command(target: Target) -> int:
    """List every table, view, function and role that a model needs, and what of the model it comes from.

    Asks no database, so that a name that was cut to 63 bytes can be found before anything is applied.
    """
    from datasurface.operations.model import check
    from datasurface.operations.objects import objects

    model = check(target.source(), target.plugins(), target.environment(), seconds=target.load_timeout)
    found = objects(model, target.plugins())
    if target.as_json:
        print_document({"objects": [asdict(each) for each in found]})
        return 0
    rows = [
        [
            each.kind,
            each.database,
            f"{each.schema}.{each.name}" if each.schema else each.name,
            each.path or "the ecosystem",
        ]
        for each in found
    ]
    console().print(table(counted(len(found), "object"), ["kind", "database", "name", "comes from"], rows))
    return 0
