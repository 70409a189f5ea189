"""Places: containers of sources, of merge tables, of views and of generations, and the secrets that open them."""

from datasurface.change.consequences import group_names, seen, seen_by_groups, tables_of
from datasurface.change.consumption import Models
from datasurface.change.diff import Change, ChangeKind
from datasurface.change.verdicts import Opinion, breaking, compatible, notice, rule
from datasurface.model import (
    Capture,
    Container,
    Credential,
    DataPlatform,
    DataTransformer,
    Ecosystem,
    Mask,
    MySqlDatabase,
    PostgresDatabase,
    PythonCode,
    SqliteDatabase,
    Workspace,
)

_ADDED, _REMOVED = ChangeKind.ADDED, ChangeKind.REMOVED

ANOTHER_PLATFORM = (
    "add another platform there, assign the groups to both, and decommission the old one when the new one has the data"
)


@rule(
    "CC401",
    "A database has another address",
    (PostgresDatabase, "host"),
    (PostgresDatabase, "port"),
    (MySqlDatabase, "host"),
    (MySqlDatabase, "port"),
)
def other_address(change: Change, models: Models) -> Opinion:
    """An address can be another way to the same database, or the way to another one; the model cannot know. For a
    source, the next batch takes what differs for changes. For a merge database, batches go on where the new one has the
    tables, and load everything anew, without history, where it has not; consumers connect to it. So they are told."""
    what = f"{change.after[-1].key()} has {change.attribute} {change.new} instead of {change.old}"
    return _elsewhere(change, models, what)


@rule(
    "CC402",
    "It is another database",
    (PostgresDatabase, "database"),
    (MySqlDatabase, "database"),
    (SqliteDatabase, "path"),
)
def other_database(change: Change, models: Models) -> Opinion:
    """A source of another name has other rows, and consumers are told: the next batch takes what differs for changes,
    inserts and deletes. A merge database of another name has none of the tables, so groups that are served would lose
    their history and find their views gone: that is refused, and done by another platform beside the old one."""
    what = f"{change.after[-1].key()} is {change.new} instead of {change.old}"
    platform = _platform(change)
    if platform is not None:
        return moved_tables(models, platform.name, what)
    return _elsewhere(change, models, what)


def moved_tables(models: Models, platform: str, what: str) -> Opinion:
    """What it means that a platform's tables are to stand where there are none."""
    served = models.served_from_stored(platform)
    if not served:
        return compatible(f"{what}; no group is served from there")
    return breaking(
        f"{what}: neither views nor history are there, and it serves {group_names(served)}", ANOTHER_PLATFORM
    )


@rule("CC403", "A workspace has its views in another place", (Workspace, "container"))
def other_views(change: Change, _models: Models) -> Opinion:
    """Whoever queries the views connects to another database from then on."""
    return notice(f"the views of {change.after[-1].key()} stand in another place, where queries must connect")


@rule(
    "CC404",
    "The generations stand in another database",
    (Ecosystem, "control_database"),
    (Container, _ADDED),
    (Container, _REMOVED),
)
def other_control_database(change: Change, models: Models) -> Opinion:
    """The generations of before stay in the old database, with the configuration of their jobs: a job that is given
    that one with `--store` goes on under the last of them. Apply and jobs must be told the new one. No table of data
    moves."""
    return _elsewhere(change, models, f"{change.element.key()} is {change.kind.value}")


def _other_control_database(models: Models) -> Opinion:
    old = models.old.ecosystem
    if old.control_database is None and not old.platforms:  # a first check-in
        return compatible("the generations are to stand there; there are none yet")
    return notice(
        "the generations up to now stay in the old control database, and jobs that name it run the last of them",
        "give --store of every job the new database after the apply",
    )


@rule("CC405", "A container has another name", (Container, "name"))
def other_name(change: Change, _models: Models) -> Opinion:
    """Environment files and messages call a container by its name, and nothing else does: no data move."""
    return compatible(f"{change.old} is called {change.new}; environment files must name it so")


@rule("CC406", "A container stands at another location", (Container, "location"))
def other_location(change: Change, models: Models) -> Opinion:
    """Where data are allowed to be is for the policies, by lint. Consumers are told where their data come from."""
    what = f"{change.after[-1].key()} stands at {change.new or 'no location'} instead of {change.old or 'none'}"
    platform = _platform(change)
    if platform is not None:
        return seen_by_groups(models, platform.name, what)
    tables = tables_of(change)
    return seen(models, tables, what) if tables else notice(what)


@rule(
    "CC407",
    "A database is opened in another way",
    (Credential, _ADDED),
    (Credential, _REMOVED),
    (Credential, "name"),
    (PostgresDatabase, "credential"),
    (PostgresDatabase, "sslmode"),
    (PostgresDatabase, "sslrootcert"),
    (MySqlDatabase, "credential"),
    (MySqlDatabase, "tls"),
    (MySqlDatabase, "tls_ca"),
    (Workspace, "reader"),
    (DataTransformer, "credential"),
    (PythonCode, "credential"),
)
def other_access(change: Change, _models: Models) -> Opinion | None:
    """Another secret or another encryption opens the same database. Jobs need it before the apply; consumers read what
    they read before."""
    if any(isinstance(element, Mask) for element in change.after):
        return None
    if isinstance(change.element, Credential):
        if change.kind is _REMOVED:
            return compatible("it is opened without a credential")
        return compatible(f"it is opened with credential {change.element.name}, which every job needs")
    return compatible(f"the connection has {change.attribute}={change.new!r}")


def _elsewhere(change: Change, models: Models, what: str) -> Opinion:
    """What a change of a container means, by what it holds."""
    chain = change.after if change.kind is _ADDED else change.before
    platform = _platform(change)
    if platform is not None:
        return seen_by_groups(models, platform.name, f"{what}, where its tables and views must be")
    if any(isinstance(element, Capture) for element in chain):
        return seen(models, tables_of(change), f"{what}; the next batch takes what differs for changes")
    if any(isinstance(element, Workspace) for element in chain):
        return notice(f"{what}, where queries of its views must connect")
    return _other_control_database(models)


def _platform(change: Change) -> DataPlatform | None:
    chain = change.before or change.after
    return next((element for element in chain if isinstance(element, DataPlatform)), None)
