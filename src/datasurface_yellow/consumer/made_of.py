"""What the tables of the merge database are made of: by this a copy knows what it has to fetch."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import cast

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import StoreUnavailable
from datasurface_yellow.consumer.copies import Held
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import Row, hint_for_store, one, primary_message, rows
from datasurface_yellow.store.naming import LIVE
from datasurface_yellow.store.statements import statement


@frozen
class Made:
    """What a stream's tables are made of, and a view shows of them.

    Attributes:
        batch: the newest that is committed; 0 before the first.
        committed_at: its time; None before the first.
        sign: another one for whatever changes a row, and the same again where a rollback takes that back.
        token: the stream's fencing token, which never comes again.
        view_id: of the view; another one whenever it was made anew. 0 where it is about no view.
    """

    batch: int
    committed_at: datetime | None
    sign: str
    token: int
    view_id: int = 0


@frozen
class Later:
    """What came after what a copy holds.

    Attributes:
        is_on_top: whether all that it holds is still so, and everything else came with plain batches after it.
        changed: how many rows these changed in the dataset.
    """

    is_on_top: bool
    changed: int


def made_of(session: Connection, names: PlatformNames, stream: str, up_to: int = LIVE) -> Made:
    """What a stream's tables are made of, as far as the batches up to one are concerned."""
    found = _one(session, names, "made_of", {"stream": stream, "up_to": up_to})
    return Made(*cast("tuple[int, datetime | None, str, int]", found))


def view_ids(session: Connection, names: PlatformNames, schema: str) -> Mapping[str, int]:
    """The views of a schema, each with what tells it from one of that name that was there before."""
    sql = statement("consumer", "merge_side.sql.j2", "view_ids")
    with _of_merge_database(names):
        return dict(cast("Iterable[tuple[str, int]]", rows(session, sql, {"schema": schema})))


def later(session: Connection, names: PlatformNames, stream: str, dataset: str, held: Held) -> Later:
    """What came after what a copy of a dataset holds."""
    parameters = {"stream": stream, "dataset": dataset, "batch": held.batch}
    is_plain, changed = cast("tuple[bool, int]", _one(session, names, "later", parameters))
    return Later(is_plain and made_of(session, names, stream, held.batch).sign == held.sign, changed)


def _one(session: Connection, names: PlatformNames, block: str, parameters: Mapping[str, object]) -> Row | None:
    sql = statement("consumer", "merge_side.sql.j2", block, schema=names.schema, names=names)
    with _of_merge_database(names):
        return one(session, sql, parameters)


@contextmanager
def _of_merge_database(names: PlatformNames) -> Iterator[None]:
    """StoreUnavailable where it fails: who is at work in two databases has to say which of them it is."""
    try:
        yield
    except psycopg2.Error as error:
        raise StoreUnavailable(
            f"platform {names.platform}, copies: the merge database failed: {primary_message(error)}",
            hint=hint_for_store(error, "nothing was half done; try again once its cause is gone"),
        ) from error
