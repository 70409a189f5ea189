"""Data leaves the platforms in force: persons are forgotten, and history that nobody needs any longer is pruned."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from datasurface.erasure import Erasure, Key, Pruning
from datasurface.errors import NotApplied
from datasurface.operations.jobs import InForce


@frozen
class Forget:
    """Some keys of one dataset, on every platform in force that holds it, or on one.

    Each platform is a transaction of its own. What is cut off between two of them is done again as a whole: where
    nothing is left of the keys, nothing is done.

    Attributes:
        dataset: with its datastore, as ``Store1.customers``.
        keys: as text, each with a value for every key column in the dataset's order.
        platform: the only one; None for all.
        even_if_at_source: erase without asking the source, which may bring the keys back with the next batch.
    """

    in_force: InForce
    dataset: str
    keys: Sequence[Key]
    platform: str | None = None
    even_if_at_source: bool = False

    def preview(self) -> dict[str, Erasure]:
        """What would go, by platform; raises what ``act`` would."""
        return {
            name: self.in_force.runtime(name).preview_forget(
                stream, dataset, self.keys, even_if_at_source=self.even_if_at_source
            )
            for name, stream, dataset in self._holders()
        }

    def act(self, seen: Mapping[str, Erasure] | None = None) -> dict[str, Erasure]:
        """Erase; what is gone, by platform.

        ``seen``: what ``preview`` said; Fenced at the first platform of which a job was at work on the stream since.
        """
        return {
            name: self.in_force.runtime(name).forget(
                stream,
                dataset,
                self.keys,
                even_if_at_source=self.even_if_at_source,
                seen=seen[name] if seen is not None else None,
            )
            for name, stream, dataset in self._holders()
        }

    def vacuum(self) -> dict[str, Sequence[str]]:
        """Free the files of the bytes of what was erased; what somebody else has to do for that, by platform."""
        return {name: self.in_force.runtime(name).vacuum(stream, dataset) for name, stream, dataset in self._holders()}

    def _holders(self) -> Sequence[tuple[str, str, str]]:
        """Platform, stream and dataset of each that holds it; NotApplied where none does."""
        held = [
            (name, stream.key, dataset.name, f"{stream.store}.{dataset.name}")
            for name in self.in_force.platforms(self.platform)
            for stream in self.in_force.generation.deployment(name).streams
            for dataset in stream.datasets
        ]
        found = [(name, stream, dataset) for name, stream, dataset, path in held if path == self.dataset]
        if not found:
            where = f"platform {self.platform} holds no" if self.platform else "no platform in force holds a"
            known = ", ".join(sorted({path for *_, path in held})) or "none"
            raise NotApplied(f"{where} dataset {self.dataset!r}", hint=f"datasets in force: {known}")
        return found


@frozen
class Retain:
    """The history of every stream in force that fits, as far as no consumer needs it any longer."""

    in_force: InForce
    platform: str | None = None
    stream: str | None = None

    def preview(self) -> dict[str, tuple[Pruning, ...]]:
        """What is old enough, by platform."""
        found: dict[str, tuple[Pruning, ...]] = {}
        for name, key in self.in_force.streams(self.platform, self.stream):
            found[name] = (*found.get(name, ()), *self.in_force.runtime(name).preview_retention(key))
        return found

    def act(self, seen: Mapping[str, Sequence[Pruning]]) -> dict[str, tuple[Pruning, ...]]:
        """Take away what ``preview`` said, in bounded steps; what is gone, by platform."""
        gone: dict[str, tuple[Pruning, ...]] = {}
        for name, key in self.in_force.streams(self.platform, self.stream):
            agreed = [found for found in seen.get(name, ()) if found.stream == key and found.versions]
            if agreed:
                gone[name] = (*gone.get(name, ()), *self.in_force.runtime(name).prune_history(key, seen=agreed))
        return gone
