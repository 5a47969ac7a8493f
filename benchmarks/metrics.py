"""A scrape of many services: what it costs the event loop, beside prometheus-client's own registry.

``python -m benchmarks.metrics [SERVICES]``. prometheus-client holds the same families with the same samples in the same
process; `generate_latest` renders them in one go, as it would in a handler. What counts is the ratio within a run.
"""

import asyncio
import gc
import selectors
import statistics
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from random import Random

from msgspec import structs
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from healthmon.core.model import Address, Cause, Fact, Result, Service, Timings, Verdict
from healthmon.core.state import State, Watched
from healthmon.metrics import families
from healthmon.metrics.families import CHECK_BOUNDS, CHECK_FAMILIES, STATE_FAMILIES, Family
from healthmon.metrics.metrics import Metrics

CHECKS_EACH = 5
ROUNDS = 5
BEGAN = 1_769_860_800.0


def services(count: int) -> list[Service]:
    """Services with ids and groups as people give them."""
    return [
        Service(
            id=f"service-{number:05}",
            name=f"Service number {number}",
            url=f"http://127.0.0.1:8000/{number}",
            shown_url=f"http://127.0.0.1:8000/{number}",
            address=Address("http", "127.0.0.1", 8000, explicit=True),
            options=None,
            group=f"group-{number % 20}",
            phase=number % 4,
        )
        for number in range(count)
    ]


def results(watched: list[Service], random: Random) -> list[tuple[Result, State]]:
    """A few results of each service, a tenth of them failures, in no order; and what is believed after them."""
    told = []
    for number in range(CHECKS_EACH):
        for service in watched:
            down = random.random() < 0.1
            spent = random.lognormvariate(-3.5, 1.0)
            result = Result(
                service=service,
                verdict=Verdict.DOWN if down else Verdict.UP,
                cause=Cause.STATUS if down else None,
                message="",
                started=BEGAN + 30 * number + random.random(),
                duration=spent,
                timings=Timings(connect=spent / 10, wait=spent / 2, transfer=spent / 20),
                facts=(Fact("ip", "127.0.0.1"), Fact("status", 503 if down else 200)),
            )
            told.append((result, State(verdict=result.verdict, since=result.started, cause=result.cause)))
    random.shuffle(told)
    return told


class Peer:
    """The same families in a registry of prometheus-client."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._metrics = {family.name: self._make(family) for family in (*STATE_FAMILIES, *CHECK_FAMILIES)}

    def _make(self, family: Family) -> Gauge | Counter | Histogram:
        if family.type == "histogram":
            return Histogram(family.name, family.help, family.labels, buckets=CHECK_BOUNDS, registry=self.registry)
        kind = Counter if family.type == "counter" else Gauge
        return kind(family.name, family.help, family.labels, registry=self.registry)

    def checked(self, result: Result, state: State) -> None:
        """Set and count what `Metrics.checked` does."""
        service = result.service
        owner = (service.id, service.group)

        def put(family: Family, value: float, *more: str) -> None:
            metric = self._metrics[family.name].labels(*owner, *more)
            if isinstance(metric, Gauge):
                metric.set(value)
            elif isinstance(metric, Counter):
                metric.inc(value)
            else:
                metric.observe(value)

        put(families.SERVICE_UP, state.verdict.healthy)
        for verdict in Verdict:
            put(families.SERVICE_STATE, verdict is state.verdict, verdict)
            put(families.CHECKS, verdict is result.verdict, verdict)
        put(families.SERVICE_INFO, 1, service.name, service.shown_url, str(service.phase), service.address.scheme)
        put(families.SERVICE_INTERVAL, service.interval)
        put(families.SERVICE_IN_MAINTENANCE, 0)
        put(families.SERVICE_FLAPPING, 0)
        put(families.SERVICE_LAST_TRANSITION, state.since or 0)
        put(families.CHECK_SUCCESS, result.verdict.healthy)
        put(families.CHECK_DURATION, result.duration)
        for stage, spent in structs.asdict(result.timings).items():
            if spent is not None:
                put(families.CHECK_STAGE_DURATION, spent, stage)
        put(families.CHECK_LAST_TIMESTAMP, result.started)
        if result.cause:
            put(families.CHECK_FAILURES, 1, result.cause)
        status = result.fact("status")
        put(families.CHECK_HTTP_STATUS_CODE, status if isinstance(status, int) else 0)


class WatchedSelector(selectors.DefaultSelector):
    """A selector that notes how long it was waited in."""

    waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait, and note for how long."""
        begun = time.perf_counter()
        ready = super().select(timeout)
        self.waited += time.perf_counter() - begun
        return ready


