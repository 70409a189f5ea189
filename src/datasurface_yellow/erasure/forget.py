"""Persons are forgotten: all that is held of some keys goes, in one transaction that holds the stream."""

from collections.abc import Mapping, Sequence
from typing import cast

from attrs import evolve, frozen

from datasurface.erasure import Erasure
from datasurface.errors import NotApplied, OperationRefused, ReceiptMismatch
from datasurface.milestoning.strategy import Batch
from datasurface.results import BatchStatus, Consumer
from datasurface_yellow.batch.history import History
from datasurface_yellow.batch.operations import lock_as_seen
from datasurface_yellow.batch.records import Records
from datasurface_yellow.erasure.keys import GivenKeys
from datasurface_yellow.erasure.log import Log
from datasurface_yellow.store.catalog import relation_exists
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable


@frozen
class Forgetting:
    """Some keys of one dataset, in one session of the merge database, which has the stream or can only look.

    Attributes:
        generation: the one in force, for the record of what was erased.
    """

    records: Records
    table: MergeTable
    keys: GivenKeys
    consumers: tuple[Consumer, ...]
    generation: int

    def preview(self) -> Erasure:
        """What would go."""
        self._refuse_unfinished()
        return self._held(History(self.records).token())

    def forget(self, seen: Erasure | None) -> Erasure:
        """Erase the keys, and record it; what is gone."""
        current, token = lock_as_seen(self.records, seen.token if seen else None, "would be erased")
        self._refuse_unfinished()
        found = self._held(token)
        if found.is_nothing:
            self.records.session.rollback()
            return found
        self.records.advance(Batch(current, token + 1))
        self._erase(found)
        log = Log(self.records, self.table)
        log.sign_again()
        log.mask_messages(self.keys)
        self._keep_record(found, current)
        self.records.session.commit()
        return evolve(found, token=token + 1)

    def _held(self, token: int) -> Erasure:
        held = cast("tuple[int, int, int]", one(self.records.session, self._sql("held"), self.keys.parameters))
        messages = Log(self.records, self.table).count_messages(self.keys)
        count = len(self.keys.texts)
        return Erasure(self.records.stream, self.table.name, count, *held, messages, self.consumers, token)

    def _erase(self, found: Erasure) -> None:
        session, parameters = self.records.session, self.keys.parameters
        execute(session, self._sql("create_gone"), parameters)
        versions = execute(session, self._sql("erase_versions"), parameters)
        staged = execute(session, self._sql("erase_staged"), parameters)
        if (versions, staged) != (found.live + found.closed, found.staged):
            raise ReceiptMismatch(
                f"{versions} versions and {staged} staged rows of {self.table.name} would be erased where "
                f"{found.live + found.closed} and {found.staged} were found; nothing was done",
                hint="somebody else writes the tables; look for its session, then try again",
                dataset=self.table.name,
            )

    def _keep_record(self, found: Erasure, batch: int) -> None:
        counts = {name: getattr(found, name) for name in ("keys", "live", "closed", "staged", "messages")}
        row: Mapping[str, object] = {
            "stream": found.stream,
            "dataset": found.dataset,
            "generation": self.generation,
            "batch": batch,
            **counts,
        }
        execute(self.records.session, self._sql("tombstone"), row)

    def _refuse_unfinished(self) -> None:
        """What a batch has staged stands on sums that an erasure changes."""
        newest = self.records.newest()
        if newest is not None and newest.status is BatchStatus.INGESTED:
            raise OperationRefused(
                f"batch {newest.number} of stream {self.records.stream} is INGESTED, so nothing is erased",
                hint="let the next job finish it, or give it up with `datasurface batch reset`",
            )

    def _sql(self, name: str) -> str:
        return statement("erasure", "forget.sql.j2", name, t=self.table, names=self.records.names)


def table_of(tables: Sequence[MergeTable], stream: str, dataset: str) -> MergeTable:
    """The table of a stream's dataset; NotApplied where it has none of that name."""
    for table in tables:
        if table.name == dataset:
            return table
    known = ", ".join(table.name for table in tables)
    raise NotApplied(f"stream {stream} has no dataset {dataset!r}", hint=f"datasets in force: {known}")


def refuse_older_catalogue(records: Records) -> None:
    """NotApplied where the platform's tables are still those of a program that kept no record of what is gone."""
    if not relation_exists(records.session, records.names.schema, records.names.erasure):
        raise NotApplied(
            f"the tables of platform {records.names.platform} have no place for a record of what is erased or pruned",
            hint="run `datasurface apply` with this version: it adds what is missing, and changes nothing else",
        )
