"""Servers of a contract as containers of a model, and what is captured from them."""

from collections.abc import Mapping, Sequence

from open_data_contract_standard.model import SchemaObject, Server

from datasurface.errors import ModelValueError
from datasurface.interchange.canonical import JsonValue
from datasurface.interchange.odcs.custom import Document
from datasurface.interchange.plain_names import plain_name
from datasurface.interchange.remarks import Remark
from datasurface.model import Container, MySqlDatabase, PostgresDatabase, SqlSnapshot
from datasurface.model.datastore import DEFAULT_SCHEMA

DATABASES: Mapping[str, type[PostgresDatabase] | type[MySqlDatabase]] = {
    "postgresql": PostgresDatabase,
    "mysql": MySqlDatabase,
}
"""The standard's words for the databases that a model has classes for; the first of each class is the one we write."""

_ALSO = {"postgres": "postgresql"}
_PORTS = {"postgresql": 5432, "mysql": 3306}
CONTAINER = "datasurface.container."
CAPTURE = "datasurface.capture."
"""What the names of custom properties of a server begin with."""


def capture_of(
    servers: Sequence[Server],
    objects: Mapping[str, SchemaObject],
    wanted: str | None,
    store: str,
    remarks: list[Remark],
) -> SqlSnapshot:
    """A snapshot of the server that is wanted, or of the first that a model can read; of a placeholder where there is
    none.

    Args:
        objects: by the names of their datasets.
        wanted: the name of a server, or an environment.
    """
    server = chosen_server(servers, wanted)
    others = sorted(other.server or "?" for other in servers if other is not server)
    if server is not None and others:
        hint = "name another with --server, or bind the container to it in an environment file"
        remarks.append(Remark("the contract", f"server {server.server} was taken, not {', '.join(others)}", hint))
    schema = (server.schema_ if server else None) or DEFAULT_SCHEMA
    return SqlSnapshot(_container(server, store, remarks), schema=schema, tables=_tables(objects, schema, remarks))


def chosen_server(servers: Sequence[Server], wanted: str | None) -> Server | None:
    """The server of that name or environment; the first that a model can read where more than one fits."""
    fitting = [server for server in servers if wanted in (None, server.server, server.environment)]
    readable = (server for server in fitting if _kind(server) in DATABASES)
    return next(readable, fitting[0] if fitting else None)


def _kind(server: Server) -> str:
    return _ALSO.get(server.type or "", server.type or "")


def _container(server: Server | None, store: str, remarks: list[Remark]) -> Container:
    name = (server.server if server else None) or f"{plain_name(store)}Source"
    cls = DATABASES.get(_kind(server)) if server else None
    if server is None or cls is None or not server.host or not server.database:
        what = f"server {name} is of type {server.type}" if server and cls is None else "it names no database to read"
        hint = "say where the tables are"
        remarks.append(Remark("the contract", f"{what}, so a PostgresDatabase on localhost stands in its place", hint))
        return PostgresDatabase(name, host="localhost", database="database")
    port = int(server.port or _PORTS[_kind(server)])
    try:
        return cls(name, host=server.host, port=port, database=server.database, description=server.description or "")
    except ModelValueError as error:
        remarks.append(Remark(name, f"{error.message}, so its port is the usual one", error.hint or ""))
        return cls(name, host=server.host, database=server.database, description=server.description or "")


def with_ports_that_are_numbers(document: Document) -> tuple[Document, tuple[Remark, ...]]:
    """The contract without ports that a variable stands for, which some versions of the package refuse."""
    servers = document.get("servers")
    remarks: list[Remark] = []
    kept: list[JsonValue] = []
    for server in servers if isinstance(servers, list) else []:
        if isinstance(server, dict) and isinstance(server.get("port"), str) and not str(server["port"]).isdecimal():
            name = str(server.get("server"))
            remarks.append(Remark(name, f"its port {server['port']} is no number, so it is the usual one", "set port="))
            server = {key: value for key, value in server.items() if key != "port"}
        kept.append(server)
    return ({**document, "servers": kept} if remarks else document), tuple(remarks)


def _tables(objects: Mapping[str, SchemaObject], schema: str, remarks: list[Remark]) -> dict[str, str]:
    """The table of each dataset that is called otherwise."""
    tables = {}
    for dataset, found in objects.items():
        name = found.name or ""
        table = (found.physicalName or name).removeprefix(f"{schema}.")
        if found.physicalName and "." in table:
            hint = "a capture reads one schema: put the dataset into a datastore of its own, or name the table alone"
            remarks.append(Remark(name, f"its table {table} is not looked for outside of schema {schema}", hint))
        if table != dataset:
            tables[dataset] = table
    return tables
