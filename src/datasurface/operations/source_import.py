"""An existing database as a datastore: what is in it, without what a model would be refused for."""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from datasurface.credentials import Credentials
from datasurface.errors import UsageError
from datasurface.interchange.remarks import Remark
from datasurface.interchange.source_tables import Drafted, dataset_names, drafted, with_readable_keys
from datasurface.lint.registry import lint
from datasurface.lint.rules import RULES
from datasurface.model import (
    Container,
    Credential,
    Datastore,
    Ecosystem,
    GitRepository,
    GovernanceZone,
    MySqlDatabase,
    PostgresDatabase,
    SqliteDatabase,
    Team,
)
from datasurface.model.datastore import DEFAULT_SCHEMA
from datasurface.operations.database_url import database_url, problem_of
from datasurface.plugins.manager import Plugins

_FORM = (
    "write postgresql://host:port/database?credential=NAME, mysql://host:port/database?credential=NAME or "
    "sqlite:///absolute/path"
)
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_UNCLASSIFIED = "DS701"
"""What a person has to say, and is left as a TODO."""


def import_source(
    url: str, name: str, schema: str | None, tables: Sequence[str], plugins: Plugins, credentials: Credentials
) -> Drafted:
    """The datastore of a database's tables, without those that no model may have.

    Args:
        url: of the database; it names a credential, and holds no secret.
        name: of the datastore.
        schema: of the tables, where the database has schemas; ``public`` where None.
        tables: the names of those to take; all of the schema where there is none.

    Raises:
        UsageError: the URL names no database, or there is no table in it.
    """
    container = source_container(url, f"{name}Database")
    if schema is not None and not isinstance(container, PostgresDatabase):
        raise UsageError("--schema was given for a database that has none", hint="leave it out")
    found = plugins.catalogue(container, schema, tables, credentials)
    if not found.tables and not found.remarks:
        where = f"schema {schema or DEFAULT_SCHEMA}" if isinstance(container, PostgresDatabase) else "the database"
        raise UsageError(f"{where} has no tables", hint="name the schema with --schema")
    readable, unreadable = with_readable_keys(found.tables)
    kept, remarks = list(readable), [*found.remarks, *unreadable]
    while True:
        draft = drafted(name, container, schema, kept)
        refused = _refused(draft.store)
        names = dataset_names(kept)
        gone = [table for table in kept if names[table.name] in refused]
        if not gone:
            return Drafted(draft.store, (*remarks, *draft.remarks))
        for table in gone:
            message, hint = refused[names[table.name]]
            remarks.append(Remark(table.name, f"{message}, so the table was left out", hint))
            kept.remove(table)


def source_container(url: str, name: str) -> Container:
    """The container that a source's URL names; UsageError where it names none. A message never repeats a password."""
    read = database_url(url, "the source's URL", _FORM)
    parts, port, options = read.parts, read.port, read.options
    if parts.scheme == "sqlite":
        if parts.netloc or not parts.path.startswith("/") or len(parts.path) < 2 or options:
            raise UsageError("the source's URL names no file", hint=_FORM)
        path = unquote(parts.path)
        return SqliteDatabase(name, path=path.removeprefix("/") if path.startswith("//") else path)
    schemes = ("postgresql", "postgres") if parts.scheme.startswith("postgres") else ("mysql", "mariadb")
    of_tls = {"sslmode", "sslrootcert"} if schemes[0] == "postgresql" else {"tls", "tls_ca"}
    problem = problem_of(read, schemes, {"credential", *of_tls})
    if parts.scheme not in schemes:
        problem = "begins with none of postgresql://, mysql:// and sqlite://"
    if problem:
        raise UsageError(f"the source's URL {problem}", hint=_FORM)
    host, database = str(parts.hostname), unquote(parts.path[1:])
    credential = Credential(options["credential"])
    if schemes[0] == "mysql":
        return MySqlDatabase(
            name,
            host=host,
            port=port or 3306,
            database=database,
            credential=credential,
            tls=_wants_tls(options),
            tls_ca=options.get("tls_ca"),
        )
    return PostgresDatabase(
        name,
        host=host,
        port=port or 5432,
        database=database,
        credential=credential,
        sslmode=options.get("sslmode"),
        sslrootcert=options.get("sslrootcert"),
    )


def _wants_tls(options: Mapping[str, str]) -> bool:
    """Whether a URL asks for TLS, as it does by naming who signed the server's certificate."""
    word = options.get("tls", "yes" if options.get("tls_ca") else "no").lower()
    if word not in _YES | _NO:
        raise UsageError("the source's URL has a tls= that is neither yes nor no", hint="write tls=yes or tls=no")
    if word in _NO and options.get("tls_ca"):
        raise UsageError("the source's URL has tls_ca= and no TLS", hint="write tls=yes, or take tls_ca= away")
    return word in _YES


def _refused(store: Datastore) -> dict[str, tuple[str, str]]:
    """Why datasets would be refused in a model: message and hint of the first error, by name."""
    repository = GitRepository("owner/model")
    team = Team("team", repository=repository, datastores=[store])
    zone = GovernanceZone("zone", repository=repository, teams=[team])
    ecosystem = Ecosystem("Ecosystem", repository=repository, platforms=[], zones=[zone])
    reasons: dict[str, tuple[str, str]] = {}
    for finding in lint(ecosystem, RULES):
        _, _, below = finding.path.partition("/datasets/")
        if finding.is_error and finding.code != _UNCLASSIFIED and below:
            reasons.setdefault(below.partition("/")[0], (finding.message, finding.hint))
    return reasons
