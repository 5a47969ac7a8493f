"""Faults on the way to a server: ports, names, and this machine's own limits."""

import contextlib
import resource
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any

from healthmon.net.lookups import Lookup
from tests.campaign.servers import Handler, Place, Scene, listening, silent

NAME = "service.example"
"""The name that the lookups of these places know."""


@contextmanager
def closed_port(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port that refuses connections: it is bound, so that nobody else takes it, and does not listen."""
    with socket.socket(_family(host)) as bound:
        bound.bind((host, port))
        yield bound.getsockname()[1]


@contextmanager
def full_port(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port that answers no SYN: its queue of connections not yet accepted is full (listen(2))."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket(_family(host)))
        listener.bind((host, port))
        listener.listen(0)
        address = listener.getsockname()
        with contextlib.suppress(TimeoutError):
            while True:
                waiting = sockets.enter_context(socket.socket(_family(host)))
                waiting.settimeout(0.1)
                waiting.connect(address)
        yield address[1]


def at(port: Callable[[], AbstractContextManager[int]], lookup: Lookup | None = None) -> Scene:
    """A scene with a port and nothing behind it."""

    @asynccontextmanager
    async def scene() -> AsyncIterator[Place]:
        with port() as number:
            yield Place((), {"port": str(number)}, lookup)

    return scene


def resolving(*addresses: str) -> Lookup:
    """A lookup that finds these addresses for any name, in this order."""

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        flags = socket.AI_NUMERICHOST
        return [found for text in addresses for found in socket.getaddrinfo(text, port, 0, type_, flags=flags)]

    return lookup


def failing(error: Exception) -> Lookup:
    """A lookup that raises this."""

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        raise error

    return lookup


def named(lookup: Lookup) -> Scene:
    """A scene with nothing but a resolver."""

    @asynccontextmanager
    async def scene() -> AsyncIterator[Place]:
        yield Place(words={"name": NAME}, lookup=lookup)

    return scene


@asynccontextmanager
async def hanging_resolver() -> AsyncIterator[Place]:
    """A place whose resolver answers only when the place is cleared away."""
    released = threading.Event()

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        released.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    try:
        yield Place(words={"name": NAME}, lookup=lookup)
    finally:
        released.set()


def dual_stack(handler: Handler, dead: Callable[[str, int], AbstractContextManager[int]], dead_host: str) -> Scene:
    """A name with an IPv6 and an IPv4 address, in this order; one of them is dead and the other has a server."""
    live_host = "127.0.0.1" if dead_host == "::1" else "::1"

    @asynccontextmanager
    async def scene() -> AsyncIterator[Place]:
        async with listening(handler, live_host) as port:
            with dead(dead_host, port):
                yield Place((port,), {"port": str(port), "name": NAME}, resolving(dead_host, live_host))

    return scene


@asynccontextmanager
async def no_file_left() -> AsyncIterator[Place]:
    """A place where this process may open no further file. A server is there, but no socket to reach it with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with listening(silent) as port:
        with socket.socket() as highest, contextlib.ExitStack() as gaps:
            gaps.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
            resource.setrlimit(resource.RLIMIT_NOFILE, (highest.fileno() + 1, hard))
            # There may be gaps beneath the highest.
            with contextlib.suppress(OSError):
                while True:
                    gaps.enter_context(socket.socket())
            yield Place(words={"port": str(port)})


def _family(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
