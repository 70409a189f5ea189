"""The emitted rules, evaluated by Prometheus itself over days of batches, against the truth of the batches' log."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from attrs import frozen

from datasurface.monitoring import definitions as metric
from datasurface.monitoring.exposition import exposition
from datasurface.monitoring.measure import Sample
from datasurface_prometheus.burn import BURNS, Burn
from datasurface_prometheus.rules import LATE
from datasurface_prometheus.settings import PrometheusSettings
from tests.support.late_days import DAY, HOUR, MINUTE, Days, late_within, played
from tests.support.length import long_or
from tests.support.prometheus import PrometheusServer, promtool
from tests.unit.prometheus.test_emitted import rules_text

DAYS = long_or(8, 3)
GROUPS = long_or(40, 8)
BEGIN = 1_767_225_600.0
"""The first day, as Prometheus counts time."""
SCRAPED, JUDGED = MINUTE, 5 * MINUTE
"""Seconds between two scrapes, and between two looks at the alerts."""
SPANS = {"m": MINUTE, "h": HOUR, "d": DAY}


@frozen
class Judged:
    """An alert against the truth: looks at which both, one, or none say that a promise is broken; and incidents, which
    are looks in a row at which the truth says so."""

    hits: int
    false: int
    missed: int
    incidents: int
    told: int

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0


def _seconds(window: str) -> float:
    return float(window[:-1]) * SPANS[window[-1]]


def _truth(days: Days, burn: Burn, samples: int = 0) -> set[float]:
    """The looks at which the data were late too much of the time, in both windows.

    ``samples``: by so many more of each time that they were late, and of the window, as a scrape a minute may have
    missed; of fewer where it is negative.
    """
    spans, most = days.late(), burn.threshold(PrometheusSettings().objective)
    looks = (number * JUDGED for number in range(1, int(days.until / JUDGED)))
    return {look for look in looks if all(_burns(spans, look, each, most, samples) for each in (burn.long, burn.short))}


def _burns(spans: Sequence[tuple[float, float]], look: float, window: str, most: float, samples: int) -> bool:
    begin = max(look - _seconds(window), 0.0)  # of time before the days began nothing is known
    late, times = late_within(spans, begin, look)
    return late > most * (look - begin) + samples * SCRAPED * (times + 1)


def _judged(truth: Mapping[str, set[float]], told: Mapping[str, set[float]]) -> Judged:
    incidents = [incident for looks in truth.values() for incident in _incidents(looks)]
    of_group = {name: told.get(name, set()) for name in truth}
    return Judged(
        hits=sum(len(looks & of_group[name]) for name, looks in truth.items()),
        false=sum(len(of_group[name] - looks) for name, looks in truth.items()),
        missed=sum(len(looks - of_group[name]) for name, looks in truth.items()),
        incidents=len(incidents),
        told=sum(bool(incident & of_group[name]) for name, looks in truth.items() for incident in _incidents(looks)),
    )


def _incidents(looks: set[float]) -> Iterator[set[float]]:
    incident: set[float] = set()
    for look in sorted(looks):
        if incident and look - JUDGED not in incident:
            yield incident
            incident = set()
        incident.add(look)
    if incident:
        yield incident


def _scrapes(every: Sequence[Days]) -> str:
    """What scrapes found, in the form in which Prometheus takes the past: each series in the order of time."""
    lines = []
    for kind in (metric.CONSUMER_READ_AT, metric.CONSUMER_ALLOWED):
        lines.append(f"# TYPE {kind.name} gauge")
        for days in every:
            sample = Sample(kind, ("YellowLive", "Consumer1", "LiveDSG", days.name), 0.0)
            series = exposition([sample]).splitlines()[-1].rpartition(" ")[0]
            looks = [number * SCRAPED for number in range(int(days.until / SCRAPED))]
            values = days.read_at(looks) if kind is metric.CONSUMER_READ_AT else [days.allowed - BEGIN] * len(looks)
            lines += (f"{series} {BEGIN + value} {BEGIN + look}" for look, value in zip(looks, values, strict=True))
    return "\n".join([*lines, "# EOF", ""])


def _alerts() -> Sequence[str]:
    """What the emitted alerts of freshness ask, in the order of ``BURNS``; in the place of the series that the first
    rule records, that rule, evaluated as often."""
    recorded, *others = yaml.safe_load(rules_text())["groups"][0]["rules"]
    asked = [str(rule["expr"]) for rule in others if rule["alert"] == "DataSurfaceFreshnessBurns"]
    return [re.sub(rf"{LATE}{{[^}}]*}}\[(\w+)\]", rf"({recorded['expr']})[\1:1m]", each) for each in asked]


@pytest.mark.slow
def test_alerts_fire_when_and_only_when_a_promise_is_broken_too_fast(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gaps = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
    every = [played(f"S{number}", gaps[number % len(gaps)], days=DAYS, seed=number) for number in range(GROUPS)]
    past, blocks = tmp_path / "past.txt", tmp_path / "blocks"
    past.write_text(_scrapes(every))
    blocks.mkdir()
    promtool("tsdb", "create-blocks-from", "openmetrics", past, blocks)
    judged: dict[str, Judged] = {}
    with PrometheusServer.over(blocks) as server:
        for burn, expression in zip(BURNS, _alerts(), strict=True):
            found = server.over_time(expression, BEGIN + JUDGED, BEGIN + DAYS * DAY - JUDGED, JUDGED)
            told = {name: {at - BEGIN for at in looks} for name, looks in found.items()}
            judged[burn.long] = _judged({days.name: _truth(days, burn) for days in every}, told)
            for days in every:
                looks = told.get(days.name, set())
                assert looks >= _truth(days, burn, 1), f"{days.name}: what is sure for {burn.long} is not told"
                assert looks <= _truth(days, burn, -1), f"{days.name}: what cannot be for {burn.long} is told"
    with capsys.disabled():
        for window, each in judged.items():
            sys.stdout.write(
                f"\n{window}: precision {each.precision:.4f}, recall {each.recall:.4f} of "
                f"{each.hits + each.missed} looks; {each.told} of {each.incidents} incidents told"
            )
    assert all(each.hits for each in judged.values()), "there is something to tell"
