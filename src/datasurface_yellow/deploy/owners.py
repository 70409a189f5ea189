"""Whose rows a merge table holds. Tables outlive the datastore that they were made for, and are known by its name:
whoever models one of that name later would show the rows of another team to its own consumers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment, HandOver
from datasurface.errors import ApplyRefused
from datasurface.results import Step
from datasurface_yellow.store.catalog import PlatformNames, relation_exists
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


@frozen
class Owned:
    """For whom the rows of a table were merged: the datastore, and its owner as in ``StreamConfig``."""

    store: str
    owner: str


def followed(kept: Mapping[str, Owned], handed_over: Sequence[HandOver]) -> dict[str, Owned]:
    """The tables that change hands with their datastores, by name. Those of an earlier owner, who had a datastore of
    that name before, do not."""
    next_owners = {Owned(each.store, each.former): each.owner for each in handed_over}
    return {table: evolve(owned, owner=next_owners[owned]) for table, owned in kept.items() if owned in next_owners}


def keep_owners(
    session: Connection,
    names: PlatformNames,
    deployment: Deployment,
    tables: Mapping[str, Sequence[MergeTable]],
    handed_over: Sequence[HandOver],
) -> Iterator[Step]:
    """Write down whose each table of the deployment is; one that nobody is known for is the present owner's.
    ``tables``: of its streams.

    ApplyRefused, before anything is written, where tables were filled for another owner, be it with no row: the first
    load makes the index of the key, and batches after it go on from what the log says.
    """
    kept = _kept(session, names)
    moved = followed(kept, handed_over)
    wanted = {
        table.merge: (table, Owned(stream.store, stream.owner))
        for stream in deployment.streams
        if stream.owner is not None
        for table in tables[stream.key]
    }
    now = kept | moved
    _refuse(
        (table, now[name], owned)
        for name, (table, owned) in wanted.items()
        if name in now and now[name].owner != owned.owner and relation_exists(session, table.schema, table.key_index)
    )
    for name, owned in moved.items():
        _keep(session, names, name, owned)
        yield Step("handed over table", name)
    for name, (_, owned) in wanted.items():
        if now.get(name) != owned:
            _keep(session, names, name, owned)


def _refuse(taken: Iterator[tuple[MergeTable, Owned, Owned]]) -> None:
    tables: dict[tuple[str, str, str], list[str]] = {}
    for table, former, owned in taken:
        tables.setdefault((former.owner, owned.store, owned.owner), []).append(table.merge)
    if tables:
        problems = [
            f"{' and '.join(names)} {'holds' if len(names) == 1 else 'hold'} what was merged for {former}, and "
            f"datastore {store} is {owner}'s now"
            for (former, store, owner), names in tables.items()
        ]
        raise ApplyRefused(
            f"rows of another owner: {'; '.join(problems)}",
            hint="its consumers would read them: give the datastore another name, or have an administrator drop the "
            "old tables, as the page on ownership says",
        )


def _kept(session: Connection, names: PlatformNames) -> dict[str, Owned]:
    if not relation_exists(session, names.schema, names.owner):  # a dry run on tables of an earlier version
        return {}
    found = cast("list[tuple[str, str, str]]", rows(session, _sql("kept", names=names, schema=names.schema)))
    return {table: Owned(store, owner) for table, store, owner in found}


def _keep(session: Connection, names: PlatformNames, table: str, owned: Owned) -> None:
    values = {"merge_table": table, "store": owned.store, "owner": owned.owner}
    execute(session, _sql("keep", names=names, schema=names.schema), values)


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "owners.sql.j2", block, **context)
