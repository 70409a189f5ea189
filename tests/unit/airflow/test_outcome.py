"""What follows a job, by its result record."""

import pytest

from datasurface_airflow.factory.outcome import AT_ONCE, LONGEST_PAUSE, Turn, after_job, pause_after


def test_done_waits_and_is_told_to_others() -> None:
    assert after_job({"code": 0, "batch": 7}, 3, 100)[::3] == (Turn.WAIT, True)


def test_more_to_do_goes_again_at_once_then_with_pauses_that_grow_and_at_last_waits() -> None:
    more = {"code": 1, "batch": 7}
    assert after_job(more, 0, 100)[::2] == (Turn.AGAIN, 0.0)
    pauses = [pause_after(number) for number in range(AT_ONCE + 20)]
    assert pauses[:AT_ONCE] == [0.0] * AT_ONCE
    assert pauses[AT_ONCE:] == sorted(pauses[AT_ONCE:])
    assert (pauses[AT_ONCE], pauses[-1], pause_after(10**6)) == (1.0, LONGEST_PAUSE, LONGEST_PAUSE)
    last = after_job(more, 100, 100)
    assert (last.turn, last.is_done) == (Turn.WAIT, False)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (None, "there is no result record"),
        ({"code": -1, "error": {"message": "the source is away", "hint": "start it"}}, "the source is away (start it)"),
        ({"code": -1, "error": None}, "code -1"),
        ({}, "code None"),
        ({"code": 7}, "code 7"),
    ],
)
def test_anything_else_fails_and_says_why(document: dict[str, object] | None, reason: str) -> None:
    following = after_job(document, 0, 100)
    assert following.turn is Turn.FAIL
    assert reason in following.reason
