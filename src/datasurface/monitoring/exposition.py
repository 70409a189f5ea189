"""Samples as Prometheus reads them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from datasurface.monitoring.definitions import METRICS, Metric
from datasurface.monitoring.measure import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of what ``exposition`` returns."""


class _Measured(Collector):
    """Samples that were taken already."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._by_metric: dict[Metric, list[Sample]] = defaultdict(list)
        for sample in samples:
            self._by_metric[sample.metric].append(sample)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for metric in METRICS:
            if metric in self._by_metric:
                family = GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels)
                for sample in self._by_metric[metric]:
                    family.add_metric(sample.labels, sample.value)
                yield family


def exposition(samples: Iterable[Sample]) -> str:
    """The text that a scrape gets."""
    return generate_latest(_registry(samples)).decode()


def write_textfile(samples: Iterable[Sample], path: Path) -> None:
    """Write that text where a collector of text files looks; the file is replaced whole."""
    write_to_textfile(str(path), _registry(samples))


def _registry(samples: Iterable[Sample]) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Measured(samples))
    return registry
