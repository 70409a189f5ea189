"""Which tables of a platform nothing uses: those of datasets that its deployment neither reads nor shows."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import frozen

from datasurface.deployment import Deployment
from datasurface_yellow.deploy.owners import Kept, Origin
from datasurface_yellow.store import naming


@frozen
class Unused:
    """One dataset that nothing uses.

    Attributes:
        parts: the tables that hold the rows of the merge table, if it is a partitioned one.
    """

    origin: Origin
    store: str
    owner: str
    merge: str
    parts: tuple[str, ...]
    staging: str

    @property
    def relations(self) -> tuple[str, ...]:
        """The names of all its tables."""
        return (self.merge, *self.parts, self.staging)


def unused(kept: Mapping[str, Kept], deployment: Deployment, used: Collection[str]) -> Iterator[Unused]:
    """Of the tables that are kept those of this ecosystem that are not ``used``, by dataset. What an earlier version
    kept says not whose it is, and nobody else's is ours to drop."""
    for merge, each in kept.items():
        origin = each.origin
        if origin is not None and origin.ecosystem == deployment.ecosystem and merge not in used:
            names = (deployment.platform.name, each.owned.store, origin.dataset)
            parts = naming.live_partition(*names), naming.history_partition(*names)
            yield Unused(origin, each.owned.store, each.owned.owner, merge, parts, naming.staging_table(*names))


def streams_that_end(kept: Mapping[str, Kept], deployment: Deployment, going: Sequence[Unused]) -> frozenset[str]:
    """The streams that nothing is left of once some datasets are gone. One of an earlier version's tables may be any
    stream's of its datastore."""
    gone = {each.merge for each in going}
    stay = {stream.key for stream in deployment.streams} | {view.stream for view in deployment.views}
    left = [each for merge, each in kept.items() if merge not in gone]
    stay |= {each.origin.stream for each in left if each.origin is not None}
    stores = {each.owned.store for each in left if each.origin is None}
    return frozenset(
        each.origin.stream for each in going if each.origin.stream not in stay and each.store not in stores
    )
