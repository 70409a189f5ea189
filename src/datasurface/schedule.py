"""Schedules: a cron expression in a time zone, or ``every 5 seconds`` counted from the start."""

import re
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from datasurface.errors import DataSurfaceError

_EVERY = re.compile(r"every\s+(\d+(?:\.\d+)?)\s*(second|minute|hour)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_STARTS_LOOKED_AT = 1500
"""Enough for a day of a schedule that runs every minute; a sparser one is seen over years."""


class BadSchedule(DataSurfaceError):
    """Neither a cron expression nor ``every N seconds``, or an unknown time zone."""


@frozen
class Schedule:
    """When batches start.

    Attributes:
        text: a cron expression (five fields), or ``every N seconds|minutes|hours``.
        timezone: the zone in which a cron expression is read. Where clocks go back, a time that occurs twice runs as
            cronsim says:
            once for fixed times, in both hours for ``*``.
    """

    text: str
    timezone: str = "UTC"

    @property
    def interval(self) -> timedelta | None:
        """The span of the ``every`` form, else None."""
        match = _EVERY.fullmatch(self.text.strip())
        return timedelta(seconds=float(match[1]) * _SECONDS[match[2].lower()]) if match else None

    def check(self) -> None:
        """BadSchedule when text or zone cannot be read."""
        self.next_after(datetime.now(UTC))

    def next_after(self, moment: datetime) -> datetime:
        """The first start after an instant."""
        interval = self.interval
        if interval is not None:
            if interval <= timedelta(0):
                raise BadSchedule(
                    f"schedule '{self.text}' never waits", hint="use a positive number, as in 'every 5 seconds'"
                )
            return moment + interval
        # cronsim costs an import that `import datasurface` must not pay
        from cronsim import CronSim, CronSimError

        try:
            return next(CronSim(self.text, moment.astimezone(ZoneInfo(self.timezone)))).astimezone(UTC)
        except CronSimError as error:
            raise BadSchedule(
                f"schedule '{self.text}' is no cron expression: {error}",
                hint="write '*/10 * * * *' or 'every 5 seconds'",
            ) from error
        except StopIteration as error:
            raise BadSchedule(f"schedule '{self.text}' never starts", hint="check day and month") from error
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise BadSchedule(
                f"time zone '{self.timezone}' is not known", hint="use an IANA name as 'Europe/Berlin'"
            ) from error

    def longest_gap(self) -> timedelta:
        """The longest time between two starts, over the next 1,500 starts from a fixed day."""
        interval = self.interval
        if interval is not None:
            return interval
        starts = self._starts(datetime(2024, 1, 1, tzinfo=UTC))
        return max(later - earlier for earlier, later in pairwise(starts))

    def _starts(self, moment: datetime) -> list[datetime]:
        from cronsim import CronSim

        self.next_after(moment)
        simulated = CronSim(self.text, moment.astimezone(ZoneInfo(self.timezone)))
        return [start.astimezone(UTC) for start in islice(simulated, _STARTS_LOOKED_AT)]
