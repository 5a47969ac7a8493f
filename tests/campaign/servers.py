"""Small servers on loopback that misbehave to order. Each listens on a port that the kernel chose."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from msgspec import Struct

from healthmon.net.lookups import Lookup

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What a server does with one connection. It is closed when the handler returns."""


class Place(Struct, frozen=True):
    """Where a fault waits for a check.

    Attributes:
        ports: The ports that belong to it; none of the client's sockets may stay connected to them.
        words: What `$name` stands for in a row's URL and keys; `$port` is the first of the ports.
        lookup: What resolves names there; None where there are none to resolve.
    """

    ports: tuple[int, ...] = ()
    words: dict[str, str] = {}
    lookup: Lookup | None = None


Scene = Callable[[], AbstractAsyncContextManager[Place]]
"""Makes the place of one row, and clears it away."""


@asynccontextmanager
async def listening(
    handler: Handler, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[int]:
    """Serve each connection with a handler, and yield the port. At the end no connection and no task is left."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            # The client may leave as soon as it has seen enough.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await handler(reader, writer)
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except asyncio.CancelledError:
            pass  # The server is closing.
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connected, host, port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
        # A transport closes its socket in the turn of the loop after the one in which it was told to.
        for _ in range(3):
            await asyncio.sleep(0)


def serving(handler: Handler, host: str = "127.0.0.1") -> Scene:
    """A scene with one plain server."""

    @asynccontextmanager
    async def scene() -> AsyncIterator[Place]:
        async with listening(handler, host) as port:
            yield Place((port,), {"port": str(port)})

    return scene


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """Read the head of a request."""
    return await reader.readuntil(b"\r\n\r\n")


def saying(*parts: bytes, then: Handler | None = None) -> Handler:
    """Read the request, send the parts one after the other, then do something else or close."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()
        if then:
            await then(reader, writer)

    return handler


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing, or nothing more, until the client leaves."""
    while await reader.read(65536):
        pass


async def unread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Keep the connection open and do not even read from it."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio's transports of servers can
    await asyncio.Event().wait()


def half_closed(*parts: bytes) -> Handler:
    """Read the request, send the parts, tell the client that nothing more will come, and keep the connection open."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.writelines(parts)
        writer.write_eof()
        await silent(reader, writer)

    return handler


def unasked(text: bytes, then: Handler | None = None) -> Handler:
    """Send a text before any request has come."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        await (then or silent)(reader, writer)

    return handler


async def closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection as soon as the client has said anything."""
    await reader.read(65536)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Break the connection off with a TCP reset, which comes at once and throws away what was not read."""
    # Closed now, the kernel sends RST instead of FIN (socket(7), SO_LINGER).
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def endless(part: bytes) -> Handler:
    """Send the same part again and again, as fast as the client reads it."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)  # drain() returns at once while there is room: let the client have its turn.

    return handler


def byte_by_byte(text: bytes, pause: float = 0.03) -> Handler:
    """Send a text one byte at a time."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in text:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(pause)

    return handler
