"""Judges a case by its names and cells alone: which nasty kinds it holds. It shares nothing with the strategies."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import combinations, pairwise

from attrs import frozen

from datasurface import types
from datasurface.milestoning.rows import Key
from datasurface.model.schema import Column
from datasurface.testing.snapshots import Case, TextRow

Cell = str | None
Snapshot = Mapping[Key, TextRow]

TEXT = types.Char | types.VarChar | types.NVarChar | types.Text
WHOLE = types.TinyInt | types.SmallInt | types.Integer | types.BigInt
NUMBER = WHOLE | types.Decimal | types.Float32 | types.Float64
MOMENT = types.Date | types.Timestamp
LONG = 8192

NAMES: dict[str, Callable[[str], bool]] = {
    "reserved name": lambda name: name in {"select", "order", "user", "table", "group", "from", "all", "end", "null"},
    "mixed-case name": lambda name: name.isascii() and name.isidentifier() and name != name.lower() != name.upper(),
    "name with a quote": lambda name: '"' in name,
    "name with an apostrophe": lambda name: "'" in name,
    "name with a blank": lambda name: " " in name,
    "name with a percent sign": lambda name: "%" in name,
    "name with a control character": lambda name: any(character < " " for character in name),
    "name with braces": lambda name: "{" in name,
    "unicode name": lambda name: not name.isascii(),
    "name of 60 to 63 bytes": lambda name: len(name.encode()) >= 60,
}

TEXT_CELLS: dict[str, Callable[[str], bool]] = {
    "empty text": lambda cell: cell == "",
    "unicode": lambda cell: not cell.isascii(),
    "apostrophe": lambda cell: "'" in cell,
    "quote": lambda cell: '"' in cell,
    "backslash": lambda cell: "\\" in cell,
    "tab": lambda cell: "\t" in cell,
    "newline": lambda cell: "\n" in cell,
    "control character": lambda cell: any("\0" < character < "\t" for character in cell),
    "word NULL": lambda cell: cell in ("NULL", "\\N"),
    "blank at the end": lambda cell: cell.endswith(" "),
    "long text": lambda cell: len(cell) > LONG,
}

NUMBER_CELLS: dict[str, Callable[[str], bool]] = {
    "minus zero": lambda cell: cell == "-0",
    "not a number": lambda cell: cell == "NaN",
    "infinity": lambda cell: cell == "Infinity",
    "minus infinity": lambda cell: cell == "-Infinity",
    "greatest bigint": lambda cell: cell == str(2**63 - 1),
    "least bigint": lambda cell: cell == str(-(2**63)),
    "number of more than 60 digits": lambda cell: len(cell) > 60,
}

MOMENT_CELLS: dict[str, Callable[[str], bool]] = {
    "infinite time": lambda cell: cell.endswith("infinity"),
    "first day": lambda cell: cell.startswith("4714-11-24") and cell.endswith(" BC"),
    "last day": lambda cell: cell.startswith(("5874897-12-31", "294276-12-31")),
}

EQUAL_INTERVALS = ({"1 day", "24:00:00"}, {"1 mon", "30 days", "720:00:00"}, {"1 year", "360 days"})


@frozen
class Change:
    """One cell before and after a batch."""

    type: types.DataType
    old: Cell
    new: Cell

    @property
    def both(self) -> set[Cell]:
        return {self.old, self.new}

    @property
    def texts(self) -> tuple[str, str]:
        """Both as text, NULL as something else than any cell."""
        return self.old or "\0", self.new or "\0"

    @property
    def numbers(self) -> tuple[Decimal, Decimal] | None:
        """Both as different texts of finite numbers, or None."""
        try:
            old, new = map(Decimal, self.texts)
        except InvalidOperation:
            return None
        return (old, new) if old.is_finite() and new.is_finite() and self.old != self.new else None

    def are_numbers(self, test: Callable[[Decimal, Decimal], bool]) -> bool:
        """Whether both are numbers for which the test holds."""
        return self.numbers is not None and test(*self.numbers)


CHANGES: dict[str, Callable[[Change], bool]] = {
    "NULL against empty": lambda change: isinstance(change.type, TEXT) and change.both == {None, ""},
    "NULL against zero": lambda change: isinstance(change.type, NUMBER) and change.both == {None, "0"},
    "value against NULL": lambda change: (change.old is None) != (change.new is None),
    "sign flip": lambda change: (
        isinstance(change.type, WHOLE | types.Decimal) and change.are_numbers(lambda old, new: old == -new != 0)
    ),
    "sign flip in JSON": lambda change: (
        isinstance(change.type, types.Json) and change.are_numbers(lambda old, new: old == -new != 0)
    ),
    "zero against minus zero": lambda change: change.both == {"0", "-0"},
    "numbers 2^32 apart": lambda change: (
        isinstance(change.type, WHOLE) and change.are_numbers(lambda old, new: abs(old - new) in (2**32, 2**32 + 1))
    ),
    "another scale": lambda change: (
        isinstance(change.type, types.Decimal) and change.are_numbers(lambda old, new: old == new)
    ),
    "equal intervals": lambda change: (
        isinstance(change.type, types.Interval)
        and change.old != change.new
        and any(change.both <= equal for equal in EQUAL_INTERVALS)
    ),
    "another case": lambda change: (
        isinstance(change.type, TEXT)
        and change.old != change.new
        and change.texts[0].lower() == change.texts[1].lower() != ""
    ),
    "a blank more": lambda change: isinstance(change.type, TEXT) and f"{change.texts[0]} " == change.texts[1],
    "end of a long text": lambda change: (
        change.old != change.new and len(change.texts[0]) > LONG and change.texts[0][:LONG] == change.texts[1][:LONG]
    ),
}


@frozen
class Step:
    """The rows of a table before and after a batch."""

    columns: Sequence[Column]
    old: Snapshot
    new: Snapshot

    @property
    def changed(self) -> list[Key]:
        """Keys whose row changed."""
        return [key for key in self.old if key in self.new and self.old[key] != self.new[key]]

    def moved(self, key: Key) -> list[int]:
        """Positions of the cells that changed in the row of the key."""
        return [at for at, (old, new) in enumerate(zip(self.old[key], self.new[key], strict=True)) if old != new]

    def pairs(self) -> Iterable[tuple[Key, Key]]:
        """Pairs of keys whose rows changed."""
        return combinations(self.changed, 2)


STEPS: dict[str, Callable[[Step], bool]] = {
    "nothing changed": lambda step: step.old == step.new != {},
    "one row of many changed": lambda step: len(step.old) == len(step.new) > 3 and len(step.changed) == 1,
    "insert": lambda step: bool(step.old and step.new.keys() - step.old.keys()),
    "delete": lambda step: bool(step.new and step.old.keys() - step.new.keys()),
    "every row changed": lambda step: len(step.changed) == len(step.old) == len(step.new) > 1,
    "all rows gone": lambda step: bool(step.old and not step.new),
    "rows after none": lambda step: bool(step.new and not step.old),
    "keys exchanged": lambda step: any(
        step.old[one] == with_key(step.columns, step.new[other], one)
        and step.old[other] == with_key(step.columns, step.new[one], other)
        for one, other in step.pairs()
    ),
    "one cell exchanged": lambda step: any(
        step.moved(one) == step.moved(other) == [at]
        and (step.old[one][at], step.old[other][at]) == (step.new[other][at], step.new[one][at])
        for one, other in step.pairs()
        for at in range(len(step.columns))
    ),
    "key changed": lambda step: any(
        step.old[one] == with_key(step.columns, step.new[other], one) and len(one) < len(step.columns)
        for one in step.old.keys() - step.new.keys()
        for other in step.new.keys() - step.old.keys()
    ),
    "shifted concatenation": lambda step: any(
        step.moved(key) == [at, at + 1] and same_joined(step.old[key][at : at + 2], step.new[key][at : at + 2])
        for key in step.changed
        for at in range(len(step.columns) - 1)
    ),
    "shifted key": lambda step: any(
        len(one) > 1 and one != other and same_joined(one, other) for one in step.old for other in step.new
    ),
    "columns exchanged": lambda step: any(
        step.moved(key) == [one, other]
        and (step.old[key][one], step.old[key][other]) == (step.new[key][other], step.new[key][one])
        for key in step.changed
        for one, other in combinations(range(len(step.columns)), 2)
    ),
    "no rows": lambda step: not step.new,
    "one row": lambda step: len(step.new) == 1,
    "NULL in every nullable column": lambda step: any(
        row.count(None) == sum(column.nullable for column in step.columns) > 1 for row in step.new.values()
    ),
    "empty text beside NULL": lambda step: any(
        isinstance(column.type, TEXT) and {"", None} <= {row[at] for row in step.new.values()}
        for at, column in enumerate(step.columns)
    ),
    "rows that differ in the key only": lambda step: any(
        step.new[one] == with_key(step.columns, step.new[other], one) and len(one) < len(step.columns)
        for one, other in combinations(step.new, 2)
    ),
}

HISTORIES: dict[str, Callable[[Sequence[Snapshot]], bool]] = {
    "row back as it was": lambda history: any(old[key] == new[key] for old, new, key in came_back(history)),
    "row back changed": lambda history: any(old[key] != new[key] for old, new, key in came_back(history)),
}

KINDS = (*NAMES, *TEXT_CELLS, *NUMBER_CELLS, *MOMENT_CELLS, *CHANGES, *STEPS, *HISTORIES, "another order")


def kinds(case: Case) -> set[str]:
    """The nasty kinds that the case holds."""
    columns = case.shape.columns
    history: list[Snapshot] = [{case.shape.layout.key_of(row): row for row in rows} for rows in case.snapshots]
    found = {kind for kind, test in NAMES.items() for column in columns if test(column.name)}
    for rows in history:
        for row in rows.values():
            for column, cell in zip(columns, row, strict=True):
                found |= {kind for kind, test in cell_tests(column.type).items() if cell is not None and test(cell)}
    for old, new in pairwise(history):
        step = Step(columns, old, new)
        found |= {kind for kind, holds in STEPS.items() if holds(step)}
        for key in step.changed:
            for at in step.moved(key):
                change = Change(columns[at].type, old[key][at], new[key][at])
                found |= {kind for kind, is_so in CHANGES.items() if is_so(change)}
    found |= {kind for kind, has in HISTORIES.items() if has(history)}
    if any(old != new and set(old) == set(new) for old, new in pairwise(case.snapshots)):
        found.add("another order")
    return found


def cell_tests(type_: types.DataType) -> dict[str, Callable[[str], bool]]:
    if isinstance(type_, TEXT):
        return TEXT_CELLS
    if isinstance(type_, NUMBER):
        return NUMBER_CELLS
    return MOMENT_CELLS if isinstance(type_, MOMENT) else {}


def with_key(columns: Sequence[Column], row: TextRow, key: Key) -> tuple[object, ...]:
    cells = iter(key)
    return tuple(next(cells) if column.primary_key else cell for column, cell in zip(columns, row, strict=True))


def same_joined(one: Sequence[object], other: Sequence[object]) -> bool:
    return None not in (*one, *other) and "".join(map(str, one)) == "".join(map(str, other))


def came_back(history: Sequence[Snapshot]) -> Iterable[tuple[Snapshot, Snapshot, Key]]:
    """Keys that were there, then were not, then were again, with their first and last snapshot."""
    for old, middle, new in combinations(history, 3):
        yield from ((old, new, key) for key in old if key not in middle and key in new)
