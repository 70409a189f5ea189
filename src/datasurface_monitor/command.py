"""The command ``monitor``. Loads with click alone; what serves the page loads when it runs."""

from typing import TYPE_CHECKING

import click

from datasurface.cli.options import Target, in_force_options
from datasurface.cli.output import print_document

if TYPE_CHECKING:
    from datasurface.credentials import Secret

PORT = 8360


@click.command()
@in_force_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve the page on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="Port; 0 for one that is free."
)
@click.option(
    "--token-credential",
    metavar="NAME",
    help="Credential whose token, or password, readers have to know; without it only this machine is served.",
)
def monitor(target: Target, host: str, port: int, token_credential: str | None) -> int:
    """Serve a page that shows what is in force and how it runs, until Ctrl+C.

    It shows streams with their freshness and who waits for them, batches, the graph, the history of a key, generations
    and who reads what; /metrics is for Prometheus. It only reads.
    """
    from datasurface_monitor.guard import Guard
    from datasurface_monitor.server import serve

    guard = Guard.of(host, None if token_credential is None else _token(target, token_credential))

    def ready(address: str) -> None:
        if target.as_json:
            print_document({"url": address})
        else:
            click.echo(f"The page is at {address} until Ctrl+C.")

    serve(target.in_force, guard, port, ready)
    return 0


def _token(target: Target, name: str) -> str:
    from datasurface.environment import credentials

    secret: Secret = credentials(target.environment()).secret(name)
    return secret.token or secret.password or ""
