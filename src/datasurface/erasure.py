"""What erasing persons and pruning history come back with: plain values that every platform makes."""

from datetime import datetime, timedelta

from attrs import asdict, frozen

from datasurface.results import Consumer

Key = tuple[str, ...]
"""The values of one row's key as text, in the order of the dataset's columns."""


@frozen
class CopiedErasure:
    """The copies of one group in a database of its workspace's own that hold what is to be erased.

    Attributes:
        names: of the views that read them, with schema and database.
        left: why they may hold it still; None where they do not, or where nothing was tried yet.
    """

    workspace: str
    group: str
    names: tuple[str, ...]
    left: str | None = None

    def document(self) -> dict[str, object]:
        """As plain JSON values."""
        return {**asdict(self), "names": list(self.names)}


@frozen
class Erasure:
    """What of some keys a platform holds of one dataset, or has erased.

    Attributes:
        keys: how many different ones were asked for.
        live, closed: their versions in the merge table.
        staged: their rows in the staging that is kept.
        messages: stored errors that name one of them.
        consumers: who reads the stream.
        token: the stream's fencing token when this was found out.
        copies: that consumers' databases have of the dataset.
    """

    stream: str
    dataset: str
    keys: int
    live: int
    closed: int
    staged: int
    messages: int
    consumers: tuple[Consumer, ...]
    token: int
    copies: tuple[CopiedErasure, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether no copy may hold it still."""
        return all(copy.left is None for copy in self.copies)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing of the keys is there."""
        return not (self.live or self.closed or self.staged or self.messages)

    def document(self) -> dict[str, object]:
        """As plain JSON values."""
        counts = {name: getattr(self, name) for name in ("keys", "live", "closed", "staged", "messages")}
        return {
            "stream": self.stream,
            "dataset": self.dataset,
            **counts,
            "consumers": [{**asdict(consumer), "views": list(consumer.views)} for consumer in self.consumers],
            "copies": [copy.document() for copy in self.copies],
        }


@frozen
class Pruning:
    """The closed history of one dataset that its consumers need no longer, or that is gone.

    Attributes:
        keep: how long they need it; None for ever.
        horizon: the oldest batch that can be asked for afterwards; None where nothing is old enough.
        horizon_at: when that batch was committed.
        versions: those that ended before it.
    """

    stream: str
    dataset: str
    keep: timedelta | None
    horizon: int | None
    horizon_at: datetime | None
    versions: int

    def document(self) -> dict[str, object]:
        """As plain JSON values; spans in seconds."""
        return {
            **asdict(self),
            "keep": self.keep.total_seconds() if self.keep is not None else None,
            "horizon_at": self.horizon_at.isoformat() if self.horizon_at else None,
        }
