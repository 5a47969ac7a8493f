"""What the daemon counts of itself."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from healthmon.metrics import families
from healthmon.metrics.collector import histogram, metric
from healthmon.metrics.families import DAEMON_FAMILIES, LAG_BOUNDS
from healthmon.metrics.series import moment, span

SKIP_REASONS = ("running", "queued", "missed")
"""Why checks are skipped. Each is exposed from the start, so that its first increase is seen."""


class OwnCollector(Collector):
    """The daemon's own counters, and their families.

    Args:
        version: healthmon's version.
        python: Python's version.

    Attributes:
        in_flight: How many checks are under way.
        groups: How many services are watched, by group.
    """

    def __init__(self, *, version: str, python: str) -> None:
        self.in_flight = 0
        self.groups: Counter[str] = Counter()
        self._build = {"version": version, "python": python}
        self._skipped = Counter(dict.fromkeys(SKIP_REASONS, 0))
        self._dropped: Counter[str] = Counter()
        self._lags = [0] * (len(LAG_BOUNDS) + 1)
        self._lag = 0.0
        self._reload_ok: bool | None = None
        self._reloaded_at: float | None = None

    def late(self, lag: float) -> None:
        """A check began so many seconds after it was due."""
        self._lag += lag
        self._lags[bisect_left(LAG_BOUNDS, lag)] += 1

    def skipped(self, reason: str, count: int) -> None:
        """So many checks did not take place."""
        self._skipped[str(reason)] += count

    def dropped(self, sink: str, count: int) -> None:
        """A consumer has lost so much more."""
        self._dropped[sink] += count

    def reloaded(self, *, ok: bool, at: float) -> None:
        """The config was read, or could not be."""
        self._reload_ok = ok
        if ok:
            self._reloaded_at = at

    def describe(self) -> Iterator[Metric]:
        """The families without samples."""
        return map(metric, DAEMON_FAMILIES)

    def collect(self) -> Iterator[Metric]:
        """All families with all samples."""
        lag = metric(families.SCHEDULER_LAG)
        histogram(families.SCHEDULER_LAG, lag, {}, self._lags, span(self._lag))
        yield lag
        for family, samples in (
            (families.CHECKS_IN_FLIGHT, [({}, self.in_flight)]),
            (families.CHECKS_SKIPPED, _labelled("reason", self._skipped)),
            (families.SINK_DROPPED, _labelled("sink", self._dropped)),
            (families.RELOAD_SUCCESSFUL, [] if self._reload_ok is None else [({}, self._reload_ok)]),
            (families.RELOAD_TIMESTAMP, [] if self._reloaded_at is None else [({}, moment(self._reloaded_at))]),
            (families.SERVICES, _labelled("group", self.groups)),
            (families.BUILD_INFO, [(self._build, 1)]),
        ):
            found = metric(family)
            for labels, value in samples:
                found.add_sample(family.name, labels, value)
            yield found


def _labelled(label: str, counts: Counter[str]) -> Iterable[tuple[dict[str, str], float]]:
    return [({label: value}, count) for value, count in counts.items()]
