# ruff: noqa: S608 every name in these statements stands in this file
"""A dataset whose model changes between its batches, and beside it what its tables must hold.

Rows are known by what a column means, whatever it is called and whether the model has it today: a *meaning* is a place
in the row.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from attrs import define, evolve, field, frozen

from datasurface.milestoning.rows import LIVE as NEVER_CLOSED
from datasurface.model import Column, Dataset
from datasurface.types import BigInt, DataType, Integer, VarChar
from datasurface_yellow.store.connection import execute, rows
from datasurface_yellow.store.quoting import identifier
from tests.support.pipeline import FORENSIC
from tests.support.records import assert_done
from tests.support.stage import PLATFORMS, STORE, Stage

NAME = "things"
Cells = tuple[str | None, ...]


@frozen
class Meaning:
    """What one column is about.

    Attributes:
        names: that it has had, the newest last; none before the model had it.
        is_active: whether the model has it.
        stored: its name in the tables; empty before an apply has seen it.
    """

    stem: str
    type: DataType
    names: tuple[str, ...] = ()
    is_active: bool = False
    stored: str = ""


FIRST = (
    Meaning("id", Integer(), ("id",), True, "id"),
    Meaning("text", VarChar(9), ("text",), True, "text"),
    Meaning("number", Integer(), ("number",), True, "number"),
    Meaning("late", VarChar(9)),
    Meaning("later", VarChar(9)),
    Meaning("count", Integer()),
)


@frozen
class Version:
    """A row that must be in the table."""

    row: Cells
    batch_in: int
    batch_out: int = NEVER_CLOSED

    @property
    def is_live(self) -> bool:
        """Whether no batch has closed it."""
        return self.batch_out == NEVER_CLOSED


@define
class Changing:
    """The model, the source and both tables.

    Attributes:
        versions: by platform, what its table must hold.
        merged: by platform, the batches that merged a snapshot and were not rolled back.
    """

    stage: Stage
    meanings: tuple[Meaning, ...] = FIRST
    versions: dict[str, list[Version]] = field(factory=lambda: {name: [] for name in PLATFORMS})
    merged: dict[str, list[int]] = field(factory=lambda: {name: [] for name in PLATFORMS})
    done: Counter[str] = field(factory=Counter)

    def toggle(self, place: int) -> None:
        """The model gets the column, or loses it, or has it again."""
        meaning = self.meanings[place]
        self._now(place, evolve(meaning, is_active=not meaning.is_active, names=meaning.names or (meaning.stem,)))
        self.done["columns dropped" if meaning.is_active else "columns added"] += 1

    def rename(self, place: int, *, back: bool) -> None:
        """The column is called otherwise, or as before."""
        meaning = self.meanings[place]
        if not meaning.is_active:
            return
        name = f"{meaning.stem}_{len(meaning.names)}" if not back else meaning.names[0]
        self._now(place, evolve(meaning, names=(*meaning.names, name)))
        self.done["columns renamed"] += 1

    def widen(self, place: int) -> None:
        """A whole number may be greater."""
        meaning = self.meanings[place]
        if meaning.type == Integer() and meaning.names:
            self._now(place, evolve(meaning, type=BigInt()))
            self.done["columns widened"] += 1

    def _now(self, place: int, meaning: Meaning) -> None:
        self.meanings = (*self.meanings[:place], meaning, *self.meanings[place + 1 :])

    def apply(self) -> None:
        """Make the source's table and both platforms' what the model says."""
        active = [m for m in self.meanings if m.is_active]
        names = {m.names[-1] for m in active}
        columns = [
            Column(
                m.names[-1],
                m.type,
                primary_key=m.stem == "id",
                renamed_from=m.stored if m.stored and m.stored not in names else None,
            )
            for m in active
        ]
        self.meanings = tuple(evolve(m, stored=m.names[-1]) if m.is_active else m for m in self.meanings)
        pipeline = self.stage.pipeline
        for name, deployment in pipeline.by_name.items():
            dataset = Dataset(NAME, columns=columns)
            streams = tuple(evolve(stream, datasets=(dataset,)) for stream in deployment.streams)
            views = tuple(evolve(view, dataset=dataset) for view in deployment.views)
            pipeline.by_name = {**pipeline.by_name, name: evolve(deployment, streams=streams, views=views)}
            pipeline.runtime(name).apply()
            assert pipeline.runtime(name).apply() == []

    def batch(self, snapshot: Sequence[Cells]) -> None:
        """Both platforms merge these rows, of which only the model's columns are at the source."""
        self._put(snapshot)
        for platform in PLATFORMS:
            result = self.stage.run(platform)
            assert_done(result)
            assert result.batch is not None
            self._merge(platform, result.batch, {row[0]: row for row in snapshot})
        self.done["batches"] += 1

    def _put(self, snapshot: Sequence[Cells]) -> None:
        table, active = self.stage.source_table(NAME), [m for m in self.meanings if m.is_active]
        kinds = {Integer(): "integer", BigInt(): "bigint"}
        columns = ", ".join(f"{identifier(m.names[-1])} {kinds.get(m.type, 'varchar(9)')}" for m in active)
        reader = identifier(self.stage.pipeline.access.reader.name)
        for statement in (
            f"DROP TABLE {table}",
            f"CREATE TABLE {table} ({columns})",
            f"GRANT SELECT ON {table} TO {reader}",
        ):
            execute(self.stage.producer, statement)
        self.stage.put({NAME: [self._active(row) for row in snapshot]})

    def _active(self, row: Cells) -> Cells:
        return tuple(cell for cell, meaning in zip(row, self.meanings, strict=True) if meaning.is_active)

    def _merge(self, platform: str, batch: int, snapshot: Mapping[str | None, Cells]) -> None:
        after: list[Version] = []
        same = set[str | None]()
        for version in self.versions[platform]:
            key = version.row[0]
            if version.is_live and key in snapshot and self._active(version.row) == self._active(snapshot[key]):
                same.add(key)
            elif version.is_live:
                version = evolve(version, batch_out=batch - 1)
            after.append(version)
        for key, row in snapshot.items():
            if key not in same:
                known = zip(row, self.meanings, strict=True)
                after.append(Version(tuple(cell if m.is_active else None for cell, m in known), batch))
        self.versions[platform] = [each for each in after if platform == FORENSIC or each.is_live]
        self.merged[platform].append(batch)

    def rollback(self, back: int) -> None:
        """The forensic platform goes back by so many snapshots."""
        merged = self.merged[FORENSIC]
        if len(merged) <= back:
            return
        to = merged[-1 - back]
        self.stage.pipeline.runtime(FORENSIC).rollback(STORE, to)
        self.merged[FORENSIC] = merged[: len(merged) - back]
        self.versions[FORENSIC] = [
            evolve(version, batch_out=NEVER_CLOSED) if version.batch_out >= to else version
            for version in self.versions[FORENSIC]
            if version.batch_in <= to
        ]
        self.done["rollbacks"] += 1

    def check(self) -> None:
        """The tables hold what they must, values of columns that the model lost too, and the laws hold."""
        known = [m for m in self.meanings if m.stored]
        for platform in PLATFORMS:
            end = "ds_surf_batch_out" if platform == FORENSIC else str(NEVER_CLOSED)
            cells = ", ".join(f"{identifier(m.stored)}::text" for m in known)
            query = f"SELECT {cells}, ds_surf_batch_in, {end} FROM {self.stage.merge_table(platform, NAME)}"
            found = Counter(cast("list[tuple[object, ...]]", rows(self.stage.consumer, query)))
            places = [place for place, meaning in enumerate(self.meanings) if meaning.stored]
            expected = Counter(
                (*(v.row[place] for place in places), v.batch_in, v.batch_out) for v in self.versions[platform]
            )
            assert found == expected, platform
            broken = [law for law in self.stage.verify(platform) if not law.holds]
            assert not broken, broken
