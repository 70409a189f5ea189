"""The strategy: tables are tuples in a dictionary, which a commit replaces by another one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from hashlib import blake2b
from operator import xor

from attrs import define, evolve, field, frozen

from datasurface.errors import ReceiptMismatch, RefusedData
from datasurface.milestoning import laws
from datasurface.milestoning.kit import Snapshot, TextRow
from datasurface.milestoning.rows import LIVE, Key, Layout, Version
from datasurface.milestoning.strategy import Batch, Capabilities, Fingerprint, Guard, Prepared, Staged, Undone
from datasurface.model import Dataset, Milestoning
from datasurface.results import DatasetCounts, LawCheck, Step

RECIPE = "memory:1"


@frozen
class Extract:
    """A source: rows, and what their source says of them."""

    rows: Snapshot
    sums: Mapping[str, Fingerprint]


@frozen
class Stored:
    """A version as it stands in its table, with the hash of its row when it was written."""

    version: Version
    hash: int


@frozen
class Changes:
    """What a batch found: rows to open by key, and keys to close."""

    opened: Mapping[Key, TextRow]
    closed: frozenset[Key]


@define
class Memory:
    """What is published: tables by dataset, and what is staged by dataset."""

    tables: Mapping[str, tuple[Stored, ...]] = field(factory=dict)
    staging: Mapping[str, Changes] = field(factory=dict)
    loaded: bool = False


def row_hash(row: Sequence[object]) -> int:
    """64 bits, signed. ``repr`` keeps None from 'None', and a cell's end from the next one's beginning."""
    return int.from_bytes(blake2b(repr(tuple(row)).encode(), digest_size=8).digest(), signed=True)


def fingerprint(rows: Sequence[Sequence[object]]) -> Fingerprint:
    """Of rows as they come from a source."""
    return Fingerprint(len(rows), reduce(xor, map(row_hash, rows), 0), RECIPE)


@define
class MemoryMerge:
    """MergeStrategy on a dictionary. Its own tables are those of the memory until it writes, and published at once."""

    memory: Memory
    datasets: Sequence[Dataset]
    milestoning: Milestoning
    _tables: dict[str, tuple[Stored, ...]] = field(init=False)
    _staging: dict[str, Changes] = field(init=False)
    _loaded: bool = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.abort()

    @property
    def capabilities(self) -> Capabilities:
        """It reads extracts, which no other strategy does, of all rows or of a part."""
        return Capabilities(self.milestoning, "extract", self.milestoning is Milestoning.FORENSIC, merges_parts=True)

    def ensure(self) -> Sequence[Step]:
        """A table for each dataset."""
        new = [dataset.name for dataset in self.datasets if dataset.name not in self._tables]
        self._tables |= dict.fromkeys(new, ())
        return [Step("created table", name) for name in new]

    def is_new(self) -> bool:
        """Whether nothing was ever loaded."""
        return not self._loaded

    def load(self, batch: Batch, source: Extract) -> Prepared:
        """A first load is a batch in which every row is new."""
        staged = {each.name: self.stage(each, batch, source, None, Guard()) for each in self.datasets}
        return self.prepare(batch, staged, {})

    def stage(
        self, dataset: Dataset, batch: Batch, source: Extract, before: Fingerprint | None, guard: Guard
    ) -> Staged:
        """Compare the source's rows with the live ones by hash."""
        if before is not None and self._live(dataset.name) != before:
            raise _mismatch(dataset.name, "the live rows are not what the last batch left")
        rows = _by_key(dataset, source.rows[dataset.name])
        sums = fingerprint(source.rows[dataset.name])
        if sums != source.sums[dataset.name]:
            raise _mismatch(dataset.name, "the source sent other rows than it said")
        live = {stored.version.key: stored.hash for stored in self._tables[dataset.name] if stored.version.is_live}
        opened = {key: row for key, row in rows.items() if live.get(key) != row_hash(row)}
        deleted = set() if guard.is_partial else live.keys() - rows.keys()
        if not guard.allow_deletes and not guard.is_partial:
            _check_deletes(dataset, len(live), len(rows), len(deleted))
        self._staging[dataset.name] = Changes(opened, frozenset(deleted | (opened.keys() & live.keys())))
        updated = len(opened.keys() & live.keys())
        counts = DatasetCounts(len(rows), len(opened) - updated, updated, len(deleted), len(rows) - len(opened))
        return Staged(counts, _with_part(before, live, opened) if guard.is_partial else sums)

    def prepare(self, batch: Batch, staged: Mapping[str, Staged], before: Mapping[str, Fingerprint]) -> Prepared:
        """Close and open versions, and look whether the live rows are the source's now."""
        for name, found in staged.items():
            self._tables[name] = self._merged(name, batch.number)
            if self._live(name) != found.source:
                raise _mismatch(name, "the live rows would not be the source's")
        self._loaded = True
        counts = {name: found.counts for name, found in staged.items()}
        return Prepared(batch, counts, {name: self._live(name) for name in staged})

    def _merged(self, name: str, batch: int) -> tuple[Stored, ...]:
        changes, table = self._staging[name], []
        for stored in self._tables[name]:
            if not stored.version.is_live or stored.version.key not in changes.closed:
                table.append(stored)
            elif self.milestoning is Milestoning.FORENSIC:
                table.append(evolve(stored, version=evolve(stored.version, batch_out=batch - 1)))
        opened = (Stored(Version(key, row, batch), row_hash(row)) for key, row in changes.opened.items())
        return (*table, *opened)

    def commit(self, prepared: Prepared, /, record: Callable[[], None]) -> None:
        """The record first: where it fails, nothing is published."""
        record()
        self.publish()

    def publish(self) -> None:
        """What this session did is what everybody sees."""
        self.memory.tables, self.memory.staging = dict(self._tables), dict(self._staging)
        self.memory.loaded = self._loaded

    def abort(self) -> None:
        """Back to what is published."""
        self._tables, self._staging = dict(self.memory.tables), dict(self.memory.staging)
        self._loaded = self.memory.loaded

    def reset(self, batch: Batch) -> None:
        """Only one batch is ever staged."""
        self._staging.clear()

    def rollback(
        self,
        to: int,
        before: Mapping[str, Fingerprint],
        after: Mapping[str, Fingerprint],
        record: Callable[[], None],
    ) -> Mapping[str, Undone]:
        """Reopen what later batches closed, drop what they opened."""
        undone = {}
        for dataset in self.datasets:
            table = self._tables[dataset.name]
            kept = [stored for stored in table if stored.version.batch_in <= to]
            reopened = [stored for stored in kept if to <= stored.version.batch_out < LIVE]
            back = {id(stored) for stored in reopened}
            self._tables[dataset.name] = tuple(
                evolve(stored, version=evolve(stored.version, batch_out=LIVE)) if id(stored) in back else stored
                for stored in kept
            )
            if self._live(dataset.name) != after.get(dataset.name, fingerprint([])):
                raise _mismatch(dataset.name, f"the live rows would not be what batch {to} left")
            undone[dataset.name] = Undone(len(reopened), len(table) - len(kept))
        record()
        self.publish()
        return undone

    def verify(self, dataset: Dataset, committed: Sequence[tuple[int, Fingerprint]]) -> Sequence[LawCheck]:
        """The laws on the versions, hashes that no longer fit, and the live rows against the last receipt."""
        table = self._tables[dataset.name]
        found = {law.id: "" for law in (laws.ONE_LIVE, laws.NO_OVERLAP, laws.ORDERED_ENDS, laws.RECEIPT)}
        for violation in laws.versions_hold_together(stored.version for stored in table):
            found[violation.law.id] = f"{violation.key}: {violation.message}"
        if changed := [stored.version.key for stored in table if row_hash(stored.version.row) != stored.hash]:
            found[laws.RECEIPT.id] = f"changed behind the engine's back: {changed[:5]}"
        elif committed and self._live(dataset.name) != committed[-1][1]:
            found[laws.RECEIPT.id] = "the live rows are not what the last batch left"
        statements = {law.id: law.statement for law in laws.LAWS}
        return [
            LawCheck(law, statements[law], "", dataset.name, not detail, len(table), detail)
            for law, detail in found.items()
        ]

    def maintain(self) -> None:
        """A dictionary needs none."""

    def _live(self, name: str) -> Fingerprint:
        return fingerprint([stored.version.row for stored in self._tables[name] if stored.version.is_live])


