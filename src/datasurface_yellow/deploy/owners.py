"""Whose rows a merge table holds. Tables outlive the datastore that they were made for, and are known by its name:
whoever models one of that name later would show the rows of another team to its own consumers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from attrs import asdict, evolve, frozen
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


@frozen
class Origin:
    """Of which dataset the rows are."""

    ecosystem: str
    stream: str
    dataset: str


@frozen
class Kept:
    """What is kept of a merge table; without an origin where an earlier version kept it."""

    owned: Owned
    origin: Origin | None


def followed(kept: Mapping[str, Kept], handed_over: Sequence[HandOver]) -> dict[str, Kept]:
    """The tables that change hands with their datastores, by name. Those of an earlier owner, who had a datastore of
    that name before, do not."""
    next_owners = {Owned(each.store, each.former): each.owner for each in handed_over}
    return {
        table: evolve(each, owned=evolve(each.owned, owner=next_owners[each.owned]))
        for table, each in kept.items()
        if each.owned in next_owners
    }


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
    kept = read_kept(session, names)
    moved = followed(kept, handed_over)
    wanted = {
        table.merge: (
            table,
            Kept(Owned(stream.store, stream.owner), Origin(deployment.ecosystem, stream.key, table.name)),
        )
        for stream in deployment.streams
        if stream.owner is not None
        for table in tables[stream.key]
    }
    now = kept | moved
    _refuse(
        (table, now[name].owned, each.owned)
        for name, (table, each) in wanted.items()
        if name in now
        and now[name].owned.owner != each.owned.owner
        and relation_exists(session, table.schema, table.key_index)
    )
    for name, each in moved.items():
        _keep(session, names, name, each)
        yield Step("handed over table", name)
    for name, (_, each) in wanted.items():
        if now.get(name) != each:
            _keep(session, names, name, each)


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
            hint="its consumers would read them: give the datastore another name, or drop the old tables first, by "
            "`datasurface apply --prune` of the model without it",
        )


def read_kept(session: Connection, names: PlatformNames) -> dict[str, Kept]:
    """Whose the merge tables of a platform are, by name."""
    if not relation_exists(session, names.schema, names.owner):  # a dry run on tables of an earlier version
        return {}
    found = cast(
        "list[tuple[str, str, str, str | None, str | None, str | None]]",
        rows(session, _sql("kept", names=names, schema=names.schema)),
    )
    return {table: Kept(Owned(store, owner), _origin(*origin)) for table, store, owner, *origin in found}


def _origin(ecosystem: str | None, stream: str | None, dataset: str | None) -> Origin | None:
    if ecosystem is None or stream is None or dataset is None:
        return None
    return Origin(ecosystem, stream, dataset)


def _keep(session: Connection, names: PlatformNames, table: str, kept: Kept) -> None:
    values = {"merge_table": table, **asdict(kept.owned), "ecosystem": None, "stream": None, "dataset": None}
    if kept.origin is not None:
        values |= asdict(kept.origin)
    execute(session, _sql("keep", names=names, schema=names.schema), values)


def _sql(block: str, /, **context: object) -> str:
    return statement("deploy", "owners.sql.j2", block, **context)
