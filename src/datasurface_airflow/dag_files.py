"""Renders the DAG files: small ones per platform, and beside them the package that makes the DAGs."""

import sys
from collections.abc import Mapping
from hashlib import blake2b
from importlib.resources import files
from pprint import pformat
from urllib.parse import quote, urlencode

from jinja2 import Environment, StrictUndefined, Template

from datasurface.deployment import Deployment
from datasurface.emitting import EmitRequest, read_settings, refused
from datasurface.errors import UsageError
from datasurface.model import Credential, Datastore, PostgresDatabase, walk
from datasurface.model.containers import places
from datasurface_airflow.settings import TABLE, AirflowSettings

PACKAGE = "datasurface_factory"
"""The folder beside the DAG files, in which Airflow is told not to look for DAGs."""

_IGNORED = f"{PACKAGE}\n"  # means the same as a regular expression and as a glob
DAGS_OF_A_FILE = 500


def render(request: EmitRequest) -> Mapping[str, str]:
    """The files by their paths in the DAGs folder.

    Raises:
        UsageError: a platform has no configuration rows.
        EnvironmentFileError: a setting under ``[airflow]`` cannot be used.
    """
    settings = read_settings(request, TABLE, AirflowSettings)
    package = _package()
    digest = blake2b("".join(package.values()).encode(), digest_size=6).hexdigest()
    store = settings.store or _store_url(request)
    rendered = {".airflowignore": _IGNORED} | {f"{PACKAGE}/{name}": text for name, text in package.items()}
    for deployment in request.deployments:
        installation = _installation(request, settings, deployment, store)
        stem = _file_stem(deployment.platform.name)
        made = {f"{stem}_infrastructure_dag.py": ("infrastructure", installation)}
        number = settings.files or files_for(deployment)
        for file in range(number):
            name = f"{stem}_factory_dag.py" if number == 1 else f"{stem}_factory_{file + 1}_of_{number}_dag.py"
            made[name] = "factory", {**installation, "files": number, "file": file}
        for name, (kind, constants) in made.items():
            rendered[name] = _template().render(
                kind=kind, package=PACKAGE, digest=digest, installation=_literal(constants)
            )
    return rendered


def files_for(deployment: Deployment) -> int:
    """How many files make the DAGs of a platform where nobody says: few enough DAGs in each that there may be several
    times as many before Airflow's limits of time for a file are near."""
    dags = len(deployment.streams) + len(deployment.transformers) + len(deployment.copied_groups)
    return 1 + dags // DAGS_OF_A_FILE


def _package() -> dict[str, str]:
    found = (each for each in files("datasurface_airflow").joinpath("factory").iterdir() if each.name.endswith(".py"))
    return {each.name: each.read_text(encoding="utf-8") for each in sorted(found, key=lambda each: each.name)}


def _installation(
    request: EmitRequest, settings: AirflowSettings, deployment: Deployment, store: str
) -> dict[str, object]:
    """What a DAG file says of its platform and of where it runs: plain values, and no secret."""
    platform = deployment.platform
    table = request.configuration.get(platform.name)
    if table is None:
        raise UsageError(
            f"the control store in {request.control.name} keeps no rows of platform {platform.name} for Airflow",
            hint="keep it in a PostgreSQL database: Ecosystem(..., control_database=PostgresDatabase(...))",
        )
    return {
        "platform": platform.name,
        "timezone": platform.timezone,
        "store": store,
        "schema": table.schema,
        "table": table.name,
        "mode": settings.mode,
        "python": settings.python or sys.executable,
        "environment_file": settings.environment_file,
        "credentials": settings.credentials,
        "image": settings.image,
        "image_pull_policy": settings.image_pull_policy,
        "namespace": settings.namespace or getattr(platform, "namespace", None),
        "ca_config_map": settings.ca_config_map,
        "service_account": settings.service_account,
        "secrets": dict(settings.secrets),
        "resources": dict(settings.resources),
        "cache": settings.cache,
        "pool": settings.pool,
        "pools": dict(settings.pools),
        "retries": settings.retries,
        "retry_seconds": settings.retry_seconds,
        "most_in_a_row": settings.most_in_a_row,
        "infrastructure_schedule": settings.infrastructure_schedule,
        "maintenance_schedule": settings.maintenance_schedule,
        "apply": settings.apply,
        "repository_credential": settings.repository_credential,
        "credential_names": _credentials(request, settings),
    }


def _credentials(request: EmitRequest, settings: AirflowSettings) -> list[str]:
    """All secrets that applying the model may need."""
    roots = (request.ecosystem, *places(request.ecosystem))
    elements = (each for root in roots for _, each in walk(root, leaves=(Datastore,)))
    found = {each.name for each in elements if isinstance(each, Credential)}
    return sorted(found | ({settings.repository_credential} if settings.repository_credential else set()))


def _store_url(request: EmitRequest) -> str:
    """The control database as jobs are told of it."""
    control = request.control
    if not isinstance(control, PostgresDatabase):
        raise refused(
            request, TABLE, "store", f"it is missing, and {control.name} is no PostgreSQL database", "write its URL"
        )
    if control.credential is None:
        raise refused(
            request, TABLE, "store", f"{control.name} has no credential, by which jobs could open it", "give it one"
        )
    options = {"credential": control.credential.name, "sslmode": control.sslmode, "sslrootcert": control.sslrootcert}
    given = urlencode({key: value for key, value in options.items() if value is not None})
    host = f"[{control.host}]" if ":" in control.host else control.host
    return f"postgresql://{host}:{control.port}/{quote(control.database, safe='')}?{given}"


def _file_stem(platform: str) -> str:
    """The platform's name as a file may have it."""
    plain = "".join(each if each.isascii() and (each.isalnum() or each in "_-") else "_" for each in platform.lower())
    return plain if plain == platform.lower() else f"{plain}_{blake2b(platform.encode(), digest_size=4).hexdigest()}"


def _literal(value: object) -> str:
    """A value as Python reads it back, whatever stands in a name."""
    return pformat(value, indent=4, width=110, sort_dicts=False)


def _template() -> Template:
    environment = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)  # noqa: S701 Python, not HTML
    text = files("datasurface_airflow").joinpath("templates", "dag_file.py.j2").read_text(encoding="utf-8")
    return environment.from_string(text)
