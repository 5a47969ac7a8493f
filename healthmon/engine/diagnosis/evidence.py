"""What a diagnosis sees: one real check, and a look at each of the layers below it."""

import asyncio
import time
from collections.abc import Collection

from msgspec import Struct

from healthmon.core.model import Outcome, Result, Service, Stage
from healthmon.engine.check import check
from healthmon.net.listeners import Listener, Process, find_processes, read_listeners
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.routes import Way, find_way, is_own
from healthmon.net.stamps import peer_of
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Probe


class Place(Struct, frozen=True):
    """Where the connection goes: the service's host and port, or those of the proxy in front of it.

    Attributes:
        host: A name or an address.
        port: The port.
        reach: Which addresses are used.
        proxy: Whether it is a proxy.
    """

    host: str
    port: int
    reach: ReachOptions
    proxy: bool = False


class Attempt(Struct, frozen=True):
    """What became of one address.

    Attributes:
        ip: The address.
        way: Which way it is reached.
        seconds: How long connecting took; None if it did not end.
        problem: Why there was no connection; None if there was one.
    """

    ip: str
    way: Way
    seconds: float | None = None
    problem: str | None = None

    @property
    def connected(self) -> bool:
        """Whether there was a connection."""
        return self.problem is None


class Local(Struct, frozen=True):
    """Who listens on this machine.

    Attributes:
        listeners: The sockets.
        processes: Their processes by inode, as far as they may be seen.
        others: Ports that other services of the config have.
    """

    listeners: tuple[Listener, ...]
    processes: dict[int, Process]
    others: frozenset[int] = frozenset()


class Evidence(Struct, frozen=True):
    """All that was seen.

    Attributes:
        probe: What spoke the service's protocol.
        result: The judged check.
        outcome: What the check's last attempt saw.
        place: Where the connection goes.
        resolved: How long resolving took in seconds; None if the host is an address, or if it failed.
        attempts: The addresses of the place, in the order in which they are tried. Empty if it could not be resolved,
            or if the service is not reached over the network.
        local: Who listens here; None if the place is not on this machine, or if the system does not tell.
    """

    probe: Probe
    result: Result
    outcome: Outcome
    place: Place
    resolved: float | None
    attempts: tuple[Attempt, ...]
    local: Local | None


async def gather(service: Service, *, probe: Probe, network: Network, others: Collection[int]) -> Evidence:
    """Check a service, and look at what lies below.

    The check is the one that `healthmon check` makes, so that the verdict is the same. What it has seen is not tried
    again: a second look is taken only where a name has several addresses, or where redirects led elsewhere.
    """
    outcomes: list[Outcome] = []
    result = await check(service, probe=probe, network=network, observer=outcomes.append)
    outcome = outcomes[-1]
    place = find_place(service)
    if probe.transport is None:
        return Evidence(probe, result, outcome, place, resolved=None, attempts=(), local=None)
    seconds, found = await _resolve(service, place, outcome, network)
    alone = (len(found) == 1 and not outcome.fact("redirects")) or probe.transport != "tcp"
    attempts = await asyncio.gather(
        *(_seen(ip, outcome) if alone else _connect(ip, place, service.timeout, network) for ip in found)
    )
    own = probe.transport == "tcp" and any(is_own(attempt.ip, attempt.way) for attempt in attempts)
    return Evidence(
        probe=probe,
        result=result,
        outcome=outcome,
        place=place,
        resolved=seconds,
        attempts=tuple(attempts),
        local=_look_around(place.port, frozenset(others)) if own else None,
    )


def find_place(service: Service) -> Place:
    """Where the connection goes."""
    options = service.options
    proxy = getattr(options, "proxy", None)
    if proxy:
        from urllib.parse import urlsplit

        url = urlsplit(proxy)
        port = url.port or (443 if url.scheme == "https" else 80)
        return Place(url.hostname or "", port, ReachOptions(ip=options.ip), proxy=True)
    reach = options if isinstance(options, ReachOptions) else ReachOptions()
    return Place(service.address.host, service.address.port, reach)


async def _resolve(
    service: Service, place: Place, outcome: Outcome, network: Network
) -> tuple[float | None, tuple[str, ...]]:
    if outcome.failure and outcome.failure.stage is Stage.RESOLVE and not outcome.fact("redirects"):
        return None, ()
    trace = Trace()
    try:
        async with asyncio.timeout(service.timeout):
            addresses = await network.resolve(place.host, place.port, place.reach, trace)
    except (ProbeFailed, TimeoutError):
        # A moment ago it was there; the check's own address is what remains to be told.
        ip = outcome.fact("ip")
        return None, (str(ip),) if ip else ()
    found = dict.fromkeys(peer_of(address[4]).ip for address in addresses)
    return trace.outcome().timings.resolve, tuple(found)


async def _seen(ip: str, outcome: Outcome) -> Attempt:
    """What the check itself saw of its only address."""
    failure, seconds = outcome.failure, outcome.timings.connect
    if failure and failure.stage is Stage.CONNECT:
        return Attempt(ip, find_way(ip), seconds, failure.message)
    return Attempt(ip, find_way(ip), seconds or 0.0)


async def _connect(ip: str, place: Place, timeout: float, network: Network) -> Attempt:
    trace = Trace()
    began = time.monotonic()
    problem = None
    try:
        async with asyncio.timeout(timeout):
            (await network.connect(ip, place.port, ReachOptions(), trace)).close()
    except ProbeFailed as failure:
        problem = failure.message
    except TimeoutError:
        problem = f"no connection within {timeout:g} s"
    seconds = trace.outcome().timings.connect
    return Attempt(ip, find_way(ip), time.monotonic() - began if seconds is None else seconds, problem)


def _look_around(port: int, others: frozenset[int]) -> Local | None:
    listeners = read_listeners()
    if listeners is None:
        return None
    wanted = [listener for listener in listeners if listener.port == port or listener.port not in others]
    return Local(tuple(wanted), find_processes({listener.inode for listener in wanted}), others)
