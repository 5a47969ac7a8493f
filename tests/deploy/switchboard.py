"""The demo's services as servers whose faults are switched on and off while they are watched."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from healthmon.demo import SERVICES
from healthmon.demo.faults import Fault
from healthmon.demo.server import DemoServer

T = TypeVar("T")

_BY_ID = {service.id: service for service in SERVICES}


class Switchboard:
    """Ten services on free ports.

    A server that is replaced leaves its listening socket to the next one, so that nobody is refused in between.

    Args:
        loop: The loop in which the servers run, in a thread of its own.

    Attributes:
        ports: The port of each service by its id.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._listeners = {id_: socket.create_server(("127.0.0.1", 0)) for id_ in _BY_ID}
        self._servers: dict[str, DemoServer] = {}
        self._tls: list[asyncio.Server] = []
        self.ports = {id_: listener.getsockname()[1] for id_, listener in self._listeners.items()}
        self.switch(dict.fromkeys(_BY_ID))

    def switch(self, faults: Mapping[str, Fault | None]) -> None:
        """Give services a fault, or None; the others stay as they are."""
        self._wait(self._switch(faults))

    def serve_tls(self, context: ssl.SSLContext) -> int:
        """Start a server that completes TLS handshakes, and return its port."""
        return self._wait(self._serve_tls(context))

    def stop(self) -> None:
        """Stop all servers."""
        self._wait(self._stop())

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)

    async def _switch(self, faults: Mapping[str, Fault | None]) -> None:
        for id_, fault in faults.items():
            old = self._servers.pop(id_, None)
            self._servers[id_] = DemoServer(_BY_ID[id_], self._listeners[id_].dup(), fault)
            if old:
                await old.stop()
            await self._servers[id_].start()

    async def _serve_tls(self, context: ssl.SSLContext) -> int:
        def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(close, "127.0.0.1", 0, ssl=context)
        self._tls.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _stop(self) -> None:
        for server in self._servers.values():
            await server.stop()
        for tls in self._tls:
            tls.close()
            await tls.wait_closed()
        for listener in self._listeners.values():
            listener.close()


@contextmanager
def switchboard() -> Iterator[Switchboard]:
    """The services, for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        board = Switchboard(loop)
        try:
            yield board
        finally:
            board.stop()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
