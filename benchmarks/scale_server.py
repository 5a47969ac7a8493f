"""A server for very many services, whose health is ordered while it runs.

``python -m benchmarks.scale_server ADDRESSES`` listens on one free port of 127.0.0.1, 127.0.0.2, ... and prints it. A
line on stdin orders how it answers ``GET /NUMBER`` from then on: ``ok`` (200), ``hang K`` (never, where the number is
below K; 200 else), ``down`` (503).
"""

import selectors
import socket
import sys
from typing import IO

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
_DOWN = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Server:
    """Answers one request a connection."""

    def __init__(self, addresses: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._order = ["ok"]
        first = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port: int = first.getsockname()[1]
        others = [socket.create_server((f"127.0.0.{n + 1}", self.port), backlog=4096) for n in range(1, addresses)]
        self._listeners = {first, *others}
        for listener in self._listeners:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ)

    def serve(self, orders: IO[str]) -> None:
        """Serve until the orders end."""
        self._selector.register(orders, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is orders:
                    line = orders.readline()
                    if not line:
                        return
                    self._order = line.split()
                elif isinstance(key.fileobj, socket.socket):
                    self._turn(key.fileobj)

    def _turn(self, one: socket.socket) -> None:
        if one in self._listeners:
            self._accept(one)
        else:
            self._answer(one)

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ)

    def _answer(self, connection: socket.socket) -> None:
        try:
            request = connection.recv(65536)
            if request and self._hangs(request):
                return
            if request:
                connection.send(_DOWN if self._order[0] == "down" else _OK)
        except OSError:
            pass
        self._selector.unregister(connection)
        connection.close()

    def _hangs(self, request: bytes) -> bool:
        return self._order[0] == "hang" and int(request.split(b" ", 2)[1][1:]) < int(self._order[1])


if __name__ == "__main__":
    server = Server(int(sys.argv[1]))
    print(server.port, flush=True)
    server.serve(sys.stdin)
