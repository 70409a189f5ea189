"""Sources that show a part of their rows: it is merged, and what it lacks stays."""

from collections.abc import Sequence

import pytest

from datasurface.milestoning.kit import Snapshot, TextRow
from datasurface.milestoning.strategy import Guard
from datasurface.results import DatasetCounts
from datasurface.testing.courses import verified
from datasurface.testing.runs import Runner
from datasurface.testing.streams import Stream, streams, traps
from datasurface.testing.trial import Broken, Trial, same_versions

PART = Guard(is_partial=True)


def test_a_part_is_merged_as_all_rows_would_be_with_this_part_in_them(trial: Trial) -> None:
    """Only of strategies that say that they merge parts. Versions, counts and fingerprints are those of a store that
    got the rows that were there before and the part in one whole snapshot; no row is deleted."""
    _skip_unless_parts_are_merged(trial)

    def check(stream: Stream) -> None:
        with trial.workshop.store(stream.datasets) as store, trial.workshop.store(stream.datasets) as other:
            in_parts, whole = Runner.begin(store, stream.datasets), Runner.begin(other, stream.datasets)
            held: Snapshot = {dataset.name: () for dataset in stream.datasets}
            for number, part in enumerate(stream.snapshots):
                held = {name: _with_part(stream, name, held[name], rows) for name, rows in part.items()}
                done, expected = in_parts.batch(part, PART), whole.batch(held)
                same_versions("a part was merged", done.after, expected.after)
                for name, counts in expected.prepared.counts.items():
                    shown = _of_part(counts, len(part[name])) if number else counts
                    if done.prepared.counts[name] != shown:
                        raise Broken(f"a part of {name} was merged: {done.prepared.counts[name]}, and it was {shown}")
                    if done.prepared.fingerprints[name] != expected.prepared.fingerprints[name]:
                        raise Broken(f"a part of {name} was merged and leaves another fingerprint than all rows do")
            for dataset in stream.datasets:
                assert all(check.holds for check in verified(in_parts, dataset.name))

    check(traps())
    trial.of_every(streams(trial.kit.stores), check)


def _skip_unless_parts_are_merged(trial: Trial) -> None:
    datasets = traps().datasets
    with trial.workshop.store(datasets) as store, store.session() as session:
        if not session.strategy.capabilities.merges_parts:
            pytest.skip(f"{trial.kit.name} does not say that it merges parts")


def _with_part(stream: Stream, name: str, held: Sequence[TextRow], part: Sequence[TextRow]) -> Sequence[TextRow]:
    """The rows that were there, with those of the part in the place of theirs."""
    key_of = stream.layout(name).key_of
    return tuple({**{key_of(row): row for row in held}, **{key_of(row): row for row in part}}.values())


def _of_part(whole: DatasetCounts, read: int) -> DatasetCounts:
    """The counts of a batch that read so many of the rows."""
    return DatasetCounts(read, whole.inserted, whole.updated, 0, read - whole.inserted - whole.updated)
