"""Sends answers, within bounds of time and memory, to clients that read slowly or not at all."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from aiohttp import web

_PIECE = 2**16
"""The most bytes that are written before the client has taken what was written earlier."""


class Socket(Protocol):
    """As much of a socket as is needed; the event loop shows its sockets so."""

    def setsockopt(self, level: int, name: int, value: Any, /) -> None:
        """As `socket.socket` does."""

    def shutdown(self, how: int, /) -> None:
        """As `socket.socket` does."""


class ClientGone(ConnectionError):
    """Raised when an answer cannot be sent to its end."""


async def deliver(request: web.Request, response: web.StreamResponse, within: float) -> None:
    """Send an answer, or what is left of one, to its end.

    Args:
        request: What is answered.
        response: The answer.
        within: Seconds that it may take.

    Raises:
        ClientGone: The client has gone, or was too slow and is cut off.
    """
    async with _sending(request, within):
        await response.prepare(request)
        await response.write_eof()


async def stream(
    request: web.Request,
    response: web.StreamResponse,
    chunks: AsyncIterator[bytes],
    *,
    within: float,
    turn: asyncio.Lock,
) -> None:
    """Send an answer of many chunks, each made when the client has taken those before it.

    Args:
        request: What is answered; for HEAD, no chunk is made.
        response: The answer, not yet begun.
        chunks: The body.
        within: Seconds that it may take in all.
        turn: Held while a chunk is made, so that of all answers only one has its turn between two of the checks'.

    Raises:
        ClientGone: The client has gone, or was too slow and is cut off.
    """
    async with _sending(request, within):
        # What fails at once can still become another answer.
        chunk = await _next(chunks, turn) if request.method != "HEAD" else None
        await response.prepare(request)
        while chunk is not None:
            for piece in _pieces(chunk):
                await response.write(piece)
                # A client that takes everything at once must not keep the loop from the checks.
                await asyncio.sleep(0)
            chunk = await _next(chunks, turn)
        await response.write_eof()


async def _next(chunks: AsyncIterator[bytes], turn: asyncio.Lock) -> bytes | None:
    async with turn:
        chunk = await anext(chunks, None)
        await asyncio.sleep(0)
        return chunk


def _pieces(chunk: bytes) -> Iterator[bytes]:
    for start in range(0, len(chunk), _PIECE):
        yield chunk[start : start + _PIECE]


@asynccontextmanager
async def _sending(request: web.Request, within: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(within) as scope:
            yield
    except TimeoutError as error:
        if not scope.expired():
            raise
        cut_off_request(request)
        raise ClientGone from error
    except ConnectionError as error:
        raise ClientGone from error


def cut_off(transport: asyncio.BaseTransport, connection: Socket | None) -> None:
    """Reset a connection, whatever is still to be sent.

    Without a linger time of zero (socket(7)), the kernel would keep what it has for a client that does not read, and
    the client would not learn that no more comes. A TLS transport that was closed twice no longer aborts, but it
    notices that its socket was shut down.

    Args:
        transport: The connection.
        connection: Its socket, as far as known.
    """
    if connection is not None:
        with suppress(OSError):  # It is closed already.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.shutdown(socket.SHUT_RDWR)
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def cut_off_request(request: web.BaseRequest) -> None:
    """Reset the connection of a request that is being answered."""
    if request.transport is not None:
        cut_off(request.transport, request.transport.get_extra_info("socket"))
