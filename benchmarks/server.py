"""A server of known delay: it tells in each answer how long it really waited.

Runs as a process of its own, so that the program measured does not share its event loop or interpreter:
``python -m benchmarks.server DELAY PORTS`` prints the ports it listens on, in one line, and serves until it is
terminated.
"""

import heapq
import selectors
import socket
import struct
import sys
import time

_SO_TIMESTAMPING = 37
_SOFTWARE_RECEIVE = (1 << 3) | (1 << 4)


def serve(delay: float, ports: int) -> None:
    """Answer every request `delay` seconds after its arrival, with the real wait in the header `X-Waited`."""
    selector = selectors.DefaultSelector()
    listeners = [socket.create_server(("127.0.0.1", 0), backlog=1024) for _ in range(ports)]
    for listener in listeners:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ)
    print(*(listener.getsockname()[1] for listener in listeners), flush=True)
    due: list[tuple[float, int, socket.socket]] = []
    while True:
        now = time.time()
        while due and due[0][0] <= now:
            _, arrived, connection = heapq.heappop(due)
            _answer(connection, arrived)
        timeout = max(0.0, due[0][0] - time.time()) if due else None
        for key, _ in selector.select(timeout):
            listening = key.fileobj
            assert isinstance(listening, socket.socket)
            if listening in listeners:
                _accept(listening, selector)
            else:
                selector.unregister(listening)
                arrived = _read(listening)
                heapq.heappush(due, (arrived / 1e9 + delay, arrived, listening))


def _accept(listener: socket.socket, selector: selectors.BaseSelector) -> None:
    connection, _ = listener.accept()
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING, _SOFTWARE_RECEIVE)
    selector.register(connection, selectors.EVENT_READ)


def _read(connection: socket.socket) -> int:
    """Read the request; return when it arrived, in nanoseconds since the epoch, by the kernel where it tells."""
    _, ancillary, _, _ = connection.recvmsg(65536, 1024)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPING:
            seconds, nanoseconds = struct.unpack_from("qq", data)
            return int(seconds * 10**9 + nanoseconds)
    return time.time_ns()


def _answer(connection: socket.socket, arrived: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\nX-Waited: %d\r\n\r\nok"
    with connection:
        try:
            connection.send(head % (time.time_ns() - arrived))
        except OSError:
            return


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))
