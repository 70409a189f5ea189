"""Schedules: a cron expression in a time zone, or ``every 5 seconds`` counted from the start."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from datasurface.errors import DataSurfaceError

_EVERY = re.compile(r"every\s+(\d+(?:\.\d+)?)\s*(second|minute|hour)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_LONGEST_INTERVAL = timedelta(days=3660)
_DAY = timedelta(days=1)
_FIRST_DAY = date(2024, 1, 1)
_DAYS_LOOKED_AT = 5 * 366
"""From a leap year on to the next: every weekday of every date of a month comes by."""
_DAYS_OF_CLOCK_CHANGES = 366


class BadSchedule(DataSurfaceError):
    """Neither a cron expression nor ``every N seconds``, or an unknown time zone."""


@frozen
class Schedule:
    """When batches start.

    Attributes:
        text: a cron expression (five fields), or ``every N seconds|minutes|hours``.
        timezone: the zone in which a cron expression is read. A time that occurs twice, where clocks go back, runs once
            for fixed times and in both hours for ``*``; a time that is left out runs at the end of the gap.
    """

    text: str
    timezone: str = "UTC"

    @property
    def interval(self) -> timedelta | None:
        """The span of the ``every`` form, else None."""
        match = _EVERY.fullmatch(self.text.strip())
        if match is None:
            return None
        seconds = float(match[1]) * _SECONDS[match[2].lower()]
        if not 0 < seconds <= _LONGEST_INTERVAL.total_seconds():
            raise BadSchedule(
                f"schedule '{self.text}' must wait more than nothing and at most ten years",
                hint="write as in 'every 5 seconds'",
            )
        return timedelta(seconds=seconds)

    def check(self) -> None:
        """BadSchedule when text or zone cannot be read."""
        self.next_after(datetime.now(UTC))

    def next_after(self, moment: datetime) -> datetime:
        """The first start after an instant."""
        interval = self.interval
        if interval is not None:
            return moment + interval
        start = next(self._starts(self.text, moment.astimezone(self._zone())), None)
        if start is None:
            raise BadSchedule(f"schedule '{self.text}' never starts", hint="check day and month")
        return start.astimezone(UTC)

    def longest_gap(self) -> timedelta:
        """The longest time between two starts, looking at five years of days and at a year of clock changes.

        A schedule's day is like every other except where clocks change, so only these few days are played through; and
        once for each schedule.
        """
        return _longest_gap(self)

    def _looked_for(self) -> timedelta:
        interval = self.interval
        if interval is not None:
            return interval
        self.check()
        zone = self._zone()
        days = self._days()
        changes = [
            (max(before), change + _DAY)
            for change in _clock_changes(zone, _DAYS_OF_CLOCK_CHANGES)
            if (before := [day for day in days if day < change])
        ]
        pauses = [*_longest_pause(days, _clock_changes(zone, _DAYS_LOOKED_AT)), *changes]
        return max((gap for first, last in pauses for gap in self._gaps(first, last)), default=timedelta.max)

    def _zone(self) -> tzinfo:
        if self.timezone == "UTC":
            return UTC  # known without the machine's list of zones, too
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise BadSchedule(
                f"time zone '{self.timezone}' is not known", hint="use an IANA name as 'Europe/Berlin'"
            ) from error

    def _days(self) -> list[date]:
        """The days on which it starts at all."""
        midnights = f"0 0 {' '.join(self.text.split()[2:])}"
        before = datetime.combine(_FIRST_DAY, time.min) - timedelta(seconds=1)
        last = _FIRST_DAY + timedelta(days=_DAYS_LOOKED_AT)
        return list(takewhile(last.__gt__, (start.date() for start in self._starts(midnights, before))))

    def _gaps(self, first: date, last: date) -> Iterator[timedelta]:
        """The gaps between starts from the day ``first`` until one start on or after the day ``last``."""
        zone = self._zone()
        before = (datetime.combine(first, time.min, zone).astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
        for earlier, later in pairwise(start.astimezone(UTC) for start in self._starts(self.text, before)):
            yield later - earlier
            if later.astimezone(zone).date() >= last:
                return

    def _starts(self, expression: str, moment: datetime) -> Iterator[datetime]:
        """The starts after a moment, in the moment's zone."""
        # cronsim costs an import that `import datasurface` must not pay
        from cronsim import CronSim, CronSimError

        try:
            if len(expression.split()) != 5:
                raise CronSimError("it has not five fields")
            yield from CronSim(expression, moment)
        except CronSimError as error:
            raise BadSchedule(
                f"schedule '{self.text}' is no cron expression: {error}",
                hint="write '*/10 * * * *' or 'every 5 seconds'",
            ) from error


@lru_cache(maxsize=1024)
def _longest_gap(schedule: Schedule) -> timedelta:
    return schedule._looked_for()


def _longest_pause(days: Sequence[date], clock_changes: Iterable[date]) -> Sequence[tuple[date, date]]:
    """The longest pause between two days, if there is one. Of several as long, one in which no clock changes: an hour
    that is left out makes a pause shorter than the others.
    """
    pauses = list(pairwise(days))
    longest = max((last - first for first, last in pauses), default=None)
    as_long = [(first, last) for first, last in pauses if last - first == longest]
    changes = list(clock_changes)
    steady = ((first, last) for first, last in as_long if not any(first <= change <= last for change in changes))
    return [next(steady, as_long[0])] if as_long else []


def _clock_changes(zone: tzinfo, days: int) -> Iterator[date]:
    """The days on which the zone's clocks change, of so many from the first that is looked at."""
    noons = [datetime.combine(_FIRST_DAY, time(12), zone) + n * _DAY for n in range(days)]
    for before, after in pairwise(noons):
        if before.utcoffset() != after.utcoffset():
            yield after.date()
