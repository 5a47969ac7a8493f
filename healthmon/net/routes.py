"""Which way packets to an address would take, as the kernel decides it. Nothing is sent."""

import ipaddress
import os
import socket

from msgspec import Struct


class Way(Struct, frozen=True):
    """The way to an address.

    Attributes:
        source: The address of this machine from which packets would leave; None without a way.
        problem: Why there is none; None with one.
    """

    source: str | None = None
    problem: str | None = None


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
        return Way(problem=os.strerror(error.errno).lower() if error.errno else str(error))


def is_own(address: str, way: Way) -> bool:
    """Whether the address is one of this machine's own: to itself a machine speaks from that same address."""
    bare = address.partition("%")[0]
    return ipaddress.ip_address(bare).is_loopback or bare == (way.source or "").partition("%")[0]
