"""When batches start, and how long it can be until the next."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from datasurface.schedule import BadSchedule, Schedule

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "start"),
    [
        ("* * * * *", "UTC", datetime(2026, 1, 1, 0, 1, tzinfo=UTC)),
        ("*/10 * * * *", "UTC", datetime(2026, 1, 1, 0, 10, tzinfo=UTC)),
        ("30 8 * * 1-5", "Europe/Berlin", datetime(2026, 1, 1, 7, 30, tzinfo=UTC)),
        ("0 0 29 2 *", "UTC", datetime(2028, 2, 29, tzinfo=UTC)),
        ("every 5 seconds", "UTC", datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)),
        ("Every 1.5 Minutes", "UTC", datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)),
        ("every 2 hours", "UTC", datetime(2026, 1, 1, 2, tzinfo=UTC)),
    ],
)
def test_the_next_start_is_the_first_after_a_moment(text: str, zone: str, start: datetime) -> None:
    assert Schedule(text, zone).next_after(NEW_YEAR) == start
    Schedule(text, zone).check()


def test_a_start_is_after_the_moment_and_never_the_moment_itself() -> None:
    daily = Schedule("0 0 * * *")
    assert daily.next_after(NEW_YEAR) == datetime(2026, 1, 2, tzinfo=UTC)
    assert daily.next_after(NEW_YEAR - timedelta(microseconds=1)) == NEW_YEAR


def test_a_time_that_the_clocks_skip_runs_when_they_have_changed() -> None:
    night = datetime(2026, 3, 28, 23, tzinfo=UTC)  # clocks go from 2:00 to 3:00 at 1:00 UTC
    assert Schedule("30 2 * * *", "Europe/Berlin").next_after(night) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_fixed_time_that_comes_twice_runs_once() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 2:30, which comes again an hour later
    daily = Schedule("30 2 * * *", "Europe/Berlin")
    assert daily.next_after(first - timedelta(seconds=1)) == first
    assert daily.next_after(first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "gap"),
    [
        ("* * * * *", "UTC", timedelta(minutes=1)),
        ("*/7 * * * *", "UTC", timedelta(minutes=7)),
        ("0 3 * * *", "UTC", timedelta(days=1)),
        ("* 9-17 * * *", "UTC", timedelta(hours=15, minutes=1)),
        ("* 9-17 * * 1-5", "UTC", timedelta(days=2, hours=15, minutes=1)),
        ("0 0 * * 0", "UTC", timedelta(days=7)),
        ("0 0 1 * *", "UTC", timedelta(days=31)),
        ("0 0 31 12 *", "UTC", timedelta(days=366)),
        ("0 0 29 2 *", "UTC", timedelta(days=4 * 365 + 1)),
        ("0 3 * * *", "Europe/Berlin", timedelta(hours=25)),
        ("* 9-17 * * 1-5", "Europe/Berlin", timedelta(days=2, hours=16, minutes=1)),
        ("* * * * *", "Europe/Berlin", timedelta(minutes=1)),
        ("0 * */2 * 2,4", "Europe/Berlin", timedelta(days=18, hours=1)),
        ("every 90 seconds", "UTC", timedelta(seconds=90)),
    ],
)
def test_the_longest_gap_counts_nights_weekends_and_changes_of_the_clock(text: str, zone: str, gap: timedelta) -> None:
    assert Schedule(text, zone).longest_gap() == gap


def test_what_starts_at_most_once_in_years_has_no_bound() -> None:
    assert Schedule("0 0 */31 2 MON").longest_gap() == timedelta.max


minutes = st.sampled_from(["0", "*/30", "7,40", "59"])
hours = st.sampled_from(["*", "0", "*/6", "9-17", "2", "23"])
days = st.sampled_from(["*", "1", "28", "*/2"])
weekdays = st.sampled_from(["*", "1-5", "0", "2,4"])


@settings(max_examples=25)
@given(minutes, hours, days, weekdays, st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]))
def test_no_gap_of_a_year_is_longer_than_the_longest(minute: str, hour: str, day: str, weekday: str, zone: str) -> None:
    schedule = Schedule(f"{minute} {hour} {day} * {weekday}", zone)
    simulated = CronSim(schedule.text, datetime(2024, 1, 1, tzinfo=ZoneInfo(zone)))
    starts = [start.astimezone(UTC) for start in takewhile(lambda start: start.year == 2024, simulated)]
    longest = schedule.longest_gap()
    assert all(later - earlier <= longest for earlier, later in pairwise(starts))


@pytest.mark.parametrize(
    ("text", "zone", "message"),
    [
        ("", "UTC", "no cron expression"),
        ("@daily", "UTC", "has not five fields"),
        ("* * * * * *", "UTC", "has not five fields"),
        ("60 * * * *", "UTC", "Bad minute"),
        ("0 0 30 2 *", "UTC", "Bad day-of-month"),
        ("every 0 seconds", "UTC", "must wait more than nothing"),
        (f"every {'9' * 400} hours", "UTC", "at most ten years"),
        ("every five seconds", "UTC", "no cron expression"),
        ("* * * * *", "Europe/Zurick", "time zone 'Europe/Zurick' is not known"),
        ("* * * * *", "Europe", "is not known"),
        ("* * * * *", "../etc/passwd", "is not known"),
        ("* * * * *", "a\0b", "is not known"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_hint(text: str, zone: str, message: str) -> None:
    schedule = Schedule(text, zone)
    for ask in (schedule.check, schedule.longest_gap):
        with pytest.raises(BadSchedule, match=message) as refused:
            ask()
        assert refused.value.hint
