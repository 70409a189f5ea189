"""The scheduler's decisions: what starts, when, and what never does."""

from datetime import datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from datasurface.operations import due
from datasurface.operations.due import MOST_IN_A_ROW, CopyName, JobName, StreamName, Timetable, TransformerName
from datasurface.results import ResultCode
from datasurface.schedule import Schedule
from tests.unit.operations.generations import MIDNIGHT, deployment, generation, with_copies, with_transformer

LIVE: JobName = StreamName("Live", "Store1")
FORENSIC: JobName = StreamName("Forensic", "Store1")
FIVE_SECONDS = Schedule("every 5 seconds")
TEN_MINUTES = Schedule("*/10 * * * *")


def at(seconds: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=seconds)


def test_every_stream_of_every_platform_is_planned_and_starts_at_once() -> None:
    plan = due.planned(
        {},
        generation(deployment("Live", "every 5 seconds", "Store1"), deployment("Forensic", "*/10 * * * *", "Store1")),
        at(3),
    )
    assert plan == {LIVE: Timetable(FIVE_SECONDS, at(3)), FORENSIC: Timetable(TEN_MINUTES, at(3))}
    assert due.to_start(plan, at(3), capacity=8) == [FORENSIC, LIVE]


def test_a_stream_at_work_is_not_started_again() -> None:
    working = due.started(Timetable(FIVE_SECONDS, at(0)), at(0))
    assert due.to_start({LIVE: working}, at(60), capacity=8) == []
    assert due.next_start({LIVE: working}, capacity=8) is None


def test_the_longest_due_start_first_and_no_more_than_the_capacity() -> None:
    plan: dict[JobName, Timetable] = {
        StreamName("P", "early"): Timetable(FIVE_SECONDS, at(1)),
        StreamName("P", "late"): Timetable(FIVE_SECONDS, at(2)),
        StreamName("P", "working"): due.started(Timetable(FIVE_SECONDS, at(0)), at(0)),
    }
    assert due.to_start(plan, at(2), capacity=2) == [StreamName("P", "early")]
    assert due.next_start(plan, capacity=1) is None


def test_after_done_the_next_start_counts_from_the_last_one() -> None:
    done = due.finished(due.started(Timetable(FIVE_SECONDS, at(0)), at(0)), ResultCode.DONE, at(2))
    assert done.next_start == at(5)


def test_starts_missed_while_a_job_worked_are_one_start_at_its_end() -> None:
    done = due.finished(due.started(Timetable(FIVE_SECONDS, at(0)), at(0)), ResultCode.DONE, at(17))
    assert due.to_start({LIVE: done}, at(17), capacity=8) == [LIVE]
    assert due.started(done, at(17)).next_start == at(22)


def test_a_failed_stream_waits_for_a_start_that_is_still_ahead() -> None:
    failed = due.finished(due.started(Timetable(FIVE_SECONDS, at(0)), at(0)), ResultCode.ERROR, at(17))
    assert failed.next_start == at(22)


def test_a_failed_stream_keeps_a_start_that_is_ahead_already() -> None:
    failed = due.finished(due.started(Timetable(FIVE_SECONDS, at(0)), at(0)), ResultCode.ERROR, at(1))
    assert failed.next_start == at(5)


def test_a_cron_schedule_starts_on_its_own_minutes() -> None:
    done = due.finished(due.started(Timetable(TEN_MINUTES, at(130)), at(130)), ResultCode.DONE, at(140))
    assert done.next_start == at(600)


def test_keep_working_starts_again_at_once_up_to_the_cap() -> None:
    timetable = Timetable(TEN_MINUTES, at(0))
    for _ in range(MOST_IN_A_ROW):
        timetable = due.finished(due.started(timetable, at(1)), ResultCode.KEEP_WORKING, at(2))
        assert timetable.next_start == at(2)
    timetable = due.finished(due.started(timetable, at(2)), ResultCode.KEEP_WORKING, at(3))
    assert timetable == Timetable(TEN_MINUTES, at(600))


