"""The conformance kit can fail: Yellow with one mistake in it does not pass."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import psycopg2
import pytest

from datasurface.errors import DataSurfaceError
from datasurface.milestoning.kit import StrategyKit
from datasurface.model import Milestoning
from datasurface.testing.conformance import test_crashes, test_laws, test_refusals, test_stream
from datasurface.testing.streams import FAULTS
from datasurface.testing.trial import Broken, Trial
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.plugin import merge_strategies
from datasurface_yellow.testing.kit import workshop_on
from tests.postgres.merge import variants_of_changes, variants_of_values, variants_of_versions
from tests.postgres.merge.mutations import Edit, SqlEdit, broken

ROLLBACK = "merge/rollback.sql.j2"
BUGS: dict[str, Sequence[Edit]] = {
    variant.name: variant.edits
    for variants in (variants_of_changes, variants_of_values, variants_of_versions)
    for variant in variants.VARIANTS
} | {
    "a rollback leaves a version in history": [
        SqlEdit(ROLLBACK, "> %(to)s RETURNING 1", "> %(to)s AND false RETURNING 1")
    ],
    "a rollback does not reopen what the next batch closed": [
        SqlEdit(ROLLBACK, "m.{{ BATCH_OUT }} >= %(to)s AND m.{{", "m.{{ BATCH_OUT }} > %(to)s AND m.{{")
    ],
}
LIVE, FORENSIC = Milestoning.LIVE_ONLY, Milestoning.FORENSIC


def a_key_twice_is_refused(trial: Trial) -> None:
    test_refusals.test_refused(trial, FAULTS[1])


Test = Callable[[Trial], None]

ROLLED_BACK: Test = test_crashes.test_L9_rollback_and_the_same_snapshots_give_the_same_tables

CAUGHT: list[tuple[str, Milestoning, Test]] = [
    ("deletes are forgotten", LIVE, test_laws.test_L5_as_of_is_the_source),
    ("updates are forgotten", FORENSIC, test_laws.test_L5_as_of_is_the_source),
    ("NULL is hashed as ''", FORENSIC, test_laws.test_L5_as_of_is_the_source),
    ("a version ends with the batch that closes it", FORENSIC, test_laws.test_L2_no_overlap),
    ("a closed version is deleted", FORENSIC, test_laws.test_L12_changes_connect),
    ("a version begins a batch too late", LIVE, test_laws.test_L6_live_is_forensic),
    ("updates are counted as inserts", LIVE, test_laws.test_L10_true_counts),
    ("unchanged counts the updates too", FORENSIC, test_laws.test_L10_true_counts),
    ("duplicate keys of the source become one", LIVE, a_key_twice_is_refused),
    ("the staging of an earlier try is not cleared", LIVE, test_crashes.test_L7_what_was_staged_is_staged_again),
    ("a rollback leaves a version in history", FORENSIC, ROLLED_BACK),
    ("a rollback does not reopen what the next batch closed", FORENSIC, ROLLED_BACK),
    ("each table is merged in a transaction of its own", FORENSIC, test_stream.test_all_datasets_change_at_once),
    ("verify does not compute hashes again", FORENSIC, test_refusals.test_L11_verify_names_a_changed_cell),
]


@pytest.fixture(scope="module")
def on_trial(pg_server: PostgresServer) -> Iterator[Callable[[Milestoning], Trial]]:
    """A new trial of one of Yellow's strategies, on the session's server."""
    with ExitStack() as stack:
        workshops = {each: stack.enter_context(workshop_on(pg_server, each)) for each in Milestoning}
        kits = {kit.milestoning: kit for kit in merge_strategies()}

        def trial(milestoning: Milestoning) -> Trial:
            kit: StrategyKit = kits[milestoning]
            return Trial(kit, workshops[milestoning], examples=12, patience=0)

        yield trial


@pytest.mark.slow
@pytest.mark.parametrize(("bug", "milestoning", "test"), CAUGHT, ids=[bug for bug, _, _ in CAUGHT])
def test_a_strategy_with_this_bug_fails(
    on_trial: Callable[[Milestoning], Trial], bug: str, milestoning: Milestoning, test: Test
) -> None:
    with broken(BUGS[bug]), pytest.raises((Broken, DataSurfaceError, psycopg2.Error)):
        test(on_trial(milestoning))
