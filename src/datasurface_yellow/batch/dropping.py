"""What nothing uses any longer goes: tables with their rows, and all that the records say of them.

Some forty datasets are one transaction. Who is killed between two of them has dropped whole datasets, and the next call
drops the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

import psycopg2
from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface.errors import ApplyRefused, StreamBusy
from datasurface.results import Step
from datasurface.unused import UnusedDataset, UnusedTable
from datasurface_yellow.batch.applying import Desired
from datasurface_yellow.batch.records import Records
from datasurface_yellow.deploy.owners import read_kept
from datasurface_yellow.deploy.parts import MOST
from datasurface_yellow.deploy.standing import standing_views
from datasurface_yellow.deploy.unused import Unused, streams_that_end, unused
from datasurface_yellow.deploy.views import others_on
from datasurface_yellow.deploy.wanted import Place
from datasurface_yellow.store.catalog import PlatformNames
from datasurface_yellow.store.connection import PlannedSession, execute, one, primary_message, rows
from datasurface_yellow.store.planned import with_rest, with_sql
from datasurface_yellow.store.statements import statement

_BUSY = "apply with --prune again once it has ended"


@frozen
class Dropping:
    """One deployment, in one session of the merge database. A planned session changes nothing."""

    session: Connection
    names: PlatformNames
    desired: Desired

    def find(self, *, count: bool) -> list[UnusedDataset]:
        """What nothing uses. ``count``: the rows, too."""
        found = self._unused()
        sizes = self._sizes(found)
        return [self._described(each, sizes, count=count) for each in found]

    def run(self, seen: Iterable[UnusedDataset]) -> list[Step]:
        """Drop those that were seen and still are unused. ApplyRefused, before anything is done, where it is known that
        this cannot be. A job at work is waited for, as long as the session waits for locks; a planned session says at
        once that there is one."""
        wanted = {(each.stream, each.dataset) for each in seen}
        going = [each for each in self._unused() if (each.origin.stream, each.origin.dataset) in wanted]
        sizes = self._sizes(going)
        if isinstance(self.session, PlannedSession):
            for stream in _streams(going):
                self._refuse_busy(stream)
        self._refuse_read(going, sizes)
        steps = list[Step]()
        for start in range(0, len(going), MOST):
            steps += with_rest(self.session, with_sql(self.session, self._drop(going[start : start + MOST], sizes)))
            if not isinstance(self.session, PlannedSession):
                self.session.commit()
        return steps

    def _unused(self) -> list[Unused]:
        kept = read_kept(self.session, self.names)
        return list(unused(kept, self.desired.deployment, self.desired.known()))

    def _sizes(self, found: Sequence[Unused]) -> Mapping[str, int]:
        names = [name for each in found for name in each.relations]
        sizes = rows(self.session, self._sql("sizes"), {"schema": self.names.schema, "names": names}) if names else ()
        return dict(cast("Sequence[tuple[str, int]]", sizes))

    def _described(self, each: Unused, sizes: Mapping[str, int], *, count: bool) -> UnusedDataset:
        on_disk = {
            each.merge: sum(sizes.get(name, 0) for name in (each.merge, *each.parts)),
            each.staging: sizes.get(each.staging, 0),
        }
        tables = tuple(
            UnusedTable(name, self._count(name) if count else None, size)
            for name, size in on_disk.items()
            if name in sizes
        )
        return UnusedDataset(each.origin.stream, each.store, each.origin.dataset, each.owner, tables)

    def _count(self, table: str) -> int:
        (number,) = cast("tuple[int]", one(self.session, self._sql("count", table=table)))
        return number

    def _refuse_busy(self, stream: str) -> None:
        busy = self._records(stream).busy()
        if busy is not None:
            raise _refused(busy, "nothing was dropped")

    def _refuse_read(self, going: Sequence[Unused], sizes: Mapping[str, int]) -> None:
        """Views of ours that nothing needs are gone by then."""
        tables = [Place(self.names.schema, name) for each in going for name in each.relations if name in sizes]
        ours = standing_views(self.session, self.desired.deployment)
        others = others_on(self.session, tables, ours) if tables else []
        if others:
            raise _held(f"cannot drop what nothing uses: {', '.join(others)} would have to go with it")

    def _drop(self, going: Sequence[Unused], sizes: Mapping[str, int]) -> Iterator[Step]:
        kept = read_kept(self.session, self.names)
        ending = streams_that_end(kept, self.desired.deployment, going)
        for stream in _streams(going):
            self._take(stream)
        for each in going:
            for name in (each.merge, each.staging):
                if name in sizes:
                    self._drop_table(name)
                    yield Step("dropped table", name)
            self._forget(each)
            yield Step("forgot dataset", f"{each.store}.{each.origin.dataset}")
        for stream in _streams(going):
            execute(self.session, self._sql("forget_stream" if stream in ending else "fence"), {"stream": stream})
            if stream in ending:
                yield Step("forgot stream", stream)

    def _take(self, stream: str) -> None:
        """A job that works has it; one that comes later finds its tables gone."""
        if isinstance(self.session, PlannedSession):
            return
        records = self._records(stream)
        try:
            records.take_until_commit()
        except StreamBusy as error:
            raise _refused(error, "what nothing uses stays") from error
        records.lock_counter()

    def _drop_table(self, name: str) -> None:
        try:
            execute(self.session, self._sql("drop", table=name))
        except psycopg2.errors.DependentObjectsStillExist as error:
            detail = "; ".join((error.diag.message_detail or "").splitlines())
            raise _held(f"{primary_message(error)}: {detail}") from error
        except psycopg2.errors.LockNotAvailable as error:
            raise ApplyRefused(f"somebody reads table {name} for long, and it stays", hint=_BUSY) from error

    def _forget(self, each: Unused) -> None:
        key = {"stream": each.origin.stream, "dataset": each.origin.dataset}
        execute(self.session, self._sql("forget_table"), {**key, "merge_table": each.merge})
        execute(self.session, self._sql("forget_in_log"), key)

    def _records(self, stream: str) -> Records:
        return Records(self.session, self.names, stream)

    def _sql(self, block: str, **context: object) -> str:
        return statement("batch", "dropping.sql.j2", block, names=self.names, schema=self.names.schema, **context)


def _streams(going: Sequence[Unused]) -> list[str]:
    """In an order that all who take several have."""
    return sorted({each.origin.stream for each in going})


def _refused(busy: StreamBusy, end: str) -> ApplyRefused:
    return ApplyRefused(f"{busy.message.rpartition('; ')[0]}, and its tables would go; {end}", hint=_BUSY)


def _held(message: str) -> ApplyRefused:
    return ApplyRefused(message, hint="drop by hand what stands on them, then apply with --prune again")