@pytest.mark.parametrize("code", [ResultCode.DONE, ResultCode.ERROR])
def test_once_is_over_after_one_batch(code: ResultCode) -> None:
    timetable = Timetable(FIVE_SECONDS, at(0), once=True)
    timetable = due.finished(due.started(timetable, at(0)), ResultCode.KEEP_WORKING, at(1))
    assert timetable.next_start == at(1)
    assert due.finished(due.started(timetable, at(1)), code, at(2)).is_over


def test_a_new_generation_keeps_the_starts_of_streams_that_stay() -> None:
    known = {LIVE: Timetable(FIVE_SECONDS, at(4))}
    plan = due.planned(known, generation(deployment("Live", "every 5 seconds", "Store1", "Store2")), at(2))
    assert plan == {LIVE: known[LIVE], StreamName("Live", "Store2"): Timetable(FIVE_SECONDS, at(2))}


def test_a_new_schedule_takes_hold_at_once_and_leaves_the_job_at_work_alone() -> None:
    known = {LIVE: due.started(Timetable(TEN_MINUTES, at(0)), at(0))}
    plan = due.planned(known, generation(deployment("Live", "every 5 seconds", "Store1")), at(2))
    assert plan == {LIVE: Timetable(FIVE_SECONDS, at(7), started_at=at(0))}


def test_a_stream_that_left_ends_with_its_job_whatever_that_asks_for() -> None:
    known = {LIVE: due.started(Timetable(FIVE_SECONDS, at(0)), at(0)), FORENSIC: Timetable(TEN_MINUTES, at(600))}
    plan = due.planned(known, generation(deployment("Live", "every 5 seconds")), at(2))
    assert list(plan) == [LIVE]
    assert due.finished(plan[LIVE], ResultCode.KEEP_WORKING, at(3)).is_over
    assert due.planned({LIVE: due.finished(plan[LIVE], ResultCode.DONE, at(3))}, generation(), at(4)) == {}


def test_a_stream_that_left_and_came_back_while_its_job_worked_follows_its_schedule_again() -> None:
    known = {LIVE: due.started(Timetable(FIVE_SECONDS, at(0)), at(0))}
    gone = due.planned(known, generation(), at(1))
    back = due.planned(gone, generation(deployment("Live", "every 5 seconds", "Store1")), at(2))
    assert back == {LIVE: Timetable(FIVE_SECONDS, at(7), started_at=at(0))}


seconds = st.integers(1, 30)
jobs = st.lists(st.tuples(seconds, st.sampled_from(ResultCode)), min_size=30, max_size=30)


@given(
    streams=st.lists(
        st.tuples(st.sampled_from(["every 3 seconds", "every 10 seconds", "* * * * *"]), jobs), max_size=5
    ),
    capacity=st.integers(1, 4),
)
def test_over_any_course_of_jobs_streams_keep_apart_the_capacity_holds_and_nobody_waits_for_nothing(
    streams: list[tuple[str, list[tuple[int, ResultCode]]]], capacity: int
) -> None:
    """Plays five minutes, event by event, and looks at every decision."""
    plan: dict[JobName, Timetable] = {
        StreamName("P", f"S{index}"): Timetable(Schedule(text), at(0)) for index, (text, _) in enumerate(streams)
    }
    courses = {name: list(course) for name, (_, course) in zip(plan, streams, strict=True)}
    ends: dict[JobName, tuple[datetime, ResultCode]] = {}
    last_start: dict[JobName, datetime] = {}
    last_code: dict[JobName, ResultCode] = {}
    now = at(0)
    while now < at(300) and all(courses.values()):
        for name in due.to_start(plan, now, capacity):
            assert name not in ends
            if last_code.get(name) in (ResultCode.DONE, ResultCode.ERROR):
                schedule = plan[name].schedule
                assert schedule is not None
                assert now >= schedule.next_after(last_start[name])
            plan[name] = due.started(plan[name], now)
            length, code = courses[name].pop()
            ends[name], last_start[name] = (now + timedelta(seconds=length), code), now
        assert due.running(plan) == len(ends) <= capacity
        assert due.to_start(plan, now, capacity) == []
        following = due.next_start(plan, capacity)
        if len(ends) < capacity and len(ends) < len(plan):
            assert following is not None
            assert following > now
        moments = [moment for moment in (following, *(end for end, _ in ends.values())) if moment is not None]
        if not moments:
            break
        now = min(moments)
        for name in [name for name, (end, _) in ends.items() if end == now]:
            last_code[name] = ends.pop(name)[1]
            plan[name] = due.finished(plan[name], last_code[name], now)


