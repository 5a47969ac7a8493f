"""Pings in a network namespace of its own, where echo requests can be lost and refused to order.

Run as ``unshare --net python -m tests.programs.pinging WAY KEYS``; writes what was seen as JSON. The namespace has a
loopback interface and nothing else.
"""

import asyncio
import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

from healthmon.config.load import parse
from healthmon.engine.check import check
from healthmon.net.clocks import Moment
from healthmon.net.icmp import echo
from healthmon.net.network import Network
from healthmon.probes.icmp import ICMP
from tests.campaign.places import resolving
from tests.net.descriptors import leaving_no_socket

_IGNORE = Path("/proc/sys/net/ipv4/icmp_echo_ignore_all")
_ALLOWED = Path("/proc/sys/net/ipv4/ping_group_range")


class _Lossy(echo.EchoSocket):
    """Every second request is lost, from the first on."""

    def send(self, number: int) -> Moment:
        _IGNORE.write_text(str(number % 2))
        return super().send(number)


class _Refused(echo.EchoSocket):
    """A router says of each request that its host cannot be reached (RFC 792, type 3, code 1)."""

    def send(self, number: int) -> Moment:
        moment = super().send(number)
        identifier = self._identifier if self._raw else self._socket.getsockname()[1]
        request = struct.pack("!BBHHH", 8, 0, 0, identifier, number)
        here = socket.inet_aton("127.0.0.1")
        packet = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 1, 0, here, here) + request
        message = struct.pack("!BBHI", 3, 1, 0, 0) + packet
        message = message[:2] + struct.pack("!H", echo._checksum(message)) + message[4:]
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as router:
            router.sendto(message, ("127.0.0.1", 0))
        return moment


def _prepare(way: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "route", "add", "unreachable", "127.0.0.9/32", "table", "local"], check=True)
    _ALLOWED.write_text("1 0" if "raw" in way or "forbidden" in way else "0 2147483647")
    if "silent" in way or "refused" in way:
        _IGNORE.write_text("1")
    if "lossy" in way:
        echo.EchoSocket = _Lossy  # type: ignore[misc]
    if "refused" in way:
        echo.EchoSocket = _Refused  # type: ignore[misc]
    if "forbidden" in way:
        os.setuid(65534)


async def _ping(keys: str) -> Any:
    host = match[1] if (match := re.search(r"^# (.*)$", keys, re.MULTILINE)) else "127.0.0.1"
    (one,) = parse(f'[[services]]\nname = "A"\nurl = "icmp://{host}"\n{keys}\n').services
    network = Network(lookup=resolving("127.0.0.9", "127.0.0.1"))
    try:
        async with leaving_no_socket():
            result = await check(one, probe=ICMP, network=network)
    finally:
        network.close()
    return {
        "verdict": result.verdict,
        "cause": result.cause,
        "message": result.message,
        "symptom": result.symptom,
        "duration": result.duration,
        **{fact.name: fact.value for fact in result.facts},
    }


if __name__ == "__main__":
    _prepare(sys.argv[1])
    sys.stdout.write(msgspec.json.encode(asyncio.run(_ping(sys.argv[2]))).decode())
