"""One dataset that can be read: as it is now, as it was, and what changed."""

from datetime import UTC, datetime
from typing import cast

from attrs import frozen

from datasurface_yellow.notebook.errors import ReadRefused
from datasurface_yellow.notebook.offers import Offer, ReadColumn
from datasurface_yellow.notebook.rows import Rows
from datasurface_yellow.store.statements import statement

_BATCH, _TIME = "integer", "timestamp with time zone"
_VERSION = (
    ReadColumn("ds_surf_batch_in", _BATCH, description="the first batch that it was so in"),
    ReadColumn("ds_surf_batch_out", _BATCH, description="the last one; 2147483647 while it is live"),
    ReadColumn("ds_surf_valid_from", _TIME, description="when the first batch was committed"),
    ReadColumn(
        "ds_surf_valid_to", _TIME, description="when the batch after the last was committed; NULL while it is live"
    ),
)
_BATCHES = (
    ReadColumn("ds_surf_batch", _BATCH, description="a batch that can be asked for"),
    ReadColumn("ds_surf_valid_from", _TIME, description="when it was committed"),
    ReadColumn("ds_surf_follows", _BATCH, description="the batch before it; 0 for the first"),
)
_OPERATION = ReadColumn("ds_surf_operation", "text", description="insert, update or delete")


@frozen
class Freshness:
    """The newest batch that can be asked for, and when it was committed; None before the first."""

    batch: int | None
    committed_at: datetime | None


@frozen(repr=False, eq=False)
class ReadDataset:
    """A dataset as a group of the workspace reads it."""

    offer: Offer

    def live(self) -> Rows:
        """The rows that there are now."""
        return self._rows("live", "view", self.offer.columns)

    def history(self) -> Rows:
        """Every version of every row, with the batches and times from and to which it was so."""
        return self._rows("history", "history", (*self.offer.columns, *_VERSION), needs_past=True)

    def batches(self) -> Rows:
        """The batches that can be asked for."""
        return self._rows("batches", "batches", _BATCHES, needs_past=True)

    def as_of(self, moment: int | datetime) -> Rows:
        """All rows as a batch left them, or as they were at an instant. The answer is the same whenever it is asked.

        Raises:
            ReadRefused: a time without a zone, which is no instant; or the group keeps no history. When it is read:
                what is not settled yet, was rolled back, or is no longer kept.
        """
        if isinstance(moment, bool) or not isinstance(moment, int | datetime):
            raise ReadRefused(
                f"{moment!r} is no batch and no instant",
                hint="as_of(7), or as_of(datetime(2030, 1, 1, 9, 0, tzinfo=UTC))",
            )
        if isinstance(moment, datetime):
            if moment.utcoffset() is None:
                raise ReadRefused(
                    f"{moment} is no instant: it has no time zone",
                    hint="datetime(..., tzinfo=UTC), or .astimezone() for this machine's",
                )
            at = moment.astimezone(UTC)
            return self._rows(f"as of {at}", "as_of_time", self.offer.columns, (("at", _TIME, at),), needs_past=True)
        return self._rows(
            f"as of batch {moment}", "as_of_batch", self.offer.columns, (("batch", _BATCH, moment),), needs_past=True
        )

    def changes(self, after: int, up_to: int | None = None) -> Rows:
        """One row for each key that is not the same after the batch ``up_to`` as after the batch ``after``: what
        happened to it, and its columns, of a delete those that it had. Without ``up_to``: up to the newest there is.
        """
        self._needs_past()
        if all(not column.is_key or column.mask not in ("", "hash") for column in self.offer.columns):
            raise ReadRefused(f"{self.offer.name} shows no key that changes could go by", hint="read history() instead")
        newest = up_to if up_to is not None else self.freshness().batch or 0
        between = ("after", _BATCH, after), ("up_to", _BATCH, newest)
        return self._rows(
            f"changes after {after} up to {newest}", "changes", (_OPERATION, *self.offer.columns), between
        )

    def freshness(self) -> Freshness:
        """How new its newest batch is."""
        self._needs_past()
        sql = statement("notebook", "notebook.sql.j2", "newest", batches=self.offer.relation("batches"))
        [found] = self.offer.session.rows(sql)
        return Freshness(*cast("tuple[int | None, datetime | None]", found))

    def __repr__(self) -> str:
        offer = self.offer
        return f"<{offer.group}/{offer.name}: {', '.join(column.name for column in offer.columns)}>"

    def _repr_html_(self) -> str:
        from datasurface_yellow.notebook.showing import dataset_as_html

        return dataset_as_html(self)

    def _rows(
        self,
        what: str,
        ending: str,
        columns: tuple[ReadColumn, ...],
        arguments: tuple[tuple[str, str, object], ...] | None = None,
        *,
        needs_past: bool = False,
    ) -> Rows:
        if needs_past:
            self._needs_past()
        offer = self.offer
        title = f"{offer.group}/{offer.name}, {what}"
        return Rows(title, offer, offer.relation(ending), columns, columns, arguments)

    def _needs_past(self) -> None:
        if not self.offer.is_forensic:
            raise ReadRefused(
                f"group {self.offer.group} keeps no history of {self.offer.name}: it asks for LIVE_ONLY",
                hint="live() is there; the past is in groups that ask for Milestoning.FORENSIC",
            )