class BusyLoop(asyncio.SelectorEventLoop):
    """An event loop that notes for how long each of its turns kept it from others."""

    def __init__(self) -> None:
        self._watched = WatchedSelector()
        super().__init__(self._watched)
        self.turns: list[float] = []

    def _run_once(self) -> None:
        begun, waited = time.perf_counter(), self._watched.waited
        super()._run_once()  # type: ignore[misc]
        self.turns.append(time.perf_counter() - begun - (self._watched.waited - waited))


async def scrape(metrics: Metrics, accept_encoding: str) -> int:
    """Render all, and return how many bytes that were."""
    rendered = await metrics.render(accept="text/plain; version=0.0.4", accept_encoding=accept_encoding)
    size = 0
    async for chunk in rendered.chunks:
        size += len(chunk)
    return size


def measured(main: Callable[[], Awaitable[int]]) -> tuple[float, float, float, int]:
    """The loop's time, its longest turn, the time until the end, each the median of some rounds; and the bytes."""
    rounds = []
    for _ in range(ROUNDS):
        loop = BusyLoop()
        begun = time.perf_counter()
        size = loop.run_until_complete(main())
        elapsed = time.perf_counter() - begun
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        rounds.append((sum(loop.turns), max(loop.turns), elapsed))
    total, longest, elapsed = (statistics.median(column) for column in zip(*rounds, strict=True))
    return total, longest, elapsed, size


def main(count: int) -> None:
    """Measure and print."""
    watched = services(count)
    told = results(watched, Random(1))
    gc.collect()
    tracemalloc.start()
    metrics = Metrics(version="0", python="3")
    metrics.watching([Watched(service=service, state=State(), result=None) for service in watched])
    for result, state in told:
        metrics.checked(result, State(), state, 1)
    gc.collect()
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"{count:,} services, {CHECKS_EACH} checks each")
    print(f"  memory                  {memory / count / 1000:8.2f} kB a service")
    begun = time.perf_counter()
    for result, state in told:
        metrics.checked(result, State(), state, 1)
    print(f"  a result                {(time.perf_counter() - begun) / len(told) * 1e6:8.1f} µs")

    peer = Peer()
    begun = time.perf_counter()
    for result, state in told:
        peer.checked(result, state)
    print(f"  a result, the peer      {(time.perf_counter() - begun) / len(told) * 1e6:8.1f} µs")
    gc.collect()
    gc.freeze()
    begun = time.perf_counter()
    size = len(generate_latest(peer.registry))
    slow = time.perf_counter() - begun
    print(f"  a scrape, the peer      {slow * 1000:8.1f} ms, {size / 1e6:.1f} MB")
    for name, accept_encoding in (("plain", ""), ("gzip", "gzip")):
        total, longest, elapsed, size = measured(lambda encoding=accept_encoding: scrape(metrics, encoding))  # type: ignore[misc]
        print(
            f"  a scrape, {name:5}         {total * 1000:8.1f} ms in the loop, {longest * 1000:.1f} ms at a time, "
            f"{elapsed * 1000:.0f} ms until its end, {size / 1e6:.1f} MB, {total / slow:.3f} of the peer's time"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
