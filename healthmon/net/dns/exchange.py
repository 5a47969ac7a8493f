"""Asks a DNS server by UDP and, where the answer does not fit, by TCP (RFC 1035, 4.2; RFC 7766)."""

import asyncio
import socket

from dns.message import Message

from healthmon.core.model import Cause, Stage
from healthmon.net.aside import aside
from healthmon.net.connect import explain_errors
from healthmon.net.dns.query import Query, Strange
from healthmon.net.lookups import AddressInfo
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.stamps import LatestRead, Peer, StampedSocket, peer_of
from healthmon.net.trace import ProbeFailed, Trace

_MOST = 65535  # bytes of a message
_LARGE = 4096  # bytes that are read in no time worth a thread


async def ask_by_udp(
    network: Network, host: str, port: int, reach: ReachOptions, query: Query, trace: Trace
) -> Message:
    """Ask by UDP, and once more by TCP if the answer does not fit.

    Records the stages `resolve` and `wait`, and the facts `ip`, `clock`, `transport` and `truncated`. Of several
    addresses that cannot be sent to, the next one is asked; one that stays silent ends the asking.

    Raises:
        ProbeFailed: There is no answer, or none that can be read.
    """
    errors: list[int] = []
    for address in await network.resolve(host, port, reach, trace):
        peer = peer_of(address[4])
        trace.fact("ip", peer.ip)
        try:
            answer = await _ask_one(address, query, trace)
        except OSError as error:
            trace.failure = None
            errors.append(error.errno or 0)
            continue
        trace.fact("transport", "udp")
        trace.fact("truncated", answer is None)
        return await _ask_again(network, peer, query, trace) if answer is None else answer
    failure = explain_errors(errors)
    if failure.cause is Cause.REFUSED:
        raise ProbeFailed(failure.cause, failure.message, "dns.refused_port")
    raise failure


async def ask_by_tcp(
    network: Network, host: str, port: int, reach: ReachOptions, query: Query, trace: Trace
) -> Message:
    """Ask by TCP.

    Records the stages but `tls`, and the facts of `Network.connect`, `clock` and `transport`.

    Raises:
        ProbeFailed: There is no answer, or none that can be read.
    """
    sock = await network.connect(host, port, reach, trace)
    trace.fact("transport", "tcp")
    try:
        return await _exchange(sock, query, trace)
    except OSError as error:
        raise ProbeFailed(Cause.RESET, "connection reset without an answer") from error
    finally:
        _record(sock, trace)
        sock.close()


async def _ask_again(network: Network, peer: Peer, query: Query, trace: Trace) -> Message:
    try:
        return await ask_by_tcp(network, peer.ip, peer.port, ReachOptions(), query, trace)
    except ProbeFailed as failure:
        message = f"the answer does not fit into UDP, and by TCP: {failure.message}"
        raise ProbeFailed(failure.cause, message, "dns.no_tcp") from failure


async def _ask_one(address: AddressInfo, query: Query, trace: Trace) -> Message | None:
    """The answer of one address; None if it did not fit."""
    loop = asyncio.get_running_loop()
    trace.enter(Stage.WAIT)
    trace.failure = ProbeFailed(Cause.NO_RESPONSE, "no answer by UDP", "dns.silent")
    with StampedSocket(address[0], socket.SOCK_DGRAM, 0, LatestRead()) as sock:
        sock.setblocking(False)
        # Connected, so that the kernel takes answers from nobody else, and tells of a port that nobody listens on.
        sock.connect(address[4])
        try:
            await loop.sock_sendall(sock, query.wire)
            while True:
                datagram = await loop.sock_recv(sock, _MOST)
                try:
                    answer = await _parse(query, datagram)
                except Strange:
                    # Forged, or late: it must not end the wait. If nothing better comes, it is what there is to tell.
                    trace.failure = ProbeFailed(Cause.PROTOCOL, "what came back answers another query, or none")
                    sock.forget_answer()
                    continue
                trace.failure = None
                return answer
        finally:
            _record(sock, trace)


async def _exchange(sock: StampedSocket, query: Query, trace: Trace) -> Message:
    trace.enter(Stage.WAIT)
    await asyncio.get_running_loop().sock_sendall(sock, len(query.wire).to_bytes(2) + query.wire)
    size = int.from_bytes(await _read(sock, 2, trace))
    try:
        answer = await _parse(query, await _read(sock, size, trace))
    except Strange:
        raise ProbeFailed(Cause.PROTOCOL, "what came back answers another query, or none") from None
    if answer is None:
        raise ProbeFailed(Cause.PROTOCOL, "the answer is truncated, and came by TCP")
    return answer


async def _parse(query: Query, wire: bytes) -> Message | None:
    """As `Query.read`. The largest message takes half a second, in which other checks go on."""
    return query.read(wire) if len(wire) <= _LARGE else await aside(lambda: query.read(wire))


async def _read(sock: StampedSocket, size: int, trace: Trace) -> bytes:
    data = b""
    while len(data) < size:
        more = await asyncio.get_running_loop().sock_recv(sock, size - len(data))
        if not more:
            begun = "in the middle of the answer" if trace.stage is Stage.TRANSFER else "without an answer"
            raise ProbeFailed(Cause.RESET, f"connection closed {begun}")
        trace.enter(Stage.TRANSFER)
        data += more
    return data


def _record(sock: StampedSocket, trace: Trace) -> None:
    times = sock.exchange()
    if times.wait is not None:
        trace.spent(Stage.WAIT, times.wait)
    if times.transfer:
        trace.spent(Stage.TRANSFER, times.transfer)
    trace.fact("clock", times.clock)
