"""Streams for the conformance kit: one or two random datasets with their snapshots, good ones and bad ones."""

from collections.abc import Callable, Sequence

from attrs import frozen
from hypothesis import strategies as st

from datasurface import types
from datasurface.classification import PUBLIC
from datasurface.milestoning.kit import Snapshot, TextRow
from datasurface.milestoning.rows import Layout
from datasurface.model import Column, Dataset
from datasurface.testing.shapes import TableShape
from datasurface.testing.snapshots import Case, cases

NAMES = ("things", "others")


@frozen
class Stream:
    """Datasets whose snapshots change together; the source of one that is out of snapshots stands still."""

    cases: tuple[Case, ...]

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """The datasets of the stream."""
        return tuple(
            Dataset(name, columns=case.shape.columns, classification=PUBLIC)
            for name, case in zip(NAMES, self.cases, strict=False)
        )

    @property
    def snapshots(self) -> list[Snapshot]:
        """What each batch reads."""
        most = max(len(case.snapshots) for case in self.cases)
        return [
            {
                name: case.snapshots[min(number, len(case.snapshots) - 1)]
                for name, case in zip(NAMES, self.cases, strict=False)
            }
            for number in range(most)
        ]

    def layout(self, name: str) -> Layout:
        """Where the key of a dataset is."""
        return self.cases[NAMES.index(name)].shape.layout


def streams(stores: Callable[[types.DataType], bool]) -> st.SearchStrategy[Stream]:
    """Streams of one or two datasets, of columns that a strategy can store."""
    return st.lists(cases(2, 5, stores=stores), min_size=1, max_size=2).map(lambda drawn: Stream(tuple(drawn)))


def two_datasets(stores: Callable[[types.DataType], bool]) -> st.SearchStrategy[Stream]:
    """Streams of two datasets."""
    return st.tuples(cases(2, 3, stores=stores), cases(2, 3, stores=stores)).map(Stream)


PLAIN = Dataset(
    "things",
    columns=[Column("id", types.BigInt(), primary_key=True), Column("value", types.Text(), nullable=True)],
    classification=PUBLIC,
)
"""A dataset whose rows tests write by hand."""

PLAIN_SHAPE = TableShape(PLAIN.columns)


def plain(*snapshots: Sequence[TextRow]) -> Stream:
    """A stream of the plain dataset alone."""
    return Stream((Case(PLAIN_SHAPE, tuple(map(tuple, snapshots))),))


_WORDS = TableShape(
    (
        Column("id", types.BigInt(), primary_key=True),
        Column("first", types.Text(), nullable=True),
        Column("second", types.Text(), nullable=True),
        Column("number", types.BigInt(), nullable=True),
    )
)

_TRAPS: Sequence[tuple[str | None, str | None, str | None]] = (
    (None, "a", "0"),
    ("", "a", "0"),
    ("a", "", "0"),
    ("a", None, "0"),
    ("a", "NULL", None),
    ("NULL", "a", None),
    ("ab", "c", "1"),
    ("a", "bc", "1"),
    ("a ", "bc", "1"),
    ("A", "bc", "1"),
    ("A", "bc", "-1"),
    ("A", "bc", "4294967295"),
)
"""Cells of one row, batch after batch: each is easily taken for the one before."""


def traps() -> Stream:
    """A stream that no strategy gets right by chance: cells that look alike, values that two rows exchange, a row that
    goes and comes back, no rows at all, and a batch without any change."""
    pairs = zip(_TRAPS, reversed(_TRAPS), strict=True)
    alike: list[list[TextRow]] = [[("1", *one), ("2", *other), ("3", "c", "d", "3")] for one, other in pairs]
    swapped = [[("2", *rows[0][1:]), ("1", *rows[1][1:])] for rows in alike[:2]]
    snapshots = [*alike, alike[-1], [], *swapped, alike[0], alike[0]]
    return Stream((Case(_WORDS, tuple(map(tuple, snapshots))),))


Fault = tuple[str, Callable[[Layout, Sequence[TextRow]], Sequence[TextRow]]]
"""What is wrong, and the rows with that fault."""


def _null_at(at: int, rows: Sequence[TextRow]) -> Sequence[TextRow]:
    return [*rows[:-1], (*rows[-1][:at], None, *rows[-1][at + 1 :])]


def _same_key(layout: Layout, rows: Sequence[TextRow]) -> Sequence[TextRow]:
    """The first row once more, with the other cells of the last."""
    twin = tuple(rows[0][at] if at in layout.key else cell for at, cell in enumerate(rows[-1]))
    return [*rows, twin]


FAULTS: tuple[Fault, ...] = (
    ("a row twice", lambda _layout, rows: [*rows, rows[0]]),
    ("a key twice", _same_key),
    ("NULL in a key", lambda layout, rows: _null_at(layout.key[0], rows)),
    ("NULL in a column that is not nullable", lambda layout, rows: _null_at(max(layout.required), rows)),
)
"""Ways to spoil a snapshot that has rows; each must be refused."""
