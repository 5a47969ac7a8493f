"""Checks and looks at services once, over the real network."""

import signal
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from healthmon.app.interruption import interruptible
from healthmon.app.limits import affordable_concurrency
from healthmon.app.probing import checker, prepared
from healthmon.core.model import Service
from healthmon.core.run import Run
from healthmon.engine.once import Observer, run_once
from healthmon.probes import PROBES

if TYPE_CHECKING:
    from healthmon.engine.diagnosis import Diagnosis


class RunLimits(Struct, frozen=True):
    """The bounds of one pass.

    Attributes:
        concurrency: The most checks under way at a time.
        deadline: Seconds for the whole pass, or None.
    """

    concurrency: int = 100
    deadline: float | None = None


async def check_all(
    services: Sequence[Service],
    *,
    host: str | None,
    limits: RunLimits,
    observer: Observer = lambda _: None,
) -> tuple[Run, signal.Signals | None]:
    """Check services once over the real network; SIGINT and SIGTERM end the pass early.

    Returns:
        The run, and the signal that ended it early, if one did.
    """
    with interruptible() as interruption, prepared(services) as network:
        run = await run_once(
            services,
            checker(network),
            host=host,
            concurrency=min(limits.concurrency, affordable_concurrency()),
            deadline=limits.deadline,
            interrupted=interruption.event,
            observer=observer,
        )
    return run, interruption.received


async def diagnose_one(service: Service, *, others: Collection[int]) -> "Diagnosis":
    """Look at a service layer by layer over the real network; `others` are ports that other services have."""
    from healthmon.engine.diagnosis import diagnose

    with prepared([service]) as network:
        return await diagnose(service, probe=PROBES[service.address.scheme], network=network, others=others)
