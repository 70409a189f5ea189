"""Where the generations stand: the control database of a model, or one that is named by a URL."""

from urllib.parse import unquote

from datasurface.errors import DataSurfaceError, NotApplied, UsageError
from datasurface.model import Container, Credential, Ecosystem, PostgresDatabase
from datasurface.operations.database_url import database_url, problem_of
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
    read = database_url(url, "the store's URL", _FORM)
    problem = problem_of(read, ("postgresql", "postgres"), _OPTIONS)
    if problem:
        raise UsageError(f"the store's URL {problem}", hint=_FORM)
    return PostgresDatabase(
        "control",
        host=str(read.parts.hostname),
        port=read.port or 5432,
        database=unquote(read.parts.path[1:]),
        credential=Credential(read.options["credential"]),
        sslmode=read.options.get("sslmode"),
        sslrootcert=read.options.get("sslrootcert"),
    )
