"""What checks one service over a network."""

from collections.abc import Awaitable, Callable

from healthmon.core.model import Outcome, Result, Service
from healthmon.engine.check import check
from healthmon.engine.contract import Check
from healthmon.net.guard import Guard
from healthmon.net.network import Network
from healthmon.probes import PROBES


def checker(network: Network) -> Check:
    """What checks one service over this network, with the probe that its URL's scheme names."""

    async def check_one(service: Service) -> Result:
        return await check(service, probe=PROBES[service.address.scheme], network=network)

    return check_one


def target_checker(network: Network) -> Callable[[Service, Guard, Callable[[Outcome], None]], Awaitable[Result]]:
    """What checks a target that somebody asks for: over this network as far as a guard lets it, told as it goes."""

    async def check_target(service: Service, guard: Guard, observer: Callable[[Outcome], None]) -> Result:
        probe = PROBES[service.address.scheme]
        probe.prepare()
        return await check(service, probe=probe, network=network.guarded(guard), observer=observer)

    return check_target
