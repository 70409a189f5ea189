"""A dataset whose model changes, and what each change means: plain values that know nothing of the engine.

Rows are known by what a column means, whatever it is called and whether the model has it today: a *meaning* is a place
in the row.
"""

from collections.abc import Iterator

from attrs import evolve, frozen

from datasurface.milestoning.rows import Layout
from datasurface.model import Column, Dataset
from datasurface.types import BigInt, DataType, Decimal, Integer, Text, VarChar
from tests.support.stage import TextRow

REWRITES = frozenset({"columns dropped", "columns taken back", "columns widened"})
"""The changes under which stored rows get other hashes."""


@frozen
class Meaning:
    """What one column is about.

    Attributes:
        names: that it has had, the newest last.
        stored, stored_type: what it is in the tables; None before an apply has seen it.
    """

    stem: str
    type: DataType
    names: tuple[str, ...]
    is_active: bool = True
    is_key: bool = False
    stored: str | None = None
    stored_type: DataType | None = None

    @property
    def name(self) -> str:
        """What the model calls it, or called it last."""
        return self.names[-1]


@frozen
class Schema:
    """The columns that a batch was read under: place, name and type in the tables."""

    columns: tuple[tuple[int, str | None, DataType | None], ...]

    @property
    def places(self) -> tuple[int, ...]:
        """The places in the row that are known."""
        return tuple(place for place, _, _ in self.columns)

    def of_those_in(self, other: "Schema") -> "Schema":
        """The columns that another has, too, under whatever name."""
        return Schema(tuple(column for column in self.columns if column[0] in other.places))

    def known(self, row: TextRow) -> TextRow:
        """The cells of a row that are known."""
        return tuple(row[place] for place in self.places)

    def blank(self, row: TextRow) -> TextRow:
        """The row without a value where nothing is known."""
        return tuple(cell if place in self.places else None for place, cell in enumerate(row))


@frozen
class Model:
    """What a dataset is today, and was."""

    meanings: tuple[Meaning, ...]

    @property
    def schema(self) -> Schema:
        """What a batch is read under once the model is applied."""
        active = [(place, meaning) for place, meaning in enumerate(self.meanings) if meaning.is_active]
        return Schema(tuple((place, meaning.stored, meaning.stored_type) for place, meaning in active))

    @property
    def active(self) -> tuple[Meaning, ...]:
        """The columns of today."""
        return tuple(meaning for meaning in self.meanings if meaning.is_active)

    @property
    def layout(self) -> Layout:
        """Where the key is in a row."""
        keys = tuple(place for place, meaning in enumerate(self.meanings) if meaning.is_key)
        return Layout(keys, frozenset(keys))

    def dataset(self, name: str) -> Dataset:
        """As the producer declares it."""
        names = {meaning.name for meaning in self.active}
        columns = [
            Column(
                meaning.name,
                meaning.type,
                primary_key=meaning.is_key,
                renamed_from=meaning.stored if meaning.stored not in names else None,
            )
            for meaning in self.active
        ]
        return Dataset(name, columns=columns)

    def toggled(self, place: int) -> "Model":
        """With the column, or without it, or with it again."""
        return self._with(place, evolve(self.meanings[place], is_active=not self.meanings[place].is_active))

    def taken_back(self, number: int) -> "Model":
        """With one of the columns that tables have and the model has no longer; without one where there is none."""
        gone = [place for place, each in enumerate(self.meanings) if each.stored is not None and not each.is_active]
        return self.toggled(gone[number % len(gone)] if gone else number)

    def added(self, number: int) -> "Model":
        """With a column that it does not have; without one where it has all."""
        missing = [place for place, each in enumerate(self.meanings) if not each.is_active]
        return self.toggled(missing[number % len(missing)] if missing else number)

    def renamed(self, number: int, back: bool) -> "Model":
        """With one of today's columns under another name, or under its first."""
        meaning = self.active[number % len(self.active)]
        place = self.meanings.index(meaning)
        name = meaning.stem if back else f"{meaning.stem}_{len(meaning.names)}"
        return self._with(place, evolve(meaning, names=(*meaning.names, name)))

    def widened(self, place: int) -> "Model":
        """With greater whole numbers."""
        return self._with(place, evolve(self.meanings[place], type=BigInt()))

    def applied(self) -> "Model":
        """As it is once the tables are what it says."""
        return Model(tuple(evolve(m, stored=m.name, stored_type=m.type) if m.is_active else m for m in self.meanings))

    def _with(self, place: int, meaning: Meaning) -> "Model":
        return Model((*self.meanings[:place], meaning, *self.meanings[place + 1 :]))


def changes(before: Model, after: Model) -> Iterator[str]:
    """What an apply of the one has to do to tables that are the other's."""
    for old, new in zip(before.meanings, after.meanings, strict=True):
        if old.is_active != new.is_active:
            yield "columns dropped" if old.is_active else "columns taken back" if old.stored else "columns added"
        if new.is_active and old.stored is not None:
            if new.name != old.stored:
                yield "columns renamed"
            if new.type != old.stored_type:
                yield "columns widened"


def _meaning(stem: str, kind: DataType, *, is_key: bool = False, is_active: bool = True) -> Meaning:
    return Meaning(stem, kind, (stem,), is_active, is_key)


FIRST = Model(
    (
        _meaning("id", Integer(), is_key=True),
        _meaning("Part", Text(), is_key=True),
        _meaning("value", Text()),
        _meaning("number", Decimal()),
        _meaning("late", VarChar(9), is_active=False),
        _meaning("later", Decimal(), is_active=False),
        _meaning("count", Integer(), is_active=False),
    )
).applied()
KEY = FIRST.layout.key
WHOLE_NUMBERS = tuple(place for place, meaning in enumerate(FIRST.meanings) if meaning.type == Integer())
