"""Takes connections, never more than so many at a time, and sees them out."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from operator import itemgetter

from healthmon.web.conversation import Conversation
from healthmon.web.delivery import cut_off
from healthmon.web.faults import describe
from healthmon.web.limits import Limits

_PAUSE = 1.0
"""Seconds until the next attempt after the system had no file or memory for a connection."""

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nServer: healthmon\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Cache-Control: no-store\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
)
_SENTENCE = b"Too many connections are open; come back in a moment.\n"


class Door:
    """Stands between listening sockets and the protocol that serves connections.

    It counts sockets, not requests: those in a TLS handshake, and those that wait to be rid of an answer, hold a file
    too. At the bound, a new connection takes the place of the one that was idle the longest: clients that hold on to
    what they do not use must not keep others out.

    Args:
        listeners: Listening sockets that do not block. They are closed with the door.
        serve: Makes the protocol of a connection.
        limits: The bounds.
        context: The TLS context; None for plain TCP. May be replaced at any time, for connections to come.
        fault: Told when the system gives no connection.
    """

    def __init__(
        self,
        listeners: Sequence[socket.socket],
        serve: Callable[[], Conversation],
        *,
        limits: Limits,
        context: ssl.SSLContext | None,
        fault: Callable[[str], None],
    ) -> None:
        self.context = context
        self._listeners = listeners
        self._serve = serve
        self._limits = limits
        self._fault = fault
        self._tasks: set[asyncio.Task[None]] = set()
        # With the moment at which they came.
        self._arriving: dict[asyncio.Task[None], float] = {}
        # The socket is kept because a closed TLS transport may no longer know it.
        self._inside: dict[asyncio.Transport, tuple[socket.socket, Conversation]] = {}

    def open(self) -> None:
        """Begin to take connections."""
        self._tasks = {asyncio.create_task(self._take(listener)) for listener in self._listeners}
        self._tasks.add(asyncio.create_task(self._sweep()))
        for task in self._tasks:
            task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Take no more connections, and break off those that have not come to their first request."""
        tasks = self._tasks | self._arriving.keys()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for listener in self._listeners:
            listener.close()

    def cut(self) -> None:
        """Break off all connections, whatever is still to be sent."""
        for transport, (connection, _) in self._inside.items():
            cut_off(transport, connection)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Nothing ends these but `close`; what does must not go unseen."""
        if not task.cancelled() and (error := task.exception()):
            self._fault(describe("the HTTP side takes no more connections", error))

    async def _take(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        told = False
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except ConnectionError:
                continue  # It was gone before it was taken.
            except OSError as error:
                if not told:
                    self._fault(f"cannot take connections on the HTTP side: {error.strerror}")
                told = True
                await asyncio.sleep(_PAUSE)
                continue
            told = False
            self._forget_closed()
            if len(self._inside) + len(self._arriving) >= self._limits.connections and not self._make_room():
                self._turn_away(connection)
                continue
            arriving = asyncio.create_task(self._welcome(connection))
            self._arriving[arriving] = loop.time()
            arriving.add_done_callback(partial(self._arrived, connection))

    def _arrived(self, connection: socket.socket, arriving: "asyncio.Task[None]") -> None:
        self._arriving.pop(arriving, None)
        if arriving.cancelled():
            connection.close()  # Cancelled before its first step, nobody else would.

    async def _welcome(self, connection: socket.socket) -> None:
        tls = self.context is not None
        with suppress(OSError, TimeoutError):  # A client that cannot speak TLS, or has gone: that is its right.
            transport, conversation = await asyncio.get_running_loop().connect_accepted_socket(
                self._serve,
                connection,
                ssl=self.context,
                ssl_handshake_timeout=self._limits.handshake if tls else None,
                ssl_shutdown_timeout=self._limits.linger if tls else None,
            )
            self._inside[transport] = connection, conversation

    def _make_room(self) -> bool:
        """Close the connection that was idle the longest; say whether there was one."""
        now, silence = asyncio.get_running_loop().time(), self._limits.silence
        idle: list[tuple[float, Callable[[], object]]] = [
            (now - came, partial(self._send_away, arriving))
            for arriving, came in self._arriving.items()
            if now - came >= silence
        ]
        for transport, (_, conversation) in self._inside.items():
            seconds = conversation.idle()
            if seconds is not None and (seconds >= silence or not conversation.silent):
                idle.append((seconds, partial(self._show_out, transport)))
        if idle:
            _, close = max(idle, key=itemgetter(0))
            close()
        return bool(idle)

    def _send_away(self, arriving: "asyncio.Task[None]") -> None:
        arriving.cancel()
        del self._arriving[arriving]

    def _show_out(self, transport: asyncio.Transport) -> None:
        transport.abort()
        del self._inside[transport]

    def _turn_away(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if self.context is None:
                connection.setblocking(False)
                connection.send(_FULL % (len(_SENTENCE), _SENTENCE))
                connection.shutdown(socket.SHUT_WR)
                # What is unread when a socket is closed resets the connection, and the client may lose the answer.
                connection.recv(2**16)

    async def _sweep(self) -> None:
        """Break off connections that were closed long ago and whose client does not take what was written."""
        closing: set[asyncio.Transport] = set()
        while True:
            await asyncio.sleep(self._limits.linger)
            self._forget_closed()
            for transport in closing & self._inside.keys():
                cut_off(transport, self._inside[transport][0])
            closing = {transport for transport in self._inside if transport.is_closing()}

    def _forget_closed(self) -> None:
        self._inside = {each: held for each, held in self._inside.items() if held[0].fileno() != -1}
