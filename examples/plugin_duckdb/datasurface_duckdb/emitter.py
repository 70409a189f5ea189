"""``datasurface emit duckdb``: a script per platform that lets the shell of DuckDB read what consumers read."""

from collections.abc import Iterator, Mapping

from datasurface.deployment import Deployment
from datasurface.emitting import EmitRequest
from datasurface_duckdb.platform import DuckDbDataPlatform
from datasurface_duckdb.statements import quoted
from datasurface_duckdb.views import place_of


def render(request: EmitRequest) -> Mapping[str, str]:
    """The scripts by their names; none of other plugins' platforms."""
    return {
        f"{deployment.platform.name}.sql": "\n".join(_lines(deployment, deployment.platform))
        for deployment in request.deployments
        if isinstance(deployment.platform, DuckDbDataPlatform)
    }


def _lines(deployment: Deployment, platform: DuckDbDataPlatform) -> Iterator[str]:
    path, name = platform.file.path.replace("'", "''"), quoted(platform.name)
    yield f"-- What {platform.name} shows. Jobs wait while this is open."
    yield f"ATTACH '{path}' AS {name} (READ_ONLY);"
    for view in deployment.views:
        yield f"-- {view.workspace}/{view.group}: {view.store}.{view.dataset.name}"
        yield f"FROM {name}.{'.'.join(map(quoted, place_of(view)))};"
    yield ""
