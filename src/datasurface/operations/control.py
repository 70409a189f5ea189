"""Where the generations stand: the control database of a model, or one that is named by a URL."""

from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from datasurface.errors import DataSurfaceError, NotApplied, UsageError
from datasurface.model import Container, Credential, Ecosystem, PostgresDatabase
from datasurface.runtime import ControlStore

_FORM = "write postgresql://host:port/database?credential=NAME"
_OPTIONS = {"credential", "sslmode", "sslrootcert"}


class NoControlDatabase(DataSurfaceError):
    """The platforms of a model share no merge database, and the model names no control database."""


def control_container(ecosystem: Ecosystem) -> Container:
    """The container that holds the generations: the one that the model names, else the one that all platforms share."""
    if ecosystem.control_database is not None:
        return ecosystem.control_database
    stores = [platform.merge_store for platform in ecosystem.platforms]
    if stores and all(store == stores[0] for store in stores):
        return stores[0]
    raise NoControlDatabase(
        f"the platforms of ecosystem {ecosystem.name} share no merge database that could hold the generations",
        hint="name one: Ecosystem(..., control_database=PostgresDatabase(...))",
    )


def model_in_force(control: ControlStore) -> Ecosystem | None:
    """The model of the generation in force, as its owners wrote it; None before the first apply.

    Raises:
        NotApplied: an earlier version applied it, which kept no models.
    """
    generation = control.current()
    if generation is None:
        return None
    model = control.model_of(generation.number)
    if model is None:
        raise NotApplied(
            f"generation {generation.number} was applied by an earlier version, which did not keep its model: there is "
            "nothing to compare with",
            hint="apply the model that is in force once with this version; nothing else changes by that",
        )
    return model


def container_of_url(url: str) -> PostgresDatabase:
    """The database that a store URL names; UsageError where it is none. A message never repeats a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"the store's URL cannot be read: {error}", hint=_FORM) from error
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    problem = problem_of(parts, options, ("postgresql", "postgres"), _OPTIONS)
    if problem:
        raise UsageError(f"the store's URL {problem}", hint=_FORM)
    return PostgresDatabase(
        "control",
        host=str(parts.hostname),
        port=port or 5432,
        database=unquote(parts.path[1:]),
        credential=Credential(options["credential"]),
        sslmode=options.get("sslmode"),
        sslrootcert=options.get("sslrootcert"),
    )


def problem_of(parts: SplitResult, options: Mapping[str, str], schemes: Sequence[str], known: set[str]) -> str | None:
    """What keeps the parts of a URL from naming a database, in words that repeat no password."""
    if parts.scheme not in schemes:
        return f"does not begin with {schemes[0]}://"
    if parts.username is not None:
        return "holds a user or password: secrets come from the credential that it names"
    if not parts.hostname:
        return "names no host"
    if len(parts.path) < 2:
        return "names no database"
    if not options.get("credential"):
        return "names no credential"
    unknown = sorted(options.keys() - known)
    return f"has the unknown option {unknown[0]}" if unknown else None
