"""The composition root: builds the running program from the frozen configuration."""

import asyncio
import resource
import signal
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from healthmon.core.model import Result, Run, Service
from healthmon.engine.check import check
from healthmon.engine.contract import Check
from healthmon.engine.once import Observer, run_once
from healthmon.net.network import Network
from healthmon.probes import PROBES

if TYPE_CHECKING:
    from healthmon.engine.diagnosis import Diagnosis


_OTHER_FILES = 24


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
    interrupted = asyncio.Event()
    received: list[signal.Signals] = []

    def interrupt(number: signal.Signals) -> None:
        received.append(number)
        interrupted.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt, number)
    for scheme in {service.address.scheme for service in services}:
        PROBES[scheme].prepare()
    network = Network()
    try:
        run = await run_once(
            services,
            checker(network),
            host=host,
            concurrency=min(limits.concurrency, affordable_concurrency()),
            deadline=limits.deadline,
            interrupted=interrupted,
            observer=observer,
        )
    finally:
        network.close()
    return run, received[0] if received else None


def affordable_concurrency() -> int:
    """How many checks the limit of open files allows at a time: two files each, and some for everything else."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(1, (soft - _OTHER_FILES) // 2)


def checker(network: Network) -> Check:
    """What checks one service over this network, with the probe that its URL's scheme names."""

    async def check_one(service: Service) -> Result:
        return await check(service, probe=PROBES[service.address.scheme], network=network)

    return check_one


async def diagnose_one(service: Service, *, others: Collection[int]) -> "Diagnosis":
    """Look at a service layer by layer over the real network; `others` are ports that other services have."""
    from healthmon.engine.diagnosis import diagnose

    PROBES[service.address.scheme].prepare()
    network = Network()
    try:
        return await diagnose(service, probe=PROBES[service.address.scheme], network=network, others=others)
    finally:
        network.close()
