"""Reads what is in a database: what is alike everywhere by SQLAlchemy, types by the queries of the readers."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from attrs import frozen
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import DBAPIError, SAWarning
from sqlalchemy.pool import NullPool

from datasurface.credentials import Credentials
from datasurface.errors import SourceUnavailable, UsageError
from datasurface.hints import did_you_mean
from datasurface.interchange.remarks import Remark
from datasurface.interchange.source_tables import FoundColumn, FoundReference, FoundSource, FoundTable
from datasurface.model import MySqlDatabase, PostgresDatabase, SqliteDatabase
from datasurface.model.datastore import DEFAULT_SCHEMA
from datasurface.types import DataType
from datasurface_yellow.capture.drift import source_types
from datasurface_yellow.capture.portable.sqlite import connect as connect_sqlite
from datasurface_yellow.catalogue.types import key_type, mysql_type, postgres_type, sqlite_type
from datasurface_yellow.store.connection import connect_for_one_transaction, place
from datasurface_yellow.store.statements import statement

_APPLICATION = "datasurface import"
_PATIENCE = 30
"""Seconds that an answer may take, or a lock."""
_KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}


@frozen
class TypeFound:
    """What a column of a source is read as."""

    type: DataType | None
    declared: str
    doubt: str | None = None


@frozen
class Dialect:
    """What differs between databases.

    Attributes:
        schema: that reflection looks in; None where there are none.
        relations: the names of what is there, and why a thing is no table to read, or None where it is one.
        types: the types of a table's columns.
        forbidden: the tables that the reader may not read.
    """

    schema: str | None
    relations: Mapping[str, str | None]
    types: Callable[[str], Mapping[str, TypeFound]]
    forbidden: frozenset[str] = frozenset()


def found_source(
    container: PostgresDatabase | MySqlDatabase | SqliteDatabase,
    schema: str | None,
    wanted: Sequence[str],
    credentials: Credentials,
) -> FoundSource:
    """The tables that are wanted, or all of the schema.

    Raises:
        UsageError: a table that is wanted is not there, or is none that can be read.
        ConnectionFailed, SourceUnavailable: the database cannot be reached or read.
    """
    try:
        with _connected(container, credentials) as connection, warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # types that SQLAlchemy does not know: they are asked for below
            match container:
                case PostgresDatabase():
                    dialect = _postgres(connection, schema or DEFAULT_SCHEMA)
                case MySqlDatabase():
                    dialect = _mysql(connection, container.database)
                case _:
                    dialect = _sqlite(connection)
            names, remarks = _chosen(dialect.relations, wanted)
            reflection = inspect(connection)
            tables = tuple(_table(reflection, dialect, name) for name in names)
            return FoundSource(tables, (*remarks, *_forbidden(dialect, names)))
    except DBAPIError as error:
        raise SourceUnavailable(
            f"the catalogue of {container.name} cannot be read: {' '.join(str(error.orig).split())}",
            hint="the reader needs to see the tables that it is to import",
        ) from error


@contextmanager
def _connected(
    container: PostgresDatabase | MySqlDatabase | SqliteDatabase, credentials: Credentials
) -> Iterator[Connection]:
    match container:
        case PostgresDatabase():
            where = place(container, credentials)
            engine = create_engine(
                "postgresql+psycopg2://",
                creator=lambda: connect_for_one_transaction(where, _APPLICATION),
                poolclass=NullPool,
            )
        case MySqlDatabase():
            from datasurface_yellow.capture.portable.mysql import connected

            with connected(container, credentials, _APPLICATION, _PATIENCE) as connection:
                yield connection
            return
        case _:
            path = container.path
            engine = create_engine("sqlite://", creator=lambda: connect_sqlite(path, _PATIENCE), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _chosen(relations: Mapping[str, str | None], wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[Remark, ...]]:
    for name in wanted:
        if name not in relations:
            raise UsageError(f"there is no table '{name}'", hint=did_you_mean(name, relations))
        if relations[name] is not None:
            raise UsageError(f"'{name}' is {relations[name]}, which has no key", hint="name tables")
    if wanted:
        return tuple(dict.fromkeys(wanted)), ()
    tables = tuple(sorted(name for name, kind in relations.items() if kind is None))
    remarks = (
        Remark(name, f"it is {kind} and was left out", "write its Dataset by hand, with the columns that are its key")
        for name, kind in sorted(relations.items())
        if kind is not None
    )
    return tables, tuple(remarks)


def _forbidden(dialect: Dialect, names: Sequence[str]) -> Iterator[Remark]:
    for name in names:
        if name in dialect.forbidden:
            yield Remark(name, "its rows may not be read by this user", "GRANT SELECT on the table to the reader")


def _table(reflection: Inspector, dialect: Dialect, name: str) -> FoundTable:
    types = dialect.types(name)
    key = tuple(reflection.get_pk_constraint(name, dialect.schema)["constrained_columns"])
    columns = [
        _column(found["name"], found["nullable"], found.get("comment"), types[found["name"]], found["name"] in key)
        for found in reflection.get_columns(name, dialect.schema)
        if found["name"] in types
    ]
    return FoundTable(
        name,
        tuple(columns),
        key,
        tuple(_references(reflection, dialect, name)),
        _comment(reflection, dialect, name),
    )


def _column(name: str, nullable: bool, comment: str | None, found: TypeFound, is_key: bool) -> FoundColumn:
    type_ = key_type(found.type) if is_key and found.type is not None else found.type
    return FoundColumn(name, type_, found.declared, nullable, comment or "", found.doubt)


def _references(reflection: Inspector, dialect: Dialect, name: str) -> Iterator[FoundReference]:
    # Without the option, PostgreSQL leaves out the name of a schema that the session's search path has.
    options = {"postgresql_ignore_search_path": True} if reflection.dialect.name == "postgresql" else {}
    for found in reflection.get_foreign_keys(name, dialect.schema, **options):
        is_here = found["referred_schema"] in (dialect.schema, None)
        yield FoundReference(
            tuple(found["constrained_columns"]),
            found["referred_table"] if is_here else None,
            tuple(found["referred_columns"]),
        )


def _comment(reflection: Inspector, dialect: Dialect, name: str) -> str:
    if not reflection.dialect.supports_comments:
        return ""
    return reflection.get_table_comment(name, dialect.schema)["text"] or ""


def _postgres(connection: Connection, schema: str) -> Dialect:
    sql = statement("catalogue", "catalogue.sql.j2", "relations")
    found = connection.exec_driver_sql(sql, {"schema": schema}).all()
    relations = {str(name): _KINDS.get(kind) for name, kind, is_partition, _ in found if not is_partition}
    forbidden = frozenset(str(name) for name, _, _, is_readable in found if not is_readable)

    def types(table: str) -> Mapping[str, TypeFound]:
        rows = connection.exec_driver_sql(
            statement("capture", "source.sql.j2", "columns"), {"schema": schema, "table": table}
        ).all()
        return {name: TypeFound(postgres_type(source), source.sql) for name, source in source_types(rows).items()}

    return Dialect(schema, relations, types, forbidden)


def _mysql(connection: Connection, database: str) -> Dialect:
    from datasurface_yellow.capture.portable.mysql import columns_of, relations_of

    def types(table: str) -> Mapping[str, TypeFound]:
        return {
            name: TypeFound(
                mysql_type(column),
                str(column),
                "it is tinyint(1), so it is Boolean(); where it has other numbers than 0 and 1, TinyInt()"
                if column.declared == "tinyint(1)"
                else None,
            )
            for name, column in columns_of(connection, database, table).items()
        }

    return Dialect(None, relations_of(connection, database), types)


def _sqlite(connection: Connection) -> Dialect:
    rows = connection.exec_driver_sql(statement("capture", "sqlite.sql.j2", "relations")).all()
    relations = {
        str(name): "a view" if kind == "view" else None if page else "a virtual table"
        for name, kind, page in rows
        if not str(name).startswith("sqlite_")
    }

    def types(table: str) -> Mapping[str, TypeFound]:
        found = connection.exec_driver_sql(statement("capture", "sqlite.sql.j2", "columns"), {"table": table}).all()
        read = {str(column): (*sqlite_type(str(kind)), str(kind)) for column, kind in found}
        return {name: TypeFound(type_, declared, doubt) for name, (type_, doubt, declared) in read.items()}

    return Dialect(None, relations, types)
