"""The engine against the oracle: random snapshot sequences with nasty values, live and forensic, row for row and count
for count. From PostgreSQL, and from sources that only send their rows and are compared at the target.

The number of sequences follows Hypothesis' profile: with its own of 100 examples they are 300 and some, and some for
each of the other sources.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import TypeVar

import pytest
from attrs import define, evolve, field, frozen
from hypothesis import HealthCheck, given, settings
from psycopg2.extensions import connection as Connection

from datasurface.model import Dataset
from datasurface.testing.snapshots import TableShape
from datasurface_yellow.capture.arrived import ArrivedSnapshot
from datasurface_yellow.capture.postgres import PostgresSnapshot
from tests.postgres.merge.play import Step, play
from tests.postgres.merge.report import PLAYED, show
from tests.postgres.merge.scenarios import pieces_of
from tests.postgres.merge.sequences import large_tables, small_tables, two_tables, with_bad_snapshots
from tests.postgres.merge.tables import TABLE
from tests.support.arena import Arena
from tests.support.length import long_or
from tests.support.mariadb_source import mariadb_source
from tests.support.other_sources import OtherSource
from tests.support.sqlite_source import SQLITE

WHOLE, PIECES = "whole tables fetched", "pieces of keys fetched"


@frozen
class Kind:
    """A kind of source, and how many sequences it is played with for every hundred of PostgreSQL's."""

    other: OtherSource | None
    hashes: bool
    weight: int

    def examples(self, hundredths: int) -> settings:
        """So many for every hundred of the profile."""
        number = max(settings().max_examples * hundredths * self.weight // 10_000, 1)
        return settings(max_examples=number, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


KINDS = {
    "PostgreSQL": Kind(None, True, 100),
    "PostgreSQL without hashes": Kind(None, False, 6),
    "SQLite": Kind(SQLITE, False, long_or(30, 8)),
    "MariaDB": Kind(None, False, long_or(30, 8)),
}


@pytest.fixture(params=KINDS)
def source(request: pytest.FixtureRequest) -> Kind:
    kind = KINDS[request.param]
    if request.param == "MariaDB":
        return evolve(kind, other=mariadb_source(request.getfixturevalue("mariadb")))
    return kind


@define
class Tally:
    """What a test has played, for its report."""

    begun: float = field(factory=monotonic)
    counts: Counter[str] = field(factory=Counter)

    def play(self, arena: Arena, source: Kind, datasets: Sequence[Dataset], steps: Sequence[Step]) -> None:
        """One sequence on both platforms; everything must be as the oracle says."""
        self.counts["sequences"] += 1
        self.counts["batches a platform"] += len(steps)
        with arena.stage(*datasets, other=source.other, hash_at_source=source.hashes) as stage:
            differences = play(stage, steps)
        assert not differences, "\n".join(map(str, differences))

    def __str__(self) -> str:
        counts = ", ".join(f"{number} {name}" for name, number in self.counts.items())
        return f"{counts}; {monotonic() - self.begun:.0f} s"


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Counts what is played, and how the engine fetches it; shown at the end of the test session."""
    tally = Tally()
    with pytest.MonkeyPatch.context() as patch:
        for snapshot in (PostgresSnapshot, ArrivedSnapshot):
            patch.setattr(snapshot, "copy_rows", _counting(snapshot.copy_rows, tally))
        yield tally
    show(request, PLAYED, f"{request.node.name}: {tally}")


Snapshot = TypeVar("Snapshot")
CopyRows = Callable[[Snapshot, str, Connection, str, int, int, Sequence[str] | None], int]


def _counting(copy_rows: CopyRows[Snapshot], tally: Tally) -> CopyRows[Snapshot]:
    def counting(
        self: Snapshot,
        dataset: str,
        target: Connection,
        into: str,
        batch: int,
        token: int,
        keys: Sequence[str] | None = None,
    ) -> int:
        tally.counts[WHOLE if keys is None else PIECES] += 1
        return copy_rows(self, dataset, target, into, batch, token, keys)

    return counting


@pytest.mark.slow
def test_short_histories_of_small_tables(arena: Arena, tally: Tally, source: Kind) -> None:
    @source.examples(130)
    @given(small_tables(2, 4, source.other))
    def sequences(drawn: tuple[TableShape, list[Step]]) -> None:
        shape, steps = drawn
        tally.play(arena, source, [Dataset(TABLE, columns=shape.columns)], steps)

    sequences()
    assert tally.counts[WHOLE]


@pytest.mark.slow
def test_long_histories_of_small_tables(arena: Arena, tally: Tally, source: Kind) -> None:
    @source.examples(50)
    @given(small_tables(6, 9, source.other))
    def sequences(drawn: tuple[TableShape, list[Step]]) -> None:
        shape, steps = drawn
        tally.play(arena, source, [Dataset(TABLE, columns=shape.columns)], steps)

    sequences()


@pytest.mark.slow
def test_few_changes_in_many_rows_are_fetched_key_by_key_in_pieces(arena: Arena, tally: Tally, source: Kind) -> None:
    @source.examples(60)
    @given(large_tables(source.other))
    def sequences(drawn: tuple[TableShape, list[Step]]) -> None:
        shape, steps = drawn
        with pieces_of(2):
            tally.play(arena, source, [Dataset(TABLE, columns=shape.columns)], steps)

    sequences()
    assert tally.counts[PIECES] > (tally.counts["sequences"] if source.hashes else 1)
    assert tally.counts[WHOLE] or not source.hashes


@pytest.mark.slow
def test_bad_snapshots_are_refused_and_the_next_good_one_continues(arena: Arena, tally: Tally, source: Kind) -> None:
    @source.examples(60)
    @given(with_bad_snapshots(source.other))
    def sequences(drawn: tuple[TableShape, float | None, list[Step]]) -> None:
        shape, fraction, steps = drawn
        tally.play(arena, source, [Dataset(TABLE, columns=shape.columns, max_delete_fraction=fraction)], steps)

    sequences()


@pytest.mark.slow
def test_two_tables_of_a_store_are_merged_together_or_not_at_all(arena: Arena, tally: Tally, source: Kind) -> None:
    @source.examples(30)
    @given(two_tables(source.other))
    def sequences(drawn: tuple[Sequence[TableShape], list[Step]]) -> None:
        shapes, steps = drawn
        datasets = [Dataset(f"{TABLE}{at}", columns=shape.columns) for at, shape in enumerate(shapes)]
        tally.play(arena, source, datasets, steps)

    sequences()
