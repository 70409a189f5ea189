"""What stands on a platform of datasets that its model has no longer: kept until ``apply --prune`` drops it."""

from attrs import asdict, frozen

from datasurface.results import Consumer


@frozen
class UnusedTable:
    """A table that nothing uses. ``rows``: None where they were not counted; ``bytes``: on disk, with its indexes."""

    name: str
    rows: int | None
    bytes: int


@frozen
class UnusedDataset:
    """A dataset that its platform neither reads nor shows any longer.

    Attributes:
        owner: whose the rows are, as in ``StreamConfig``.
        tables: of it that still stand.
        consumers: who reads it in the generation in force; none once the generation without it is.
    """

    stream: str
    store: str
    dataset: str
    owner: str
    tables: tuple[UnusedTable, ...]
    consumers: tuple[Consumer, ...] = ()

    @property
    def name(self) -> str:
        """Datastore and dataset."""
        return f"{self.store}.{self.dataset}"

    def document(self) -> dict[str, object]:
        """As plain JSON values."""
        consumers = [{**asdict(consumer), "views": list(consumer.views)} for consumer in self.consumers]
        return {**asdict(self), "tables": [asdict(table) for table in self.tables], "consumers": consumers}
