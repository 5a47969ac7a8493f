"""The daemon's metrics: a sink of what it tells, and what `/metrics` answers."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client import generate_latest as generate_text
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from healthmon.core.identity import checks_alike
from healthmon.core.model import Result, Service
from healthmon.core.notices import Notice
from healthmon.core.state import State, Transition, Watched
from healthmon.metrics.collector import ServicesCollector
from healthmon.metrics.families import CHECK_FAMILIES, STATE_FAMILIES
from healthmon.metrics.fragments import Fragments, of_checks, of_state
from healthmon.metrics.negotiation import allows_gzip, choose_format
from healthmon.metrics.own import OwnCollector
from healthmon.metrics.rendering import Rendered, gzipped, pieces, plain
from healthmon.metrics.series import Series

_FAMILIES = (*STATE_FAMILIES, *CHECK_FAMILIES)
_EOF = b"# EOF\n"


class Metrics:
    """Counts what the daemon tells, and renders it for Prometheus. All its methods belong in the event loop.

    Args:
        version: healthmon's version.
        python: Python's version.

    Attributes:
        registry: The same metrics for prometheus-client, all of them. With thousands of services, `render` is many
            times faster.
    """

    def __init__(self, *, version: str, python: str) -> None:
        self._series: dict[str, Series] = {}
        self._fragments: dict[str, Fragments] = {}
        self._own = OwnCollector(version=version, python=python)
        # Without the services: few samples, whatever is watched.
        self._own_registry = _registry(self._own)
        self.registry = _registry(ServicesCollector(self._all), self._own)

    def watching(self, services: Sequence[Watched]) -> None:
        """These services are watched from now on, and no others: the series of all others are gone."""
        kept = self._series, self._fragments
        self._series, self._fragments = {}, {}
        for watched in services:
            id_ = watched.service.id
            series, fragments = kept[0].get(id_), kept[1].get(id_)
            if series is None or not _continues(series.service, watched.service):
                series, fragments = Series(watched.service, watched.state), None
            elif (series.service, series.state) != (watched.service, watched.state):
                series.service, series.state, fragments = watched.service, watched.state, None
            self._series[id_] = series
            self._fragments[id_] = fragments or of_state(series) + of_checks(series)
        self._own.groups = Counter(watched.service.group or "" for watched in services)

    def started(self, service: Service, lag: float, in_flight: int) -> None:
        """A check begins, so many seconds after it was due."""
        del service
        self._own.in_flight = in_flight
        self._own.late(lag)

    def skipped(self, service: Service, reason: str, count: int) -> None:
        """So many checks of a service that were due did not take place."""
        del service
        self._own.skipped(reason, count)

    def checked(self, result: Result, before: State, after: State, in_flight: int) -> None:
        """A check is done and judged. Of a service that is not watched nothing is kept."""
        del before
        self._own.in_flight = in_flight
        id_ = result.service.id
        series = self._series.get(id_)
        if series is None:
            return
        if series.state == after:
            states = self._fragments[id_][: len(STATE_FAMILIES)]
            series.take(result, after)
        else:
            series.take(result, after)
            states = of_state(series)
        self._fragments[id_] = states + of_checks(series)

    def marked(self, service: Service, before: State, after: State) -> None:
        """What is believed of a service is marked otherwise."""
        del before
        series = self._series.get(service.id)
        if series is not None:
            series.state = after
            self._fragments[service.id] = of_state(series) + self._fragments[service.id][len(STATE_FAMILIES) :]

    def changed(self, transition: Transition) -> None:
        """Nothing more: `checked` has told it."""

    def noticed(self, notice: Notice) -> None:
        """Nothing: what the daemon says of itself in words is for the log."""

    def reloaded(self, ok: bool, at: float) -> None:  # noqa: FBT001 - an event, told like the others
        """The config was read at this moment (wall), or could not be. The first time is the start."""
        self._own.reloaded(ok=ok, at=at)

    def dropped(self, sink: str, count: int) -> None:
        """A consumer has lost so much more than was told before. Told of 0 at the start, its first loss is seen."""
        self._own.dropped(sink, count)

    async def render(self, *, accept: str, accept_encoding: str) -> Rendered:
        """The metrics as they are now.

        Args:
            accept: The request's header ``Accept``; empty if it has none.
            accept_encoding: The request's header ``Accept-Encoding``; empty if it has none.
        """
        chosen = choose_format(accept)
        compress = allows_gzip(accept_encoding)
        # Fragments never change, so this list shows one moment.
        batches = self._batches(list(self._fragments.values()), openmetrics=chosen.openmetrics)
        return Rendered(
            content_type=chosen.content_type,
            content_encoding="gzip" if compress else None,
            chunks=gzipped(batches) if compress else plain(batches),
        )

    def _batches(self, snapshot: Sequence[Fragments], *, openmetrics: bool) -> Iterator[list[bytes]]:
        if openmetrics:
            document: bytes = generate_openmetrics(self._own_registry)  # type: ignore[no-untyped-call]
            own, end = [document.removesuffix(_EOF)], [[_EOF]]
        else:
            own, end = [generate_text(self._own_registry)], []
        return chain([own], pieces(_FAMILIES, snapshot, openmetrics=openmetrics), end)

    def _all(self) -> Iterable[Series]:
        return self._series.values()


def _continues(old: Service, new: Service) -> bool:
    """Whether a service keeps its counters: it is checked as before, and its series have the labels that they had."""
    return old.group == new.group and checks_alike(old, new)


def _registry(*collectors: ServicesCollector | OwnCollector) -> CollectorRegistry:
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry
