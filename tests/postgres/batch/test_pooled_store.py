"""A pooler before the merge or the control database lends the sessions that hold a job's locks: refused before anything
is written, in every mode.
"""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from datasurface.errors import DataSurfaceError
from datasurface.interchange.canonical import Canonical
from datasurface.model import Credential, PostgresDatabase
from datasurface_yellow.local.liveness import HOST
from datasurface_yellow.runtime import YellowRuntime
from datasurface_yellow.store.connection import ConnectionFailed, place
from datasurface_yellow.store.control import PostgresControlStore
from tests.postgres.conftest import OpenPooler
from tests.support.pipeline import FORENSIC, Pipeline
from tests.support.records import assert_done, tables

MODES = {
    "transactions": ("transaction",),
    "transactions, options ignored": ("transaction", "ignore_startup_parameters = options"),
    "sessions, options ignored": ("session", "ignore_startup_parameters = options"),
    "statements, options ignored": ("statement", "ignore_startup_parameters = options"),
}
COMMANDS: Sequence[Callable[[YellowRuntime], object]] = (
    lambda runtime: runtime.apply(),
    lambda runtime: runtime.status("Store1"),
    lambda runtime: runtime.reset("Store1"),
    lambda runtime: runtime.rollback("Store1", 1),
    lambda runtime: runtime.replay("Store1"),
    lambda runtime: runtime.verify("Store1"),
    lambda runtime: runtime.reconcile_views(),
)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES.keys())
def test_a_pooler_before_the_merge_database_is_refused(
    people_and_pets: Pipeline, mode: Sequence[str], open_pooler: OpenPooler
) -> None:
    assert_done(people_and_pets.run(FORENSIC))
    people_and_pets.producer("UPDATE people SET city = 'new'")
    before = tables(people_and_pets)
    people_and_pets.write_at(open_pooler(people_and_pets, *mode))

    error = people_and_pets.run(FORENSIC).error
    refused = [_refusal(partial(command, people_and_pets.runtime(FORENSIC))) for command in COMMANDS]

    assert error is not None
    assert (error.type, error.hint) == ("StoreUnavailable", refused[0].hint)
    assert error.message == f"{FORENSIC}, stream Store1: {refused[0].message}"
    assert "a connection pooler answers there" in error.message
    assert all(each.message == refused[0].message for each in refused)
    assert tables(people_and_pets) == before
    people_and_pets.write_at(people_and_pets.server.port)
    assert_done(people_and_pets.run(FORENSIC))


def test_a_pooler_before_the_control_database_is_refused(people_and_pets: Pipeline, open_pooler: OpenPooler) -> None:
    """It keeps a second apply out by a lock of its session."""
    port = open_pooler(people_and_pets, "session", "ignore_startup_parameters = options")
    database = people_and_pets.target.name
    container = PostgresDatabase("Control", host=HOST, port=port, database=database, credential=Credential("writer"))
    control = PostgresControlStore(place(container, people_and_pets.access.credentials), Canonical())

    def lock() -> None:
        with control.lock():
            pytest.fail("it has the lock")

    for use in (lock, control.current):
        assert "a connection pooler answers there" in _refusal(use).message


def _refusal(use: Callable[[], object]) -> DataSurfaceError:
    with pytest.raises(ConnectionFailed) as refused:
        use()
    assert "host and port of the server itself" in (refused.value.hint or "")
    return refused.value
