"""``datasurface export``: a model in the words of open standards."""

from pathlib import Path

import click

from datasurface.cli.files import write_again
from datasurface.cli.group import Group
from datasurface.cli.options import Target, model_options
from datasurface.cli.output import print_document, say
from datasurface.errors import UsageError
from datasurface.hints import did_you_mean


@click.group("export", cls=Group)
def command() -> None:
    """Write parts of a model in the words of open standards."""


@command.command()
@model_options
@click.option("--datastore", "datastores", multiple=True, metavar="NAME", help="Only this one; may be given again.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the files, one for each datastore.  [default: standard output, for one datastore]",
)
@click.option("--version", default="1.0.0", show_default=True, help="Of the contracts: a model has none of its own.")
def odcs(target: Target, datastores: tuple[str, ...], output: Path | None, version: str) -> int:
    """Write datastores as data contracts of the Open Data Contract Standard, version 3.1."""
    from datasurface.interchange.odcs.about import Surroundings
    from datasurface.interchange.odcs.write import contract_of, yaml_text
    from datasurface.operations.model import check

    model = check(target.source(), target.plugins(), target.environment(), seconds=target.load_timeout)
    stores = {store.name: store for store in model.ecosystem.datastores()}
    for name in datastores:
        if name not in stores:
            raise UsageError(f"the model has no datastore '{name}'", hint=did_you_mean(name, stores))
    chosen = [stores[name] for name in dict.fromkeys(datastores)] or list(stores.values())
    if output is None and len(chosen) != 1:
        raise UsageError(f"the model has {len(chosen)} datastores", hint="name one with --datastore, or give --output")
    canonical = target.plugins().canonical()
    around = Surroundings.of(model.ecosystem)
    contracts = {store.name: contract_of(store, around.about(store, version), canonical) for store in chosen}
    if output is None:
        [contract] = contracts.values()
        if target.as_json:
            print_document(contract)
        else:
            click.echo(yaml_text(contract), nl=False)
        return 0
    output.mkdir(parents=True, exist_ok=True)
    files = {name: output / f"{name}.odcs.yaml" for name in contracts}
    for name, contract in contracts.items():
        write_again(files[name], yaml_text(contract))
        say(f"wrote {files[name]}")
    if target.as_json:
        print_document({"contracts": {name: str(file) for name, file in files.items()}})
    return 0
