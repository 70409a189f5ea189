"""Work that is killed at every boundary between its statements: whoever works next leaves what would stand if nobody
had been killed (law L8). Where the run is not a long one, boundaries are killed by turns at the one and the other end.
"""

from collections.abc import Callable, Sequence

import pytest

from tests.postgres.crash.conftest import KILLED
from tests.postgres.crash.field import Field
from tests.postgres.crash.kills import Kill, crash_server, kill_backend, kill_client, lose_reply
from tests.postgres.crash.kinds import IN_EVERY_RUN, KINDS, Kind
from tests.postgres.merge.report import show
from tests.support.length import long_or
from tests.support.statements import Moment

FieldOf = Callable[[Kind], Field]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("kind", long_or(KINDS, IN_EVERY_RUN), ids=lambda kind: kind.name),
]


def test_the_process_is_killed_before_each_statement_and_within_each_copy(
    field_of: FieldOf, kind: Kind, request: pytest.FixtureRequest
) -> None:
    field = field_of(kind)
    _kill_at(field, field.boundaries()[:: long_or(1, 4 * kind.every)], kill_client, request)


def test_the_server_ends_the_session_before_each_statement_and_within_each_copy(
    field_of: FieldOf, kind: Kind, request: pytest.FixtureRequest
) -> None:
    field = field_of(kind)
    _kill_at(field, field.boundaries()[long_or(0, 2 * kind.every) :: long_or(1, 4 * kind.every)], kill_backend, request)


def test_the_reply_to_each_commit_is_lost(field_of: FieldOf, kind: Kind, request: pytest.FixtureRequest) -> None:
    field = field_of(kind)
    _kill_at(field, field.commits(), lose_reply, request)


def test_the_whole_server_crashes(field_of: FieldOf, kind: Kind, request: pytest.FixtureRequest) -> None:
    field = field_of(kind)
    _kill_at(field, field.boundaries()[:: long_or(1, 12 * kind.every)], crash_server, request)


def _kill_at(field: Field, moments: Sequence[Moment], kill: Kill, request: pytest.FixtureRequest) -> None:
    assert moments
    for moment in moments:
        field.put_back()
        kill(field, moment)
        try:
            field.assert_recovers()
        except AssertionError as error:
            raise AssertionError(f"after a kill at {moment}") from error
    show(request, KILLED, f"{field.kind.name}: {len(moments)}, {kill.__name__.replace('_', ' ')}")
