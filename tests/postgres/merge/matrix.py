"""Which check catches which variant of the engine: run, kept and printed."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from datasurface.model import Dataset
from datasurface.testing.snapshots import TableShape
from tests.postgres.merge.differences import Difference
from tests.postgres.merge.mutations import RECEIPTS_IGNORED, Edit, broken
from tests.postgres.merge.play import Step, play
from tests.postgres.merge.scenarios import pieces_of
from tests.postgres.merge.sequences import large_tables, small_tables, with_bad_snapshots
from tests.postgres.merge.tables import TABLE
from tests.postgres.merge.variant import Variant
from tests.support.arena import Arena
from tests.support.length import IS_LONG

SEQUENCES = 12
"""Random sequences that a variant is given to show itself, in long runs: how soon it does judges nothing."""

Drawn = tuple[TableShape, float | None, list[Step]]


@frozen
class Caught:
    """What caught one variant.

    Attributes:
        with_receipts: the checks that found it, by scenario, on the engine as it is but for the variant.
        without_receipts: the same while the engine ignores its own receipts, so that the tests stand alone.
        sequences: how many random sequences it took, receipts ignored; None where none showed it, 0 where none was
            tried.
    """

    variant: str
    with_receipts: Mapping[str, Sequence[str]]
    without_receipts: Mapping[str, Sequence[str]]
    sequences: int | None

    @property
    def row(self) -> str:
        """A row of the matrix, in Markdown."""
        found = _checks(self.with_receipts), _checks(self.without_receipts)
        sequence = (
            f"number {self.sequences}" if self.sequences else "" if self.sequences == 0 else f"none of {SEQUENCES}"
        )
        cells = self.variant, ", ".join(self.with_receipts), *found, sequence
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def catch(arena: Arena, variant: Variant) -> Caught:
    """Run a variant through its scenarios, with the engine's receipts and without, and through random sequences."""
    alone = tuple(edit for edit in RECEIPTS_IGNORED if edit not in variant.edits)
    return Caught(
        variant.name,
        _in_scenarios(arena, variant, ()),
        _in_scenarios(arena, variant, alone),
        _in_random_sequences(arena, (*variant.edits, *alone)) if IS_LONG and variant.is_met_by_chance else 0,
    )


def _in_scenarios(arena: Arena, variant: Variant, more: Iterable[Edit]) -> dict[str, Sequence[str]]:
    with broken((*variant.edits, *more)):
        return {scenario.name: _names(scenario.run(arena)) for scenario in variant.scenarios}


def _in_random_sequences(arena: Arena, edits: Iterable[Edit]) -> int | None:
    """The number of the first sequence that shows the variant."""
    played = 0
    found: list[int] = []

    @settings(
        max_examples=SEQUENCES,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(_sequences())
    def sequence(drawn: Drawn) -> None:
        nonlocal played
        if not found:
            played += 1
            shape, fraction, steps = drawn
            with (
                pieces_of(2),
                arena.stage(Dataset(TABLE, columns=shape.columns, max_delete_fraction=fraction)) as stage,
            ):
                if play(stage, steps):
                    found.append(played)

    with broken(edits):
        sequence()
    return found[0] if found else None


def _sequences() -> st.SearchStrategy[Drawn]:
    good = st.one_of(small_tables(3, 5), large_tables()).map(lambda drawn: (drawn[0], None, drawn[1]))
    return st.one_of(good, good, with_bad_snapshots())


def _names(differences: Iterable[Difference]) -> Sequence[str]:
    return tuple(dict.fromkeys(difference.check for difference in differences))


def _checks(found: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(dict.fromkeys(check for checks in found.values() for check in checks)) or "nothing"


def markdown(rows: Iterable[str]) -> str:
    """The matrix, from its rows."""
    head = (
        "| mistake | scenario | found by | found by, receipts ignored | first random sequence |",
        "|---|---|---|---|---|",
    )
    return "\n".join((*head, *rows))
