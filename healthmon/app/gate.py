"""Waits for services over the real network."""

import signal
from collections.abc import Sequence

from msgspec import structs

from healthmon.app.interruption import interruptible
from healthmon.app.limits import affordable_concurrency
from healthmon.app.probing import checker, prepared
from healthmon.core.model import Service
from healthmon.core.run import Ending, Run
from healthmon.core.waiting import Goal, Pace
from healthmon.engine.waiting import WaitLimits, WaitObserver, wait_for


async def wait_all(
    services: Sequence[Service],
    *,
    host: str | None,
    goal: Goal,
    pace: Pace,
    limits: WaitLimits,
    observer: WaitObserver = lambda _: None,
) -> tuple[Run, Ending, signal.Signals | None]:
    """Wait for services over the real network; SIGINT and SIGTERM end the waiting.

    Returns:
        The run with the last results, how the waiting ended, and the signal that ended it, if one did.
    """
    with interruptible() as interruption, prepared(services) as network:
        run, ending = await wait_for(
            services,
            checker(network),
            goal=goal,
            pace=pace,
            limits=structs.replace(limits, concurrency=min(limits.concurrency, affordable_concurrency())),
            host=host,
            interrupted=interruption.event,
            observer=observer,
        )
    return run, ending, interruption.received