def _by_key(dataset: Dataset, rows: Sequence[TextRow]) -> Mapping[Key, TextRow]:
    layout = Layout.of(dataset.columns)
    if any(row[at] is None for row in rows for at in layout.required):
        raise _refused(dataset, "NULL in a column that the model calls not nullable")
    if any(times > 1 for times in Counter(map(layout.key_of, rows)).values()):
        raise _refused(dataset, "more than one row with the same key")
    return {layout.key_of(row): row for row in rows}


def _with_part(before: Fingerprint | None, live: Mapping[Key, int], opened: Mapping[Key, TextRow]) -> Fingerprint:
    """What the live rows must be once a part is merged: its rows stand in the place of those with their keys."""
    old = [live[key] for key in opened if key in live]
    new = fingerprint(list(opened.values()))
    return (before or fingerprint([])).without(len(old), reduce(xor, old, 0)).plus(new.rows, new.xor)


def _check_deletes(dataset: Dataset, before: int, read: int, deleted: int) -> None:
    if before and not read:
        raise _refused(dataset, "no rows where there were some")
    fraction = dataset.max_delete_fraction
    if fraction is None:
        fraction = 0.5 if before > 100 else 1.0
    if before and deleted / before > fraction:
        raise _refused(dataset, f"{deleted} of {before} rows would be deleted")


def _refused(dataset: Dataset, what: str) -> RefusedData:
    hint = "mend the source or the model, or allow deletes for one batch where that was the cause"
    return RefusedData(f"the snapshot of {dataset.name} was refused: {what}", hint=hint, dataset=dataset.name)


def _mismatch(dataset: str, what: str) -> ReceiptMismatch:
    return ReceiptMismatch(f"{what}; nothing was committed", hint="the next trigger reads again", dataset=dataset)
