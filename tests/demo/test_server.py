"""A demo server's end."""

import asyncio
import gc
import socket

import pytest

from healthmon.demo import SERVICES
from healthmon.demo.server import DemoServer


@pytest.mark.parametrize("steps", range(6))
async def test_a_server_that_stops_drops_every_connection(steps: int) -> None:
    """Also those that have come in its last steps: none is forgotten and left open."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = DemoServer(SERVICES[0], listener)
    await server.start()
    clients = [socket.create_connection(listener.getsockname()) for _ in range(20)]
    for _ in range(steps):
        await asyncio.sleep(0)
    await server.stop()
    for client in clients:
        with client:
            client.settimeout(10)
            try:
                left = await asyncio.to_thread(client.recv, 1)
            except ConnectionResetError:
                left = b""
            assert left == b""
    # What was forgotten would warn now, and a warning is an error.
    gc.collect()
