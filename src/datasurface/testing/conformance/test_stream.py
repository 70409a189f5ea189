"""What a strategy says of itself, and that all datasets of a stream change at once."""

from datasurface.testing.runs import ANY_DELETES, Runner, Versions
from datasurface.testing.streams import PLAIN, Stream, plain, two_datasets
from datasurface.testing.trial import Trial, same_versions


def test_the_strategy_keeps_what_its_kit_says(trial: Trial) -> None:
    """Its milestoning is the kit's, and the past is kept where versions are."""
    with trial.workshop.store([PLAIN]) as store, store.session() as session:
        capabilities = session.strategy.capabilities
        assert capabilities.milestoning is trial.kit.milestoning
        assert capabilities.keeps_past is trial.is_forensic
        assert capabilities.source


def test_ensure_is_done_once(trial: Trial) -> None:
    """The first call says what it made; the second finds everything and makes nothing."""
    with trial.workshop.store([PLAIN]) as store:
        steps = []
        for _ in range(2):
            with store.session() as session:
                steps.append(list(session.strategy.ensure()))
                session.keep()
    assert steps[0]
    assert steps[1] == []


def test_only_a_store_that_was_never_loaded_is_new(trial: Trial) -> None:
    """A load that found no rows is a load."""
    with trial.workshop.store([PLAIN]) as store:
        runner = Runner.begin(store, (PLAIN,))
        with runner.session() as session:
            assert session.strategy.is_new()
        runner.batch({PLAIN.name: []})
        with runner.session() as session:
            assert not session.strategy.is_new()


def test_maintain_changes_no_row(trial: Trial) -> None:
    """Housekeeping is never seen by consumers."""
    first, second = plain([("1", "a"), ("2", "b")], [("1", "c"), ("3", None)]).snapshots
    with trial.workshop.store([PLAIN]) as store:
        runner = Runner.begin(store, (PLAIN,))
        runner.batch(first)
        seen = runner.batch(second).after
        with runner.session() as session:
            session.strategy.maintain()
            session.keep()
        same_versions("maintain was called", runner.see(), seen)


def test_all_datasets_change_at_once(trial: Trial) -> None:
    """Until ``commit`` is done a consumer sees nothing of a batch, then all of it."""

    def check(stream: Stream) -> None:
        with trial.workshop.store(stream.datasets) as store:
            runner = Runner.begin(store, stream.datasets)
            seen: Versions = runner.see()

            def look(point: str) -> None:
                same_versions(f"a consumer looked when the batch was {point}", runner.see(), seen)

            for snapshot in stream.snapshots:
                seen = runner.batch(snapshot, ANY_DELETES, look).after

    trial.of_every(two_datasets(trial.kit.stores), check)
