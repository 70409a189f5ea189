"""Snapshots that break a rule of their dataset, and sources that do not tell the truth: nothing of them is merged."""

import pytest
from attrs import evolve
from hypothesis import strategies as st

from datasurface.errors import ReceiptMismatch, RefusedData
from datasurface.milestoning import laws
from datasurface.milestoning.kit import Lie, Snapshot, TextRow
from datasurface.milestoning.strategy import Guard
from datasurface.testing.courses import verified
from datasurface.testing.runs import Runner
from datasurface.testing.streams import FAULTS, PLAIN, Fault, Stream, plain, streams
from datasurface.testing.trial import Broken, Trial, same_versions

TEN: list[TextRow] = [(str(number), "a") for number in range(10)]


@pytest.mark.parametrize("fault", FAULTS, ids=[name for name, _ in FAULTS])
def test_refused(trial: Trial, fault: Fault) -> None:
    """RefusedData that names the dataset, whether it is the first load or not; then the next good snapshot goes on."""
    what, spoil = fault

    def check(drawn: tuple[Stream, int]) -> None:
        stream, which = drawn
        name = stream.datasets[which % len(stream.datasets)].name
        with trial.workshop.store(stream.datasets) as store:
            runner = Runner.begin(store, stream.datasets)
            for snapshot in stream.snapshots:
                if snapshot[name]:
                    bad = {**snapshot, name: spoil(stream.layout(name), snapshot[name])}
                    _refused(runner, what, bad, name, Guard(allow_deletes=True))
                runner.batch(snapshot)

    trial.of_every(st.tuples(streams(trial.kit.stores), st.integers(0, 1)), check)


def test_a_source_without_rows_is_refused_unless_deletes_are_allowed(trial: Trial) -> None:
    """No rows where there were some are more likely a fault of the source."""
    with trial.workshop.store([PLAIN]) as store:
        runner = Runner.begin(store, (PLAIN,))
        runner.batch({PLAIN.name: TEN}, Guard())
        _refused(runner, "no rows where there were some", {PLAIN.name: []}, PLAIN.name, Guard())
        assert runner.batch({PLAIN.name: []}, Guard(allow_deletes=True)).prepared.counts[PLAIN.name].deleted == 10
        runner.batch({PLAIN.name: []}, Guard())


def test_more_deletes_than_the_dataset_allows_are_refused_unless_all_are_allowed(trial: Trial) -> None:
    """Exactly the fraction is allowed. A key that changed is a delete, too."""
    careful = evolve(PLAIN, max_delete_fraction=0.3)
    with trial.workshop.store([careful]) as store:
        runner = Runner.begin(store, (careful,))
        runner.batch({PLAIN.name: TEN}, Guard())
        moved = [*TEN[4:], *((f"1{key}", value) for key, value in TEN[:4])]
        _refused(runner, "four of ten keys changed", {PLAIN.name: moved}, PLAIN.name, Guard())
        assert runner.batch({PLAIN.name: TEN[3:]}, Guard()).prepared.counts[PLAIN.name].deleted == 3
        _refused(runner, "three of seven rows gone", {PLAIN.name: TEN[6:]}, PLAIN.name, Guard())
        assert runner.batch({PLAIN.name: TEN[6:]}, Guard(allow_deletes=True)).prepared.counts[PLAIN.name].deleted == 3


@pytest.mark.parametrize("lie", Lie)
@pytest.mark.parametrize("first", [True, False], ids=["first load", "later batch"])
def test_L11_a_source_that_says(trial: Trial, lie: Lie, first: bool) -> None:
    """The receipt does not hold: ReceiptMismatch, nothing is merged, and the next true snapshot goes on."""
    before, after = plain(TEN, [("0", "b"), *TEN[2:], ("11", None)]).snapshots
    with trial.workshop.store([PLAIN]) as store:
        runner = Runner.begin(store, (PLAIN,))
        if not first:
            runner.batch(before)
        seen = runner.see()
        try:
            runner.batch(after, lie=lie)
        except ReceiptMismatch:
            same_versions(f"a source said {lie.value}", runner.see(), seen)
        else:
            raise Broken(f"a source said {lie.value}, and the batch was committed")
        runner.batch(after)
        assert all(check.holds for check in verified(runner, PLAIN.name))


def test_L11_verify_names_a_changed_cell(trial: Trial) -> None:
    """A cell that was changed behind the strategy's back, of a row that is live or past, is found with its key."""
    snapshots = plain([("1", "a"), ("2", "b")], [("1", "a"), ("2", "c")]).snapshots
    cells = {row: row[1] for snapshot in snapshots for row in snapshot[PLAIN.name]}
    for cell in ("", None, "d"):
        with trial.workshop.store([PLAIN]) as store:
            runner = Runner.begin(store, (PLAIN,))
            for snapshot in snapshots:
                runner.batch(snapshot)
            for version in runner.see()[PLAIN.name]:
                true = next(value for row, value in cells.items() if row == version.row)
                store.damage(PLAIN, version, PLAIN.columns[1], cell)
                found = [check for check in verified(runner, PLAIN.name) if not check.holds]
                if not any(check.law == laws.RECEIPT.id and str(version.key[0]) in check.detail for check in found):
                    raise Broken(f"verify does not name key {version.key}, whose cell is {cell!r} now: {found}")
                store.damage(PLAIN, evolve(version, row=(version.row[0], cell)), PLAIN.columns[1], true)
            assert all(check.holds for check in verified(runner, PLAIN.name))


def _refused(runner: Runner, what: str, snapshot: Snapshot, name: str, guard: Guard) -> None:
    seen = runner.see()
    try:
        runner.batch(snapshot, guard)
    except RefusedData as refused:
        if refused.dataset != name:
            raise Broken(f"{what}: the refusal names dataset {refused.dataset}, not {name}") from refused
        same_versions(f"a snapshot was refused ({what})", runner.see(), seen)
    else:
        raise Broken(f"{what} in {name}, and the batch was committed: {list(snapshot[name])}")
