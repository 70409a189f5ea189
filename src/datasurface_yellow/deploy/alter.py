"""Tables that stand become those that a changed model needs, in the session's transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused
from datasurface.results import Step
from datasurface_yellow.deploy.evolution import Evolution
from datasurface_yellow.deploy.grants import TakenView, take_view_away
from datasurface_yellow.deploy.standing import mark_of
from datasurface_yellow.deploy.wanted import Place
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import execute, one, primary_message, rows
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

ADDED_COLUMN = "added column"


@frozen
class Change:
    """A dataset's tables, as they will be, and the way there."""

    table: MergeTable
    evolution: Evolution
    is_new: bool
    staged: frozenset[str]
    """The columns of staging as it stands."""
    check: str | None
    """The name of staging's check; None where staging is missing."""

    @property
    def rewrites(self) -> Sequence[str]:
        """What changes the hashes of stored rows, in words."""
        return () if self.is_new else self.evolution.rewrites


def take_views_away(session: Connection, platform: str, changes: Iterable[Change]) -> list[TakenView]:
    """Take away the platform's views that will show other columns; they are made again later. Before any table is
    locked, because whoever reads a view locks it before its table, and would meet this session the other way round.

    ApplyRefused, naming all of them, where somebody else's stand in the way.
    """
    mark, ours, others = mark_of(platform), set[Place](), set[Place]()
    for change in changes:
        if change.evolution.shows:
            on_it = _on_table(session, change.table, None)
            ours |= {place for place, comment in on_it.items() if comment.startswith(mark)}
            others |= _on_table(session, change.table, _retyped(change)).keys()
    on_views = _who_stands_on(session, [place.quoted for place in ours], None)
    functions = {place for place, comment in on_views.items() if comment.startswith(mark) and not place.is_view}
    on_functions = _who_stands_on(session, [], None, [place.quoted for place in functions])
    others = (others | on_views.keys() | on_functions.keys()) - ours - functions
    if others:
        names = ", ".join(sorted(map(str, others)))
        raise ApplyRefused(
            f"{names} would have to go, because columns change that it reads",
            hint="drop it, apply, and make it again; nothing was changed",
        )
    return [take_view_away(session, place) for place in (*sorted(functions, key=str), *sorted(ours, key=str))]


def _retyped(change: Change) -> Sequence[str]:
    """Columns of the merge table whose type changes, or is declared anew."""
    hashes = [naming.KEY_HASH, naming.ALL_HASH] if change.evolution.rewrites else []
    return [*(column.name for column in change.evolution.widened), *hashes]


def _on_table(session: Connection, table: MergeTable, columns: Sequence[str] | None) -> Mapping[Place, str]:
    """Who reads columns of a merge table, or of its partitions, with their comments."""
    names = {table.merge, table.live, *([table.history] if table.is_forensic else [])}
    return _who_stands_on(session, [qualified(table.schema, name) for name in sorted(names)], columns)


def _who_stands_on(
    session: Connection, relations: Sequence[str], columns: Sequence[str] | None, functions: Sequence[str] = ()
) -> Mapping[Place, str]:
    parameters = {
        "relations": list(relations),
        "columns": list(columns) if columns is not None else None,
        "functions": list(functions),
    }
    found = cast(
        "list[tuple[str, str, str | None, str]]",
        rows(session, statement("deploy", "alter.sql.j2", "who_stands_on"), parameters),
    )
    return {Place(schema, name, signature): comment for schema, name, signature, comment in found}


def lay_out(session: Connection, change: Change) -> Iterator[Step]:
    """What leaves the stored rows as they are: names, new columns, and which may be NULL."""
    table, evolution = change.table, change.evolution
    with _refusing(table):
        for before, after in evolution.renamed:
            execute(session, _alter("rename_column", table, table.merge, before=before, after=after))
            if before in change.staged:
                execute(session, _alter("rename_column", table, table.staging, before=before, after=after))
            yield Step("renamed column", f"{table.name}.{before} to {after}")
        for column in evolution.added:
            execute(session, _alter("add_column", table, table.merge, column=column))
            yield Step(ADDED_COLUMN, f"{table.name}.{column.name}")
        for column in evolution.added_to_staging:
            execute(session, _alter("add_column", table, table.staging, column=column))
        for name in evolution.loosened:
            execute(session, _alter("may_be_null", table, table.merge, column=name))
        for name in evolution.tightened:
            execute(session, _alter("may_not_be_null", table, table.merge, column=name))
        if evolution.required is not None:
            execute(session, _sql("replace_check", t=table, check=change.check))
        if evolution.required is not None or evolution.loosened or evolution.tightened:
            yield Step("changed nullability", table.name)


def rewrite(session: Connection, change: Change, rows_there: int) -> Iterator[Step]:
    """Other types and hashes, in one rewrite of the table, which nobody can read meanwhile."""
    table, evolution = change.table, change.evolution
    if not evolution.rewrites:
        return
    with _refusing(table):
        execute(session, _sql("rewrite_merge", t=table, e=evolution))
        renamed = dict(evolution.renamed)
        staged = {renamed.get(name, name) for name in change.staged}
        widened = [column for column in evolution.widened if column.name in staged]
        if widened:
            execute(session, _sql("widen_staging", t=table, widened=widened))
        execute(session, _sql("analyze", t=table))
    yield Step("rewrote table", f"{table.merge} ({rows_there:,} rows): {'; '.join(evolution.rewrites)}")


def count_rows(session: Connection, table: MergeTable) -> int:
    """How many rows a merge table has, with its history."""
    found = one(session, _sql("count_rows", t=table))
    return cast(int, found[0]) if found else 0


def count_live(session: Connection, table: MergeTable) -> int:
    """How many live rows a merge table has."""
    found = one(session, _sql("count_live", t=table))
    return cast(int, found[0]) if found else 0


@contextmanager
def _refusing(table: MergeTable) -> Iterator[None]:
    try:
        yield
    except (
        psycopg2.errors.LockNotAvailable,
        psycopg2.NotSupportedError,
        psycopg2.errors.DependentObjectsStillExist,
    ) as error:
        raise ApplyRefused(
            f"table {table.merge} cannot be changed: {primary_message(error)}",
            hint="somebody reads it for long, or something stands on it, as `\\d+` in psql shows; nothing was changed",
        ) from error


def _alter(name: str, table: MergeTable, which: str, **context: object) -> str:
    return _sql(name, schema=table.schema, table=which, **context)


def _sql(name: str, **context: object) -> str:
    return statement("deploy", "alter.sql.j2", name, **context)
