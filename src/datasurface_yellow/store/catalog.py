"""Tables of ours, and the version they are in: those of a platform, and those of the control database."""

from collections.abc import Collection, Iterator, Mapping
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import CatalogueRefused
from datasurface.results import Step
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, one, rows
from datasurface_yellow.store.statements import statement

_FILE = "catalog.sql.j2"


@frozen
class Catalogue:
    """Tables that share a version. A later program migrates them forward; an earlier one refuses them.

    Attributes:
        whose: what messages call them.
        version_table: holds the version, in one row.
        version: the one that this program knows.
        oldest: the earliest that its jobs can work on, until an apply brings the tables forward.
        file: its blocks ``create_…`` make the tables, ``migrate_to_…`` bring those of the version before forward, and
            ``version_before`` says what version tables are of that carry none; NULL where there are none.
        names: what the blocks know beside the schema.
        tables: by the ends of the blocks that make them.
        only_new_tables: versions that change no table of the one before: what is missing is made like any table that
            is.
    """

    whose: str
    schema: str
    version_table: str
    version: int
    oldest: int
    file: str
    names: Mapping[str, object]
    tables: Mapping[str, str]
    only_new_tables: frozenset[int] = frozenset()

    @property
    def all_tables(self) -> tuple[str, ...]:
        """The names of its tables, that of the version first."""
        return (self.version_table, *self.tables.values())

    def sql(self, block: str) -> str:
        """A block of its file."""
        return statement("store", self.file, block, schema=self.schema, **self.names)


@frozen
class PlatformNames:
    """The names of one platform's own tables in one schema."""

    schema: str
    platform: str
    catalog: str
    batch_counter: str
    batch_metrics: str
    job_result: str
    layout: str
    mask_keys: str
    consumer_database: str
    owner: str
    erasure: str
    horizon: str

    @property
    def catalogue(self) -> Catalogue:
        """Its own tables. Each platform has its own version, because each may have a role of its own."""
        tables = (
            "batch_counter",
            "batch_metrics",
            "job_result",
            "layout",
            "consumer_database",
            "owner",
            "erasure",
            "horizon",
        )
        return Catalogue(
            whose=f"platform {self.platform}",
            schema=self.schema,
            version_table=self.catalog,
            version=8,
            oldest=2,
            file=_FILE,
            names={"names": self},
            tables={table: getattr(self, table) for table in tables},
            only_new_tables=frozenset({3, 4, 5, 6}),
        )


def platform_names(platform: str, schema: str) -> PlatformNames:
    """The names of a platform's own tables."""
    return PlatformNames(
        schema,
        platform,
        naming.catalog(platform),
        naming.batch_counter(platform),
        naming.batch_metrics(platform),
        naming.job_result(platform),
        naming.layout(platform),
        naming.mask_keys(platform),
        naming.consumer_databases(platform),
        naming.owner(platform),
        naming.erasure(platform),
        naming.horizon(platform),
    )


def ensure_schema(session: Connection, schema: str) -> Iterator[Step]:
    """Make a schema exist."""
    if one(session, statement("store", _FILE, "schema_exists"), {"schema": schema}) != (True,):
        execute(session, statement("store", _FILE, "create_schema", schema=schema))
        yield Step("created schema", schema)


def version_of(session: Connection, catalogue: Catalogue) -> int | None:
    """The version that the tables are in; None where there are none. CatalogueRefused where this program is too old for
    them."""
    if relation_exists(session, catalogue.schema, catalogue.version_table):
        found = one(session, _of_version(catalogue, "read_version"))
        version = cast(int, found[0]) if found else 0
    else:
        found = one(session, catalogue.sql("version_before"))
        if found is None or found[0] is None:
            return None
        version = cast(int, found[0])
    if not 1 <= version <= catalogue.version:
        raise CatalogueRefused(
            f"the tables of {catalogue.whose} are of catalogue version {version}, this program knows "
            f"{catalogue.version}",
            hint="use the version of DataSurface that applied them, or a later one",
        )
    return version


def refuse_other_version(session: Connection, catalogue: Catalogue) -> None:
    """CatalogueRefused unless this program can work on the tables as they are. For sessions that may not change them;
    ends their transaction."""
    version = version_of(session, catalogue)
    session.rollback()
    if version is None or version < catalogue.oldest:
        found = "are not there" if version is None else f"are of catalogue version {version}"
        raise CatalogueRefused(
            f"the tables of {catalogue.whose} {found}, this program needs {catalogue.oldest} at the least",
            hint="run `datasurface apply` with this version: it brings them forward, and changes nothing else",
        )


def ensure_catalog(session: Connection, catalogue: Catalogue) -> Iterator[Step]:
    """Make the tables exist in this program's version, in the caller's transaction."""
    yield from ensure_schema(session, catalogue.schema)
    version = version_of(session, catalogue)
    standing = relations(session, catalogue.schema, catalogue.all_tables)
    for step in range(version + 1, catalogue.version + 1) if version else ():
        if step not in catalogue.only_new_tables:
            execute(session, catalogue.sql(f"migrate_to_{step}"))
        yield Step("migrated to catalogue version", str(step))
    if catalogue.version_table not in standing:
        execute(session, _of_version(catalogue, "create_version"))
        execute(session, _of_version(catalogue, "write_version"), {"version": catalogue.version})
        yield Step("created table", catalogue.version_table)
    elif version != catalogue.version:
        execute(session, _of_version(catalogue, "update_version"), {"version": catalogue.version})
    for block, name in catalogue.tables.items():
        if name not in standing:
            execute(session, catalogue.sql(f"create_{block}"))
            yield Step("created table", name)


def relations(session: Connection, schema: str, names: Collection[str]) -> Mapping[str, str]:
    """Those of these names that are there, with their kind as in ``pg_class.relkind``."""
    found = rows(session, statement("store", _FILE, "relations"), {"schema": schema, "names": list(names)})
    return {str(name): str(kind) for name, kind in found}


def relation_exists(session: Connection, schema: str, name: str) -> bool:
    """Whether a table, view or index of that name is there."""
    return name in relations(session, schema, [name])


def _of_version(catalogue: Catalogue, block: str) -> str:
    return statement("store", _FILE, block, schema=catalogue.schema, versions=catalogue.version_table)
