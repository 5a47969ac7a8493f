"""Which way packets to an address would take, as the kernel decides it. Nothing is sent."""

import errno
import ipaddress
import os
import socket

from msgspec import Struct


class Way(Struct, frozen=True):
    """The way to an address.

    Attributes:
        source: The address of this machine from which packets would leave; None without a way.
        problem: Why there is none; None with one.
        number: The same as an error number (errno(3)); None with a way, or without a number.
    """

    source: str | None = None
    problem: str | None = None
    number: int | None = None


def find_way(address: str) -> Way:
    """Ask the kernel for the way to an IPv4 or IPv6 address, an IPv6 zone included.

    Connecting a UDP socket chooses a route and a source address, and sends nothing (udp(7)).
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # The port plays no part; 9 is that of discard.
            probe.connect((address, 9))
            return Way(source=str(probe.getsockname()[0]))
    except OSError as error:
        return Way(problem=os.strerror(error.errno).lower() if error.errno else str(error), number=error.errno)


def is_own(address: str, way: Way) -> bool:
    """Whether the address is one of this machine's own: to itself a machine speaks from that same address."""
    bare = address.partition("%")[0]
    return ipaddress.ip_address(bare).is_loopback or bare == (way.source or "").partition("%")[0]


# Addresses for documentation (RFC 5737, RFC 3849): they stand for all that lies outside. Nothing is sent to them.
_OUTSIDE = ("192.0.2.1", "2001:db8::1")
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


def has_way(address: str | None) -> bool:
    """Whether this machine has a way to an address; without one, to anything outside.

    What cannot be found out, for lack of files or memory, counts as a way: nothing is then said of the network.
    """
    return any(_leads_to(one) for one in ((address,) if address else _OUTSIDE))


def _leads_to(address: str) -> bool:
    way = find_way(address)
    return way.source is not None or way.number not in _NO_WAY
