"""From addresses to one connection: happy eyeballs (RFC 8305), and why none of them answered."""

import errno
import os
import socket
import time
from collections.abc import Collection
from math import inf

import aiohappyeyeballs

from healthmon.core.model import Cause, Stage
from healthmon.net.lookups import AddressInfo
from healthmon.net.stamps import LatestRead, StampedSocket, peer_of
from healthmon.net.trace import ProbeFailed, Trace

_DELAY = 0.25  # seconds before the next address is tried while one has not answered (RFC 8305, section 5)

# The most telling error first: it is the one that names the cause when addresses fail differently. Without a file or
# memory nothing is known; a silent address may be the one that lives; a refusal comes from the host itself; a machine
# without IPv6 says "unreachable" or "not available" of every such address.
_ERRORS: dict[int, tuple[Cause, str]] = {
    errno.EMFILE: (Cause.LOCAL, "this program has too many files open"),
    errno.ENFILE: (Cause.LOCAL, "this machine has too many files open"),
    errno.ENOBUFS: (Cause.LOCAL, "this machine has no buffer space left"),
    errno.ENOMEM: (Cause.LOCAL, "this machine is out of memory"),
    errno.ETIMEDOUT: (Cause.CONNECT_TIMEOUT, "connection timed out"),
    errno.ECONNREFUSED: (Cause.REFUSED, "connection refused"),
    errno.ECONNRESET: (Cause.REFUSED, "connection reset while connecting"),
    errno.EACCES: (Cause.LOCAL, "this machine forbids the connection"),
    errno.EPERM: (Cause.LOCAL, "this machine forbids the connection"),
    errno.EADDRNOTAVAIL: (Cause.LOCAL, "this machine has no free port or no such address to connect from"),
    errno.EHOSTUNREACH: (Cause.UNREACHABLE, "no route to host"),
    errno.EHOSTDOWN: (Cause.UNREACHABLE, "host is down"),
    errno.ENETUNREACH: (Cause.UNREACHABLE, "network unreachable"),
    errno.ENETDOWN: (Cause.UNREACHABLE, "network is down"),
    errno.EAFNOSUPPORT: (Cause.UNREACHABLE, "address family not supported by this machine"),
}
_NO_WAY = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EAFNOSUPPORT})
"""Those that tell of this machine's own network, or of a router's, and nothing of the host."""
_RANKS = {number: rank for rank, number in enumerate(_ERRORS)}


async def connect(addresses: list[AddressInfo], latest: LatestRead, trace: Trace) -> StampedSocket:
    """Connect to the first address that answers, trying them all, the families in turn.

    The time recorded is the round trip that the kernel measured for the winner, and what was lost on the addresses
    tried before it.

    Raises:
        ProbeFailed: None of them could be connected to.
    """
    race = _Race(latest, trace)
    began = time.monotonic()
    try:
        winner = await race.run(addresses)
    except (OSError, RuntimeError) as error:
        trace.spent(Stage.CONNECT, time.monotonic() - began)
        raise race.failure(error) from error
    return race.won(winner)


class _Race:
    """The sockets of one attempt to connect, and what became of each."""

    def __init__(self, latest: LatestRead, trace: Trace) -> None:
        self._latest = latest
        self._trace = trace
        self._tried = 0
        self._sockets: list[tuple[str, StampedSocket]] = []
        self._errors: dict[str, int] = {}

    async def run(self, addresses: list[AddressInfo]) -> socket.socket:
        """Try the addresses until one answers. However it ends, only the winner stays open."""
        winner = None
        try:
            winner = await aiohappyeyeballs.start_connection(
                addresses, happy_eyeballs_delay=_DELAY, interleave=1, socket_factory=self._make
            )
        finally:
            self._end(winner)
        return winner

    def _make(self, address: AddressInfo) -> StampedSocket:
        family, type_, proto, _, where = address
        ip = peer_of(where).ip
        self._tried += 1
        self._trace.fact("ip", ip)
        try:
            made = StampedSocket(family, type_, proto, self._latest)
        except OSError as error:
            self._errors[ip] = error.errno or 0
            raise
        self._sockets.append((ip, made))
        return made

    def _end(self, winner: socket.socket | None) -> None:
        for ip, made in self._sockets:
            if made.connect_error is not None:
                self._errors[ip] = made.connect_error
            if made is not winner:
                made.close()
        if self._errors and self._tried > 1:
            self._trace.fact("connect_errors", self._texts())

    def won(self, winner: socket.socket) -> StampedSocket:
        """Record which address was used and how long it took."""
        ip, made = next((ip, made) for ip, made in self._sockets if made is winner)
        first = min(other.connect_began or inf for _, other in self._sockets)
        lost = (made.connect_began or first) - first
        self._trace.fact("ip", ip)
        self._trace.spent(Stage.CONNECT, lost + (made.connect_time or 0.0))
        return made

    def failure(self, error: OSError | RuntimeError) -> ProbeFailed:
        """What the sockets' own errors come to."""
        if not self._errors:
            return ProbeFailed(Cause.LOCAL, f"no connection can be made: {error}")
        found = explain_errors(self._errors.values())
        alike = len(set(self._errors.values())) == 1
        return ProbeFailed(found.cause, found.message if alike else self._texts(), found.symptom)

    def _texts(self) -> str:
        return "; ".join(f"{ip}: {_explain(number).message}" for ip, number in self._errors.items())


def explain_errors(numbers: Collection[int]) -> ProbeFailed:
    """What the error numbers of several addresses, at least one, come to: the most telling of them."""
    return _explain(min(numbers, key=lambda number: _RANKS.get(number, len(_RANKS))))


def _explain(number: int) -> ProbeFailed:
    cause, message = _ERRORS.get(number) or (Cause.UNREACHABLE, os.strerror(number).lower())
    return ProbeFailed(cause, message, "network.no_route" if number in _NO_WAY else None)