def test_copies_are_due_on_their_schedule_or_after_a_batch_of_their_streams() -> None:
    after, hourly = CopyName("Live", "W", "After"), CopyName("Live", "W", "Hourly")
    live = with_copies(deployment("Live", "every 5 seconds", "Store1", "Store2"), After=None, Hourly="0 * * * *")
    plan = due.planned({}, generation(live), at(3))
    assert (plan[after].next_start, plan[hourly].next_start) == (None, at(3600))
    assert due.followed(plan, StreamName("Live", "Store2"), ResultCode.DONE, at(4)) == plan
    assert due.followed(plan, LIVE, ResultCode.ERROR, at(4)) == plan
    plan = due.followed(plan, LIVE, ResultCode.DONE, at(4))
    assert (plan[after].next_start, plan[hourly].next_start) == (at(4), at(3600))
    working = due.started(plan[after], at(4))
    assert working.next_start is None
    again = due.followed({after: working}, LIVE, ResultCode.DONE, at(5))
    assert due.finished(again[after], ResultCode.DONE, at(6)).next_start == at(5)
    assert due.finished(again[after], ResultCode.ERROR, at(6)).next_start is None
    assert due.planned(plan, generation(live, number=2), at(7))[after].next_start == at(4)


def test_a_transformer_follows_what_it_reads_and_what_it_makes_follows_it() -> None:
    chain = generation(with_transformer(deployment("P", "every 5 seconds", "A", "B", "Made"), makes="Made"))
    a, b, made, maker = StreamName("P", "A"), StreamName("P", "B"), StreamName("P", "Made"), TransformerName("P", "T")
    plan = due.planned({}, chain, at(0))
    assert due.to_start(plan, at(0), capacity=8) == [a, b]

    plan[a] = due.finished(due.started(plan[a], at(0)), ResultCode.DONE, at(1))
    plan[b] = due.started(plan[b], at(0))
    plan = due.followed(plan, a, ResultCode.DONE, at(1))
    assert due.to_start(plan, at(1), capacity=8) == [maker]

    plan[maker] = due.finished(due.started(plan[maker], at(1)), ResultCode.DONE, at(2))
    assert due.to_start(due.followed(plan, maker, ResultCode.ERROR, at(2)), at(2), capacity=8) == []
    assert due.to_start(due.followed(plan, maker, ResultCode.DONE, at(2)), at(2), capacity=8) == [made]


def test_once_what_follows_waits_until_all_before_it_is_over() -> None:
    chain = generation(with_transformer(deployment("P", "every 5 seconds", "A", "B", "Made"), makes="Made"))
    plan, order, now = due.planned({}, chain, at(0), once=True), list[JobName](), 0
    while any(not timetable.is_over for timetable in plan.values()):
        [name, *_] = due.to_start(plan, at(now), capacity=1)
        plan[name] = due.finished(due.started(plan[name], at(now)), ResultCode.DONE, at(now + 1))
        plan, now = due.followed(plan, name, ResultCode.DONE, at(now + 1)), now + 1
        order.append(name)
    assert order == [
        StreamName("P", "A"),
        StreamName("P", "B"),
        TransformerName("P", "T"),
        StreamName("P", "Made"),
    ]


def test_what_a_platform_makes_that_is_not_planned_here_is_read_on_the_schedule() -> None:
    chain = generation(with_transformer(deployment("P", "every 5 seconds", "A", "Made"), makes="Made"))
    elsewhere = generation(evolve(chain.deployments[0], platform=evolve(chain.deployments[0].platform, name="Q")))
    plan = due.planned({}, elsewhere, at(0))
    assert plan[StreamName("Q", "Made")] == Timetable(FIVE_SECONDS, at(0))
