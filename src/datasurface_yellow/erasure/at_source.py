"""Whether the source still has a key that is to be forgotten: the next batch would bring it back."""

from typing import cast

from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.errors import JobError, OperationRefused
from datasurface.model import SqlSnapshot, SqlWatermark
from datasurface_yellow.capture.sources import Source
from datasurface_yellow.erasure.keys import GivenKeys
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.statements import statement

_OTHERWISE = "--even-if-at-source erases without asking the source"


def refuse_at_source(session: Connection, source: Source, keys: GivenKeys) -> None:
    """OperationRefused where the source has one of the keys, or cannot say.

    ``session``: of the merge database, for temporary tables and nothing else.
    """
    table = keys.table
    literals = cast("tuple[str, ...]", one(session, _sql("literals", keys), keys.parameters))
    into = statement("merge", "stage.sql.j2", "into_fetched", t=table, straight=False)
    execute(session, statement("merge", "stage.sql.j2", "drop_work"))
    execute(session, statement("merge", "stage.sql.j2", "create_fetched", t=table))
    try:
        with _whole(source).open((table.at_source,), session, {}) as snapshot:
            snapshot.copy_rows(table.name, session, into, 0, 0, literals)
    except JobError as error:
        raise OperationRefused(
            f"whether the source of {table.name} still has the key cannot be said: {error.message}",
            hint=f"{error.hint}; {_OTHERWISE}" if error.hint else _OTHERWISE,
            dataset=table.name,
        ) from error
    (found,) = cast("tuple[int]", one(session, _sql("at_source", keys), keys.parameters))
    if found:
        raise OperationRefused(
            f"the source of {table.name} still has {found} of the {len(keys.texts)} keys: "
            "the next batch would bring back what is erased",
            hint=f"delete it at the producer, run a batch, then forget; {_OTHERWISE}",
            dataset=table.name,
        )


def _whole(source: Source) -> Source:
    """The same, all rows of which are looked at: a watermark would hide those that were read before."""
    capture = source.capture
    if not isinstance(capture, SqlWatermark):
        return source
    return evolve(
        source,
        capture=SqlSnapshot(
            capture.container,
            consistency=capture.consistency,
            schema=capture.schema,
            tables=capture.tables,
            hash_at_source=capture.hash_at_source,
        ),
    )


def _sql(name: str, keys: GivenKeys) -> str:
    return statement("erasure", "forget.sql.j2", name, t=keys.table)
