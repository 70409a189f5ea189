"""The tables of a dataset: created where missing, looked at where they stand."""

from collections.abc import Collection, Iterator, Mapping

from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused
from datasurface.model import Milestoning
from datasurface.results import Step
from datasurface_yellow.deploy.state import PARTITIONED
from datasurface_yellow.store.catalog import relations
from datasurface_yellow.store.connection import execute
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


def are_missing(table: MergeTable, standing: Collection[str]) -> bool:
    """Whether ``ensure_tables`` has something to do; ``standing``: the names of tables and indexes that stand."""
    return any(name not in standing for name in table.relations if name != table.key_index)


def ensure_tables(session: Connection, table: MergeTable, standing: Collection[str]) -> Iterator[Step]:
    """Make the dataset's tables exist, and the index of its history; those that stand are left as they are."""
    if table.merge not in standing:
        for name in ("merge", "live", "history") if table.is_forensic else ("merge",):
            execute(session, _sql(f"create_{name}", table))
            yield Step("created table", getattr(table, name))
    if table.is_forensic and table.history_index not in standing:
        execute(session, _sql("create_history_index", table))
        if table.merge not in standing:
            execute(session, _sql("create_batch_index", table))
        yield Step("created index", table.history_index)
    if table.staging not in standing:
        execute(session, _sql("create_staging", table))
        execute(session, _sql("create_staging_index", table))
        yield Step("created table", table.staging)


def make_tables(session: Connection, table: MergeTable) -> Iterator[Step]:
    """The same of one dataset alone, whose tables the server is asked for."""
    return ensure_tables(session, table, relations(session, table.schema, table.relations))


def refuse_other_milestoning(table: MergeTable, kinds: Mapping[str, str]) -> None:
    """ApplyRefused where the merge table stands and was made for another milestoning: views would show its versions as
    rows.
    """
    if table.merge in kinds and (kinds[table.merge] == PARTITIONED) != table.is_forensic:
        made_for = Milestoning.LIVE_ONLY if table.is_forensic else Milestoning.FORENSIC
        raise ApplyRefused(
            f"table {table.merge} was made for {made_for.name}, and the platform is {table.milestoning.name} now",
            hint="a platform keeps its milestoning: take it back, or add another platform and assign the groups to it",
        )


def refuse_lost_parts(table: MergeTable, kinds: Mapping[str, str]) -> None:
    """ApplyRefused where the merge table stands without one of the tables that hold its rows: what was in it is lost,
    and no table in its place would say so."""
    lost = [name for name in table.parts if name not in kinds]
    if table.merge in kinds and lost:
        raise ApplyRefused(
            f"table {table.merge} stands without {' and '.join(lost)}, which held its rows",
            hint="somebody dropped it: bring it back from a backup of the merge database",
        )


def _sql(name: str, table: MergeTable) -> str:
    return statement("deploy", "tables.sql.j2", name, t=table)
