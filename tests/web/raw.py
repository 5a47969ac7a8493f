"""A client that does what no library would."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

PATIENCE = 10.0
"""Seconds after which a test fails that waits for what does not come."""


class RawClient:
    """A connection whose bytes are ours."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[bytes, bytes]:
        """The head of the next answer, and its body, which must have a length."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            return head, await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """All until the server closes, in whatever way."""
        data = bytearray()
        async with asyncio.timeout(PATIENCE):
            try:
                while more := await self.reader.read(2**16):
                    data += more
            except ConnectionError:
                pass
        return bytes(data)

    def error(self) -> int:
        """What has become of the connection, as the kernel tells it once, or 0 (SO_ERROR of socket(7))."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


@asynccontextmanager
async def connected(port: int, *, receive_buffer: int | None = None) -> AsyncIterator[RawClient]:
    """Connect; with a small receive buffer, what is not read stays with the server."""
    client = socket.socket()
    client.setblocking(False)
    if receive_buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=client, limit=2**12 if receive_buffer else 2**16)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.transport.abort()


def get(path: str, *headers: str, method: str = "GET") -> bytes:
    """A request without a body."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: h", *headers, "", ""]).encode()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition itself."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for may be the kernel's
            await asyncio.sleep(0.005)
