"""The copies of a consumer's database: tables that its views read, and the table that says what each of them holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.results import Step
from datasurface_yellow.consumer.foreign_server import drop_empty_schema
from datasurface_yellow.consumer.site import Site
from datasurface_yellow.store.catalog import relation_exists
from datasurface_yellow.store.connection import PlannedSession, execute, rows
from datasurface_yellow.store.statements import statement


@frozen
class StandingCopy:
    """A copy that is there. ``is_read``: whether a view reads it."""

    columns: tuple[str, ...]
    is_read: bool


@frozen
class Held:
    """What a copy holds.

    Attributes:
        batch: the newest of its stream that it has; 0 before the first.
        sign: of what it was made of, as ``made_of`` gives it; empty where that is not known.
        view_id: the view of the merge database that it was read through.
    """

    batch: int
    sign: str
    view_id: int


def ensure_copies(session: Connection, site: Site) -> Iterator[Step]:
    """Make the table of what copies hold exist, and keep refreshes out until the transaction ends."""
    stands = relation_exists(session, site.copied_schema, site.copies)
    if site.copied and not stands:
        execute(session, _sql("create_copies", site))
        yield Step("created table", f"{site.copied_schema}.{site.copies}")
    elif stands and not isinstance(session, PlannedSession):
        execute(session, _sql("lock_copies", site))


def standing_copies(session: Connection, site: Site) -> Mapping[str, StandingCopy]:
    """The copies of a site, by name."""
    found = cast("Iterable[tuple[str, list[str], bool]]", rows(session, _sql("standing", site), site.names))
    return {name: StandingCopy(tuple(columns), is_read) for name, columns, is_read in found}


def lock_held(session: Connection, site: Site, names: Sequence[str]) -> Mapping[str, Held]:
    """What copies hold, by name; nobody else refreshes them until the transaction ends."""
    found = cast("Iterable[tuple[str, int, str, int]]", rows(session, _sql("lock_held", site), {"names": list(names)}))
    return {name: Held(batch, sign, view_id) for name, batch, sign, view_id in found}


def drop_left_copies(session: Connection, site: Site) -> None:
    """Take away copies that the site has no longer, or has no view for; with the last one all that was for them."""
    if not relation_exists(session, site.copied_schema, site.copies):
        return
    wanted = {view.name for view in site.copied}
    standing = standing_copies(session, site)
    is_planned = isinstance(session, PlannedSession)
    left = [name for name, copy in standing.items() if name not in wanted and (is_planned or not copy.is_read)]
    for name in left:
        execute(session, _sql("drop_copy", site, name=name))
        execute(session, _sql("forget_held", site), {"name": name})
    if not wanted and len(left) == len(standing):
        execute(session, _sql("drop_copies", site))
        drop_empty_schema(session, site.copied_schema)


def _sql(block: str, site: Site, /, **context: object) -> str:
    return statement("consumer", "copies.sql.j2", block, **{**site.names, **context})
