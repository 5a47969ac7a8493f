"""One pass over a set of services."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from healthmon.core.dependencies import attribute
from healthmon.core.judge import not_found_out
from healthmon.core.model import Cause, Result, Service
from healthmon.core.run import Run
from healthmon.core.units import format_duration
from healthmon.engine.check import Clock
from healthmon.engine.contract import Check
from healthmon.engine.race import raced

Observer = Callable[[Result], None]


async def run_once(
    services: Sequence[Service],
    check: Check,
    *,
    host: str | None = None,
    concurrency: int = 100,
    deadline: float | None = None,
    interrupted: asyncio.Event | None = None,
    observer: Observer = lambda _: None,
    clock: Clock = Clock(),  # noqa: B008 - frozen
) -> Run:
    """Check all services at once, at most `concurrency` at a time.

    Args:
        services: What to check, in config order.
        check: Checks one service; never raises.
        host: What `{host}` stood for, for the record.
        concurrency: The most checks under way at a time.
        deadline: Seconds after which what is unfinished is given up as unknown, cause `deadline`.
        interrupted: When set, what is unfinished is given up as unknown, cause `interrupted`.
        observer: Told of each result as it comes.
        clock: Where the time comes from.

    Returns:
        A run with one result a service, in the order given, whatever ended it.
    """
    started, begun = clock.wall(), clock.monotonic()
    results: dict[str, Result] = {}

    async def work(waiting: Iterator[Service]) -> None:
        for service in waiting:
            results[service.id] = result = await check(service)
            observer(result)

    waiting = iter(services)
    workers = [asyncio.create_task(work(waiting)) for _ in range(min(concurrency, len(services)))]
    cause = await _finish(workers, deadline, interrupted)

    duration = clock.monotonic() - begun
    why = (
        f"the deadline of {format_duration(deadline)} came first"
        if deadline and cause is Cause.DEADLINE
        else "interrupted"
    )
    for service in services:
        if service.id not in results:
            results[service.id] = not_found_out(service, cause, why, started=started, duration=duration)
    ordered = [results[service.id] for service in services]
    return Run(started=started, duration=duration, host=host, results=attribute(ordered))


async def _finish(
    workers: Sequence[asyncio.Task[None]], deadline: float | None, interrupted: asyncio.Event | None
) -> Cause:
    """Wait for the workers, the deadline or the interruption; then end what is left, and say what came first."""
    try:
        async with raced(_all(workers), interrupted, deadline=deadline) as race:
            cause = Cause.INTERRUPTED if race.interrupted else Cause.DEADLINE
    finally:
        for worker in workers:
            worker.cancel()
        ends = await asyncio.gather(*workers, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
    return cause


async def _all(workers: Sequence[asyncio.Task[None]]) -> None:
    if workers:
        await asyncio.wait(workers)
