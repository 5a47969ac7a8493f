"""Checks services round after round over the real network, for one who watches."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from healthmon.app.interruption import Interruption
from healthmon.app.limits import affordable_concurrency
from healthmon.app.once import RunLimits
from healthmon.app.probing import checker, prepared
from healthmon.core.model import Result, Service
from healthmon.core.run import Run
from healthmon.engine.once import run_once


class Watcher(Protocol):
    """Is told what comes to pass. Its methods are called in the event loop, and return at once."""

    def began(self) -> None:
        """A round begins."""

    def checked(self, result: Result) -> None:
        """A check has ended."""

    def ended(self, run: Run, pause: float) -> None:
        """A round has ended; the next begins in so many seconds."""


async def watch_all(
    services: Sequence[Service],
    watcher: Watcher,
    *,
    host: str | None,
    limits: RunLimits,
    interval: float,
    interruption: Interruption,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Check services over the real network, a round each interval, until an interruption.

    A round that takes longer than the interval is followed by the next at once: no two are under way at a time.

    Args:
        services: What to check, in config order.
        watcher: Who is told.
        host: What `{host}` stood for, for the record.
        limits: The bounds of one round.
        interval: Seconds from the beginning of a round to that of the next.
        interruption: Its event ends the watching. A round that it cuts short is not told.
        clock: Where the time comes from.
    """
    with prepared(services) as network:
        while not interruption.event.is_set():
            begun = clock()
            watcher.began()
            run = await run_once(
                services,
                checker(network),
                host=host,
                concurrency=min(limits.concurrency, affordable_concurrency()),
                deadline=limits.deadline,
                interrupted=interruption.event,
                observer=watcher.checked,
            )
            if interruption.event.is_set():
                return
            pause = max(0.0, begun + interval - clock())
            watcher.ended(run, pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(interruption.event.wait(), pause)
