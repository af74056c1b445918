"""Metrics by the rules of Prometheus: counted, and written as text."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import prometheus_client as library
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from trinax.web.metrics.catalogue import Metric

CONTENT_TYPE = library.CONTENT_TYPE_PLAIN_0_0_4
TOTAL = "_total"


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric as it is now. value: of a summary the sum. labels: in the metric's order.
    count: of a summary."""

    metric: Metric
    value: float
    labels: tuple[str, ...] = ()
    count: int = 0


class Exposition:
    """Thread-safe."""

    def __init__(
        self,
        counted: Sequence[Metric] = (),
        read: Callable[[], Iterable[Reading]] | None = None,
        process: bool = False,
    ) -> None:
        """counted: counters and histograms, by add() and observe(). read: what else there is, asked
        for each text(). process: whether this process's memory, files and time are shown too, where
        the system tells."""
        # When a series began is of no use, and one line more for each.
        library.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = library.CollectorRegistry()
        self._counters = {
            each: library.Counter(each.name, each.help, each.labels, registry=self._registry)
            for each in counted
            if each.kind == "counter"
        }
        self._histograms = {
            each: library.Histogram(
                each.name, each.help, each.labels, registry=self._registry, buckets=each.bounds
            )
            for each in counted
            if each.kind == "histogram"
        }
        if read:
            self._registry.register(_Collected(read))
        if process:
            library.ProcessCollector(registry=self._registry)

    def add(self, metric: Metric, *labels: str, amount: float = 1) -> None:
        counter = self._counters[metric]
        (counter.labels(*labels) if labels else counter).inc(amount)

    def observe(self, metric: Metric, *labels: str, seconds: float) -> None:
        histogram = self._histograms[metric]
        (histogram.labels(*labels) if labels else histogram).observe(seconds)

    def text(self) -> bytes:
        """Blocks as long as what is read."""
        return library.generate_latest(self._registry)


class _Collected(Collector):
    def __init__(self, read: Callable[[], Iterable[Reading]]) -> None:
        self._read = read

    def describe(self) -> Iterable[Family]:
        """Nothing: otherwise it would be read when it is registered."""
        return ()

    def collect(self) -> Iterator[Family]:
        families: dict[Metric, Family] = {}
        for each in self._read():
            family = families.get(each.metric)
            if family is None:
                family = families[each.metric] = _family(each.metric)
            _put(family, each)
        yield from families.values()


def _family(metric: Metric) -> Family:
    if metric.kind == "counter":
        return CounterMetricFamily(
            metric.name.removesuffix(TOTAL), metric.help, None, metric.labels
        )
    if metric.kind == "summary":
        return SummaryMetricFamily(metric.name, metric.help, labels=metric.labels)
    return GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)


def _put(family: Family, reading: Reading) -> None:
    if isinstance(family, SummaryMetricFamily):
        family.add_metric(reading.labels, reading.count, reading.value)
    elif isinstance(family, CounterMetricFamily | GaugeMetricFamily):
        family.add_metric(reading.labels, reading.value)
