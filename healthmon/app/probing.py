"""What checks one service over a network."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from healthmon.core.model import Outcome, Result, Service
from healthmon.engine.check import check
from healthmon.engine.contract import Check
from healthmon.net.guard import Guard
from healthmon.net.network import Network
from healthmon.probes import PROBES


def prepare(schemes: Iterable[str]) -> None:
    """Import what the probes of these schemes need before the first check, so that none is charged for it.

    What cannot be imported is a matter of the services that need it: their checks meet it again, and tell it.
    """
    for scheme in set(schemes):
        with suppress(Exception):
            PROBES[scheme].prepare()


def checker(network: Network) -> Check:
    """What checks one service over this network, with the probe that its URL's scheme names."""

    async def check_one(service: Service) -> Result:
        return await check(service, probe=PROBES[service.address.scheme], network=network)

    return check_one


@contextmanager
def prepared(services: Iterable[Service]) -> Iterator[Network]:
    """A network for the checks of these services, and what their probes need; it is closed afterwards."""
    prepare(service.address.scheme for service in services)
    network = Network()
    try:
        yield network
    finally:
        network.close()


def target_checker(network: Network) -> Callable[[Service, Guard, Callable[[Outcome], None]], Awaitable[Result]]:
    """What checks a target that somebody asks for: over this network as far as a guard lets it, told as it goes."""

    async def check_target(service: Service, guard: Guard, observer: Callable[[Outcome], None]) -> Result:
        scheme = service.address.scheme
        prepare([scheme])
        return await check(service, probe=PROBES[scheme], network=network.guarded(guard), observer=observer)

    return check_target
