"""L7, L8 and L9 where a batch does not go its way: what was not committed is as if it had not been."""

from collections.abc import Callable, Mapping

import pytest
from hypothesis import strategies as st

from datasurface.milestoning import oracle
from datasurface.milestoning.kit import Snapshot
from datasurface.testing.courses import expect, verified
from datasurface.testing.runs import Done, Killed, Runner, Versions, killed_at
from datasurface.testing.streams import PLAIN, Stream, streams, traps
from datasurface.testing.trial import Broken, Trial, same_versions

Batch = Callable[[Runner, Snapshot, int], Done]
"""One batch of a snapshot that meets trouble and then comes to its end; with the number that was drawn for it."""

_MOST = 5
"""Batches of a stream at most."""


def test_L7_what_was_staged_is_staged_again(trial: Trial) -> None:
    """A job that died after it kept what it had staged is followed by one that reads the source again."""

    def twice(runner: Runner, snapshot: Snapshot, _drawn: int) -> Done:
        if runner.committed:
            runner.stage(snapshot)
        return runner.batch(snapshot)

    _try(trial, "the batch was staged twice", twice)


def test_L8_what_was_staged_is_merged_by_another_session(trial: Trial) -> None:
    """A job that died after it kept what it had staged is followed by one that only merges, without the source."""

    def in_two(runner: Runner, snapshot: Snapshot, _drawn: int) -> Done:
        if not runner.committed:
            return runner.batch(snapshot)
        return runner.merge(snapshot, runner.stage(snapshot))

    _try(trial, "one session staged the batch and another merged it", in_two)


def test_L8_killed_between_two_calls_and_run_again(trial: Trial) -> None:
    """The tables are those of batches that were not killed, and no consumer sees anything of the killed one."""

    def killed(runner: Runner, snapshot: Snapshot, drawn: int) -> Done:
        seen = runner.see()
        for place in (drawn, drawn // 7):
            try:
                return runner.batch(snapshot, at=killed_at(place))
            except Killed as point:
                same_versions(f"a batch was killed when it had {point}", runner.see(), seen)
        return runner.batch(snapshot)

    _try(trial, "batches were killed and run again", killed)


def test_L8_a_record_that_fails_leaves_nothing(trial: Trial) -> None:
    """The batch's record and its rows are committed together: where the record cannot be written there are no rows."""

    def unrecorded(runner: Runner, snapshot: Snapshot, _drawn: int) -> Done:
        seen = runner.see()
        with pytest.raises(_NoRecord):
            runner.batch(snapshot, at=_fail_to_record)
        same_versions("the batch's record failed", runner.see(), seen)
        return runner.batch(snapshot)

    _try(trial, "records failed and batches were run again", unrecorded)


def test_L9_reset_leaves_no_trace(trial: Trial) -> None:
    """What an uncommitted batch has staged is cleared, and the batch starts again under its number."""

    def reset(runner: Runner, snapshot: Snapshot, _drawn: int) -> Done:
        if runner.committed:
            seen = runner.see()
            runner.stage(dict.fromkeys(snapshot, ()))
            runner.reset()
            same_versions("a batch was reset", runner.see(), seen)
            runner.stage(snapshot)
            runner.reset()
        return runner.batch(snapshot)

    _try(trial, "a batch was reset and started again", reset)


def test_L9_rollback_and_the_same_snapshots_give_the_same_tables(trial: Trial) -> None:
    """The tables are what batch n left, and then what the same snapshots made of them, under new numbers. Where the
    record of the rollback cannot be written, nothing is rolled back. A strategy without a past has none to go back to.
    """

    def check(drawn: tuple[Stream, int]) -> None:
        stream, number = drawn
        to = 1 + number % len(stream.snapshots)
        with trial.workshop.store(stream.datasets) as store:
            runner = Runner.begin(store, stream.datasets)
            for snapshot in stream.snapshots:
                runner.batch(snapshot)
            seen = runner.see()
            with pytest.raises(_NoRecord):
                runner.rollback(to, at=_fail_to_record)
            same_versions("the record of a rollback failed", runner.see(), seen)
            runner.rollback(to)
            tables = {name: _rolled_back(stream, name, to) for name in seen}
            same_versions(f"rolled back to batch {to}", runner.see(), _versions(tables))
            for snapshot in stream.snapshots[to:]:
                runner.batch(snapshot)
                for name, table in tables.items():
                    tables[name], _ = oracle.merge(
                        table, snapshot[name], stream.layout(name), runner.number, allow_deletes=True
                    )
                same_versions(f"rolled back to batch {to}, and on to {runner.number}", runner.see(), _versions(tables))
            _verify(runner, "rolled back")

    if trial.is_forensic:
        check((traps(), 2))
        trial.of_every(st.tuples(streams(trial.kit.stores), st.integers(0, 48)), check)
    else:
        with trial.workshop.store([PLAIN]) as store, store.session() as session:
            assert not session.strategy.capabilities.keeps_past


def _rolled_back(stream: Stream, name: str, to: int) -> oracle.ForensicTable:
    after = list(expect(stream, name, [snapshot[name] for snapshot in stream.snapshots]))
    return oracle.rollback(after[-1].forensic, to)


def _versions(tables: Mapping[str, oracle.ForensicTable]) -> Versions:
    return {name: table.versions for name, table in tables.items()}


def _verify(runner: Runner, what: str) -> None:
    for dataset in runner.datasets:
        if broken := [check for check in verified(runner, dataset.name) if not check.holds]:
            raise Broken(f"{what}: verify says of {dataset.name}: {broken}")


class _NoRecord(Exception):
    """The record of a batch cannot be written."""


def _fail_to_record(point: str) -> None:
    if point == "recording":
        raise _NoRecord(point)


def _try(trial: Trial, what: str, batch: Batch) -> None:
    """Play streams with this way of running a batch; after each the tables are the oracle's, and the counts, too."""

    def check(drawn: tuple[Stream, list[int]]) -> None:
        stream, numbers = drawn
        with trial.workshop.store(stream.datasets) as store:
            runner = Runner.begin(store, stream.datasets)
            expected = {
                name: list(expect(stream, name, [snapshot[name] for snapshot in stream.snapshots]))
                for name in stream.snapshots[0]
            }
            for at, snapshot in enumerate(stream.snapshots):
                done = batch(runner, snapshot, numbers[at])
                wanted = {name: after[at] for name, after in expected.items()}
                tables = {name: after.versions(trial.kit.milestoning) for name, after in wanted.items()}
                same_versions(f"{what}; after batch {at + 1}", done.after, tables)
                for name, after in wanted.items():
                    if done.prepared.counts[name] != after.counts:
                        raise Broken(f"{what}: batch {at + 1} counts {done.prepared.counts[name]}, not {after.counts}")
            _verify(runner, what)

    trial.of_every(
        st.tuples(streams(trial.kit.stores), st.lists(st.integers(0, 48), min_size=_MOST, max_size=_MOST)), check
    )
