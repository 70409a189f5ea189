"""The copies of one group, brought to what the merge database shows: all of them from one snapshot of it, in one
transaction of the consumer's database."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import cast

from attrs import asdict, evolve, frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import NotApplied
from datasurface.results import CopiedRows
from datasurface_yellow.consumer.copies import Held, StandingCopy, lock_held, standing_copies
from datasurface_yellow.consumer.made_of import Later, Made, later, made_of, view_ids
from datasurface_yellow.consumer.site import Site
from datasurface_yellow.deploy.wanted import Kind, View
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.quoting import identifier
from datasurface_yellow.store.statements import statement

TRIES = 10
"""So often a snapshot is asked for that no batch is committed beside. It takes milliseconds, a batch far longer."""

_AT_THE_END = ("ds_surf_batch_out", "ds_surf_valid_to")
"""What of a version is said when it ends."""


class Way(Enum):
    """How a copy is brought to what the merge database shows."""

    UNCHANGED = "unchanged"
    """Nothing is fetched: it is so already."""
    CHANGES = "changes"
    """What later batches opened and closed is fetched."""
    WHOLE = "whole"
    """Everything is fetched, and what differs is written."""


def way_of(kind: Kind, held: Held | None, made: Made, after: Later | None, *, whole: bool) -> Way:
    """How a copy gets what is missing. ``after``: what came after what it holds; None where it holds nothing."""
    if whole or held is None or after is None or not held.sign or held.view_id != made.view_id:
        return Way.WHOLE
    if held.sign == made.sign:
        return Way.UNCHANGED
    if not after.is_on_top or kind is Kind.BATCHES:
        return Way.WHOLE
    if not after.changed:
        return Way.UNCHANGED
    return Way.CHANGES if kind is Kind.HISTORY else Way.WHOLE


@frozen
class Copying:
    """The copies of one group at work, in a session of each database. Commits nothing in the consumer's.

    Attributes:
        views: those that read the copies.
        whole: compare every row, whatever is known of it.
    """

    merge: Connection
    session: Connection
    names: PlatformNames
    site: Site
    views: Sequence[View]
    whole: bool

    def run(self) -> tuple[CopiedRows, ...]:
        """Fetch what is missing; what was done. NotApplied where one of them is not there."""
        names = [view.name for view in self.views]
        tries = 0
        while True:
            held, made = lock_held(self.session, self.site, names), self.made()
            if not self.whole and all(_is_so(held.get(view.name), made[view.name]) for view in self.views):
                return tuple(self._done(view, made[view.name], Way.UNCHANGED) for view in self.views)
            ways = self._ways(held, made)
            self.open_snapshot()
            seen = self.seen(made)
            if seen == made:  # so nothing was committed since it was first asked
                return tuple(self._fetch(made, held, ways))
            tries += 1
            if tries == TRIES:
                return self.run_whole(seen)
            self.session.rollback()

    def run_whole(self, seen: Mapping[str, Made]) -> tuple[CopiedRows, ...]:
        """Fetch everything, in a transaction whose snapshot of the merge database stands. ``seen``: what it shows."""
        return tuple(self._fetch(seen, {}, {}))

    def made(self) -> Mapping[str, Made]:
        """What the views' tables are made of at this moment, by view."""
        ids = view_ids(self.merge, self.names, self.site.schema)
        streams = dict.fromkeys(view.stream for view in self.views)
        of_stream = {stream: made_of(self.merge, self.names, stream) for stream in streams}
        self.merge.commit()
        return {view.name: evolve(of_stream[view.stream], view_id=ids.get(view.name, 0)) for view in self.views}

    def open_snapshot(self) -> None:
        """Let the merge database take the snapshot in which all of the transaction reads it."""
        one(self.session, self._sql("open", name=self.views[0].name))

    def seen(self, before: Mapping[str, Made]) -> Mapping[str, Made]:
        """What a snapshot shows that was opened after a look at the views. Where a batch was committed beside, it is
        at least what was there before, and what exactly nobody can swear: without a sign the next refresh compares
        whole."""
        after = self.made()
        return {name: made if after[name] == made else evolve(made, sign="") for name, made in before.items()}

    def _standing(self) -> Mapping[str, StandingCopy]:
        standing = standing_copies(self.session, self.site)
        for view in self.views:
            if view.name not in standing:
                raise NotApplied(
                    f"{self.site.labelled(view.label)} reads no copy yet",
                    hint="run `datasurface apply`, or `datasurface views reconcile` where the model is applied",
                )
        return standing

    def _ways(self, held: Mapping[str, Held], made: Mapping[str, Made]) -> Mapping[str, Way]:
        ways = {}
        for view in self.views:
            before = held.get(view.name)
            after = None if before is None else later(self.merge, self.names, view.stream, view.table.name, before)
            ways[view.name] = way_of(view.kind, before, made[view.name], after, whole=self.whole)
        return ways

    def _fetch(
        self, made: Mapping[str, Made], held: Mapping[str, Held], ways: Mapping[str, Way]
    ) -> Iterator[CopiedRows]:
        standing = self._standing()
        for view in self.views:
            way, columns = ways.get(view.name, Way.WHOLE), standing[view.name].columns
            found = (0, 0, 0)
            if way is Way.CHANGES:
                way, found = self._fetch_later(view.name, columns, held[view.name].batch)
            elif way is Way.WHOLE:
                found = self._fetch_whole(view.name, columns)
            self._keep(view, made[view.name])
            yield self._done(view, made[view.name], way, found)

    def _fetch_whole(self, name: str, columns: Sequence[str]) -> tuple[int, int, int]:
        context = {"name": name, "columns": _listed(columns), "image": _image(columns)}
        if one(self.session, self._sql("is_empty", **context)) == (True,):
            rows = execute(self.session, self._sql("fill", **context))
            execute(self.session, self._sql("analyze", **context))
            return rows, rows, 0
        return cast("tuple[int, int, int]", one(self.session, self._sql("compare_whole", **context)))

    def _fetch_later(self, name: str, columns: Sequence[str], batch: int) -> tuple[Way, tuple[int, int, int]]:
        """Where the copy has not what it should, somebody has written to it, and it is compared whole."""
        fixed = [column for column in columns if column not in _AT_THE_END]
        context = {"name": name, "columns": _listed(columns), "image": _image(fixed)}
        found = one(self.session, self._sql("compare_later", **context), {"batch": batch})
        there, come, gone, closed = cast("tuple[int, int, int, int]", found)
        if gone == closed:
            return Way.CHANGES, (there, come, gone)
        return Way.WHOLE, self._fetch_whole(name, columns)

    def _keep(self, view: View, made: Made) -> None:
        row = {"name": view.name, "stream": view.stream, **asdict(made)}
        execute(self.session, self._sql("keep"), row)

    def _done(self, view: View, made: Made, way: Way, found: tuple[int, int, int] = (0, 0, 0)) -> CopiedRows:
        label = self.site.labelled(view.label)
        return CopiedRows(label, view.stream, made.batch, made.committed_at, way.value, *found)

    def _sql(self, block: str, **context: object) -> str:
        return statement("consumer", "copies.sql.j2", block, **self.site.names, **context)


def _is_so(held: Held | None, made: Made) -> bool:
    return held is not None and (held.sign, held.view_id) == (made.sign, made.view_id)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(map(identifier, columns))


def _image(columns: Sequence[str]) -> str:
    """A row as a text that no other row has; told apart by its bytes."""
    return f'ROW({_listed(columns)})::text COLLATE "C"'
