"""UDP: one datagram sent, and the first that comes back."""

import errno
from collections.abc import Iterator
from typing import TYPE_CHECKING

from healthmon.core.model import Body, Cause, Service, Stage
from healthmon.net.network import Network
from healthmon.net.raw import as_text, to_send
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Probe

if TYPE_CHECKING:
    from healthmon.net.lookups import AddressInfo

_LONGEST = 65507  # bytes that a datagram over IPv4 holds beside its headers (RFC 768, RFC 791)


class UdpOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a UDP service. One of `send` and `send_hex` must be there.

    Attributes:
        send: What to send, as text.
        send_hex: The same, as bytes in hexadecimal.
    """

    send: str | None = None
    send_hex: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        sent = to_send(self.send, self.send_hex)
        if not sent:
            raise ValueError("udp:// needs `send` or `send_hex`: no server answers what is not asked")
        if len(sent) > _LONGEST:
            raise ValueError(f"a datagram holds {_LONGEST} bytes at most")


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Send the datagram and wait for the first that comes from where it went.

    Of several addresses the next is tried where one refuses. The facts: `ip`, `connect_errors`, `clock`, `body_bytes`.
    """
    address, options = service.address, service.options
    addresses = await network.resolve(address.host, address.port, options, trace)
    trace.enter(Stage.WAIT)
    trace.failure = ProbeFailed(Cause.NO_RESPONSE, f"no answer within {service.timeout:g} s", "udp.silent")
    answer = await _first(addresses, to_send(options.send, options.send_hex), trace)
    trace.failure = None
    trace.body = Body(answer)
    trace.fact("body_bytes", len(answer))
    trace.seen = "answered"


async def _first(addresses: "list[AddressInfo]", sent: bytes, trace: Trace) -> bytes:
    from healthmon.net.connect import explain_errors
    from healthmon.net.stamps import peer_of

    errors: dict[str, int] = {}
    try:
        for address in addresses:
            ip = peer_of(address[4]).ip
            trace.fact("ip", ip)
            try:
                return await _ask(address, sent, trace)
            except OSError as error:
                errors[ip] = error.errno or 0
    finally:
        if errors and len(addresses) > 1:
            trace.fact("connect_errors", "; ".join(f"{ip}: {_explain(number)}" for ip, number in errors.items()))
    if errno.ECONNREFUSED in errors.values():
        raise ProbeFailed(Cause.REFUSED, _explain(errno.ECONNREFUSED), "udp.refused")
    raise explain_errors(errors.values())


def _explain(number: int) -> str:
    from healthmon.net.connect import explain_errors

    return "port unreachable" if number == errno.ECONNREFUSED else explain_errors([number]).message


async def _ask(address: "AddressInfo", sent: bytes, trace: Trace) -> bytes:
    import asyncio
    import socket

    from healthmon.net.stamps import LatestRead, StampedSocket

    loop = asyncio.get_running_loop()
    with StampedSocket(address[0], socket.SOCK_DGRAM, socket.IPPROTO_UDP, LatestRead()) as sock:
        sock.setblocking(False)
        # A connected socket hears that address alone, and of its refusal (udp(7)).
        sock.connect(address[4])
        await loop.sock_sendall(sock, sent)
        answer = await loop.sock_recv(sock, _LONGEST)
        times = sock.exchange()
        trace.spent(Stage.WAIT, times.wait or 0.0)
        trace.fact("clock", times.clock)
        return answer


def _by_hand(service: Service) -> str:
    return f"nc -u -w {max(1, round(service.timeout))} {service.address.host} {service.address.port}"


def _asks(service: Service) -> Iterator[str]:
    yield as_text(to_send(service.options.send, service.options.send_hex))


UDP = Probe(
    name="udp",
    default_port=None,
    options=UdpOptions,
    expectations=frozenset({"latency", "body", "json"}),
    run=_run,
    path=False,
    transport="udp",
    by_hand=_by_hand,
    asks=_asks,
)
