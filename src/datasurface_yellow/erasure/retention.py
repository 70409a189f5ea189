"""History that no consumer needs any longer is pruned, a part in a transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

import psycopg2
from attrs import evolve, frozen

from datasurface.deployment import StreamConfig
from datasurface.erasure import Pruning
from datasurface.errors import Fenced, StreamBusy
from datasurface_yellow.batch.records import Records
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

PAGES = 1024
"""Of history in one step: 8 MB, and some tenths of a second, for which a job of the stream may have to wait."""


@frozen
class Retention:
    """The history of one stream, in one session of the merge database.

    Attributes:
        tables: of the datasets that keep their past.
    """

    records: Records
    stream: StreamConfig
    tables: Sequence[MergeTable]

    def preview(self) -> Sequence[Pruning]:
        """What is old enough."""
        return [self._due(table) for table in self.tables]

    def prune(self, seen: Sequence[Pruning] | None) -> Sequence[Pruning]:
        """Take away what is old enough; what is gone. Who is killed meanwhile leaves whole steps."""
        wanted = {found.dataset: found for found in (self.preview() if seen is None else seen)}
        self.records.session.rollback()
        return [self._prune(table, wanted[table.name]) for table in self.tables if table.name in wanted]

    def _due(self, table: MergeTable) -> Pruning:
        keep = self.stream.keep(table.name)
        nothing = Pruning(self.records.stream, table.name, keep, None, None, 0)
        found = self._old_enough(table, keep) if keep is not None else None
        if found is None:
            return nothing
        (versions,) = cast("tuple[int]", one(self.records.session, self._sql("due", table), {"horizon": found[0]}))
        return evolve(nothing, horizon=found[0], horizon_at=found[1], versions=versions)

    def _old_enough(self, table: MergeTable, keep: timedelta) -> tuple[int, datetime] | None:
        parameters = {**self._key(table), "keep": keep}
        return cast(
            "tuple[int, datetime] | None", one(self.records.session, self._sql("old_enough", table), parameters)
        )

    def _prune(self, table: MergeTable, due: Pruning) -> Pruning:
        gone = 0
        if due.horizon is None or not due.versions:
            return evolve(due, versions=0)
        history = {"history": qualified(table.schema, table.history)}
        (pages,) = cast("tuple[int]", one(self.records.session, self._sql("pages", table), history))
        for page in range(0, pages, PAGES):
            gone += self._step(table, due.horizon, page)
            self.records.session.commit()
        return evolve(due, versions=gone)

    def _step(self, table: MergeTable, horizon: int, page: int) -> int:
        session = self.records.session
        try:
            self.records.lock_counter()
        except psycopg2.errors.LockNotAvailable as error:
            raise StreamBusy(
                f"a job works on stream {self.records.stream} for long; what was pruned until now stays so",
                hint="prune again once it has ended",
            ) from error
        keep = self.stream.keep(table.name)
        found = self._old_enough(table, keep) if keep is not None else None
        if found is None or found[0] < horizon:
            raise Fenced(
                f"the batches of stream {self.records.stream} were taken back to before batch {horizon} since it was "
                "said what is old enough",
                hint="look again, then decide again",
            )
        parameters = {"from": f"({page},0)", "to": f"({page + PAGES},0)", "horizon": horizon}
        (gone,) = cast("tuple[int]", one(session, self._sql("prune", table), parameters))
        execute(session, self._sql("raise", table), {**self._key(table), "horizon": horizon, "pruned": gone})
        return gone

    def _key(self, table: MergeTable) -> dict[str, object]:
        return {"stream": self.records.stream, "dataset": table.name}

    def _sql(self, name: str, table: MergeTable) -> str:
        names = self.records.names
        return statement("erasure", "retention.sql.j2", name, t=table, names=names, schema=names.schema)
