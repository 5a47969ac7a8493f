"""Runs one row: the real engine, the real probe, real sockets."""

import asyncio
import contextlib
import os
import socket
from string import Template
from typing import Any

from msgspec import Struct

from healthmon.config.load import parse
from healthmon.core.model import Result, Service
from healthmon.engine.check import check
from healthmon.net.network import Network
from healthmon.probes import PROBES
from tests.campaign.row import Row
from tests.campaign.servers import Place
from tests.unhurried import unqueued


class Met(Struct, frozen=True):
    """What came of a row.

    Attributes:
        result: The check's result.
        seconds: How long the check took.
        connected: How many of the client's sockets were still connected to the row's servers.
    """

    result: Result
    seconds: float
    connected: int


def service_of(row: Row, place: Place) -> Service:
    """The row's service, read from a config as a user would write it."""
    text = f'[[services]]\nname = "Campaign"\nurl = "{row.url}"\ntimeout = {row.timeout}\n{row.keys}\n'
    # Only the place's words are replaced: the config's own ${...} stay.
    config = parse(Template(text).safe_substitute(place.words))
    return config.services[0]


async def conduct(row: Row) -> Met:
    """Set the scene, check the service, clear away."""

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        if place.lookup is None:  # no test asks a real resolver
            raise AssertionError(host)
        return place.lookup(host, port, family, type_)

    with contextlib.closing(Network(lookup=lookup)) as network:
        async with row.scene() as place:
            service = service_of(row, place)
            before, started = connected_to(place.ports), unqueued()
            result = await check(service, probe=PROBES[service.address.scheme], network=network)
            seconds = unqueued() - started
            await loop_turns()
            return Met(result, seconds, connected_to(place.ports) - before)


async def loop_turns() -> None:
    """Let the loop do what it was told to do next, such as closing what was let go."""
    for _ in range(5):
        await asyncio.sleep(0)


def connected_to(ports: tuple[int, ...]) -> int:
    """How many sockets of this process have one of these ports at their other end."""
    if not ports:  # then there may be no descriptor left to look with
        return 0
    return sum(target.startswith("socket:") and _peer_port(number) in ports for number, target in open_files())


def open_files() -> list[tuple[int, str]]:
    """The descriptors that this process has open, with what each stands for."""
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - numbers
        with contextlib.suppress(FileNotFoundError):  # the one that lists them is closed by now
            found.append((int(name), os.readlink(f"/proc/self/fd/{name}")))  # noqa: PTH115 - not always a path
    return sorted(found)


def _peer_port(descriptor: int) -> int | None:
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        try:
            return int(copy.getpeername()[1]) if copy.family in (socket.AF_INET, socket.AF_INET6) else None
        except OSError:  # not connected
            return None
