"""When a promise of freshness is being broken too fast: burn rates over several windows.

The arithmetic is that of the *Site Reliability Workbook* (Google, 2018), chapter 5, "Multiwindow, Multi-Burn-Rate
Alerts". An objective of 99 % over 30 days allows data to be late in 1 % of that time, 7.2 hours. At a burn rate of 1
that is used up in exactly 30 days; at 14.4 an hour of it takes 2 % of the month's allowance, so that somebody is
called while there is still something to save. A short window, a twelfth of the long one, ends the alert soon after the
data are fresh again.
"""

from collections.abc import Sequence

from attrs import frozen


@frozen
class Burn:
    """One pair of windows. The alert fires while the rate is above ``factor`` in both.

    Attributes:
        long, short: as PromQL writes them.
        share: of the allowance of 30 days that an incident at this rate has used up at the end of the long window.
        is_urgent: whether somebody is called, or finds a ticket.
    """

    long: str
    short: str
    factor: float
    share: str
    is_urgent: bool

    def threshold(self, objective: float) -> float:
        """The share of time in which data are late that is this rate."""
        return round(self.factor * (1 - objective), 10)


BURNS: Sequence[Burn] = (
    Burn("1h", "5m", 14.4, "2 %", is_urgent=True),
    Burn("6h", "30m", 6.0, "5 %", is_urgent=True),
    Burn("1d", "2h", 3.0, "10 %", is_urgent=False),
    Burn("3d", "6h", 1.0, "10 %", is_urgent=False),
)
"""The table of the workbook."""
