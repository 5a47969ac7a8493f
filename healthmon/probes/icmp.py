"""ICMP: whether a host answers pings, how soon, and how many of them."""

from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta

from healthmon.core.model import Cause, Service, Stage
from healthmon.core.units import PositiveDuration
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Gauge, Probe

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from healthmon.net.icmp.ping import Echoes
    from healthmon.net.lookups import AddressInfo

_SPARE = 0.05
"""The part of the timeout that is left for judging when some of the pings were answered and others were not."""

_DIGITS = 6  # microseconds


class IcmpOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a host that is pinged.

    Attributes:
        count: How many echo requests to send.
        packet_interval: The time between two of them.
    """

    count: Annotated[int, Meta(ge=1, description="a whole number, 1 or more")] = 3
    packet_interval: PositiveDuration = PositiveDuration(0.2)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.count > 2**16 - 1:
            raise ValueError("`count` is 65535 at most")


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Ping the host; of several addresses the next where there is no way to one.

    The facts are `ip`, `packets_sent`, `packets_received`, `loss`, `rtt_min`, `rtt_avg`, `rtt_max`, `jitter`,
    `hop_limit` and `clock`.
    """
    import asyncio

    until = asyncio.get_running_loop().time() + service.timeout * (1 - _SPARE)
    addresses = await network.resolve(service.address.host, 0, service.options, trace)
    for address in addresses[:-1]:
        try:
            return await _ping(address, service, until, trace)
        except ProbeFailed as failure:
            if failure.cause is not Cause.UNREACHABLE:
                raise
    return await _ping(addresses[-1], service, until, trace)


async def _ping(address: "AddressInfo", service: Service, until: float, trace: Trace) -> None:
    import time
    from contextlib import closing

    from healthmon.net.connect import explain_errors
    from healthmon.net.icmp.echo import EchoSocket
    from healthmon.net.icmp.ping import Echoes, ping
    from healthmon.net.stamps import peer_of

    trace.enter(Stage.CONNECT)
    trace.fact("ip", peer_of(address[4]).ip)
    began = time.monotonic()
    try:
        sock = EchoSocket(address)
    except OSError as error:
        raise explain_errors([error.errno or 0]) from error
    trace.spent(Stage.CONNECT, time.monotonic() - began)
    trace.enter(Stage.WAIT)
    trace.failure = ProbeFailed(Cause.NO_RESPONSE, f"no ping was answered within {service.timeout:g} s", "icmp.silent")
    echoes, options = Echoes(), service.options
    try:
        with closing(sock):
            await ping(sock, echoes, count=options.count, interval=float(options.packet_interval), until=until)
    finally:
        _record(echoes, trace)
    trace.failure = None
    if not echoes.round_trips:
        raise explain_errors(echoes.errors)


def _record(echoes: "Echoes", trace: Trace) -> None:
    """Record what came of the pings, in seconds; the loss in percent."""
    times = echoes.round_trips
    trace.fact("packets_sent", echoes.sent)
    trace.fact("packets_received", len(times))
    trace.fact("loss", round(100 * (1 - len(times) / echoes.sent), 1) if echoes.sent else None)
    if not times:
        return
    from itertools import pairwise

    average = sum(times) / len(times)
    trace.fact("rtt_min", round(min(times), _DIGITS))
    trace.fact("rtt_avg", round(average, _DIGITS))
    trace.fact("rtt_max", round(max(times), _DIGITS))
    # From one reply to the next, as RFC 3393 takes it, and the mean of that.
    steps = [abs(later - earlier) for earlier, later in pairwise(times)]
    trace.fact("jitter", round(sum(steps) / len(steps), _DIGITS) if steps else 0.0)
    trace.fact("hop_limit", echoes.hop_limit)
    trace.fact("clock", echoes.clock)
    trace.spent(Stage.WAIT, average)
    trace.seen = f"{len(times)} of {echoes.sent} answered"


def _check_url(parts: "SplitResult") -> None:
    if parts.port is not None:
        raise ValueError("icmp:// takes a host and nothing else: there are no ports")


def _by_hand(service: Service) -> str:
    options: IcmpOptions = service.options
    version = "" if options.ip == "any" else f"-{options.ip} "
    return f"ping {version}-c {options.count} -i {options.packet_interval:g} {quote(service.address.host)}"


def _asks(service: Service) -> Iterator[str]:
    count = service.options.count
    yield f"{count} echo request{'' if count == 1 else 's'} of 64 bytes"


def _prepare() -> None:
    import healthmon.net.icmp.ping  # noqa: F401


ICMP = Probe(
    name="icmp",
    default_port=0,
    options=IcmpOptions,
    expectations=frozenset({"latency", "loss", "rtt_max", "jitter"}),
    run=_run,
    prepare=_prepare,
    path=False,
    check_url=_check_url,
    transport="icmp",
    by_hand=_by_hand,
    asks=_asks,
    gauges={
        "loss": Gauge("icmp_loss_percent", "How many of the pings were not answered, of a hundred."),
        "rtt_min": Gauge("icmp_rtt_min_seconds", "How long the fastest reply to a ping took."),
        "rtt_avg": Gauge("icmp_rtt_avg_seconds", "How long a reply to a ping took, on average."),
        "rtt_max": Gauge("icmp_rtt_max_seconds", "How long the slowest reply to a ping took."),
        "jitter": Gauge("icmp_jitter_seconds", "By how much the time of a reply differed from that of the one before."),
    },
)
