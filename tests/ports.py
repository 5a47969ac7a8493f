"""Ports for programs that cannot choose one themselves, and ports on which nothing listens."""

import socket
from collections import deque

_KEPT = 200
_held: deque[socket.socket] = deque()
"""What holds the latest ports: bound, not listening. By then the tests that have the earlier ones are over."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that refuses connections until somebody listens on just this one.

    It stays taken for a while: a port that was only free a moment ago may be given to any other program, also for a
    connection of its own. Servers may listen on it, because all of them ask for the reuse of addresses, and it is only
    bound (``SO_REUSEADDR`` in socket(7)).
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    _held.append(held)
    while len(_held) > _KEPT:
        _held.popleft().close()
    port: int = held.getsockname()[1]
    return port


def release() -> None:
    """Let go of all of them, when the tests are over."""
    while _held:
        _held.popleft().close()
