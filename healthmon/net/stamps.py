"""Sockets that note when bytes were sent and when they reached this machine, however busy the program is.

A program that takes its timestamps in callbacks reports its own queueing as the server's latency. The stock asyncio
loop calls `recv`, `recv_into` and `send` of the socket it was given, beneath TLS too, so a subclass sees each of them
and may ask the kernel when the bytes came.
"""

import errno
import socket
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from healthmon.net.clocks import ANCILLARY, Clock, Moment, enable_stamps, received, sent_now, spans
from healthmon.net.tcp_info import connect_round_trip

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class Exchange(NamedTuple):
    """The times of one request and its answer.

    Attributes:
        wait: Seconds from the first byte of the request sent to the first byte of the answer; None if either is
            missing. A server that is slow to take a large request is slow to answer it.
        transfer: Seconds from the first byte of the answer to the last one read; None without an answer.
        clock: What measured them.
    """

    wait: float | None
    transfer: float | None
    clock: Clock


class Handshake(NamedTuple):
    """The time of a TLS handshake, in seconds, and what measured it."""

    seconds: float
    clock: Clock


class Peer(NamedTuple):
    """The address and port of the other side. An IPv6 address has its zone, if any."""

    ip: str
    port: int


class LatestRead:
    """Remembers which socket was read last: the one whose bytes TLS is working on right now.

    asyncio reads a socket and decrypts what it read in one callback, so no other socket comes between.
    """

    def __init__(self) -> None:
        self.socket: StampedSocket | None = None


class StampedSocket(socket.socket):
    """A TCP socket that keeps the times of its connecting, its TLS handshake, and one exchange at a time.

    Attributes:
        connect_began: When `connect` was called first, on the monotonic clock; None before.
        connect_error: The error number that connecting ended with; None while it goes on, and when it succeeded.
        connect_time: Seconds that connecting took, by the kernel where it tells; None before it has succeeded.
        peer: The other side; None before connecting has succeeded.
        handshake: The time of the TLS handshake; None before it has succeeded.
    """

    def __init__(self, family: int, type_: int, proto: int, latest: LatestRead) -> None:
        super().__init__(family, type_, proto)
        self.connect_began: float | None = None
        self.connect_error: int | None = None
        self.connect_time: float | None = None
        self.peer: Peer | None = None
        self.handshake: Handshake | None = None
        self._latest = latest
        self._stamping = enable_stamps(self)
        self._layers = 0  # of TLS
        self.reset()

    def reset(self) -> None:
        """Forget the exchange, to measure the next one on the same connection."""
        self._first_sent: Moment | None = None
        self._read: Moment | None = None
        self._request: Moment | None = None
        self._answer: Moment | None = None

    def exchange(self) -> Exchange:
        """The times of the exchange so far."""
        if self._answer is None or self._read is None:
            return Exchange(None, None, "kernel" if self._stamping else "user")
        if self._request is None:
            (transfer,), clock = spans(self._answer, self._read)
            return Exchange(None, transfer, clock)
        (wait, transfer), clock = spans(self._request, self._answer, self._read)
        return Exchange(wait, transfer, clock)

    # Connecting

    def connect(self, address: Any, /) -> None:
        """Connect. To the peer it has already, do nothing: a library may be handed this socket and connect it again."""
        if self.peer is not None:
            if peer_of(address) != self.peer:
                raise OSError(errno.EISCONN, "connected to another address")
            return
        if self.connect_began is None:
            self.connect_began = time.monotonic()
        try:
            super().connect(address)
        except (BlockingIOError, InterruptedError):
            raise
        except OSError as error:
            self.connect_error = error.errno
            raise
        self._note_connected()

    @overload
    def getsockopt(self, level: int, optname: int, /) -> int: ...
    @overload
    def getsockopt(self, level: int, optname: int, buflen: int, /) -> bytes: ...
    def getsockopt(self, level: int, optname: int, buflen: int = 0, /) -> int | bytes:
        """Read an option. An event loop learns by ``SO_ERROR`` how a connect ended, so that is noted."""
        if buflen:
            return super().getsockopt(level, optname, buflen)
        value = super().getsockopt(level, optname)
        if level == socket.SOL_SOCKET and optname == socket.SO_ERROR and self.connect_began is not None:
            if self.peer is None and value:
                self.connect_error = value
            elif self.peer is None:
                self._note_connected()
        return value

    def _note_connected(self) -> None:
        try:
            self.peer = peer_of(self.getpeername())
        except OSError:
            return  # Reset in the same instant: the next call tells.
        elapsed = time.monotonic() - (self.connect_began or 0.0)
        self.connect_time = connect_round_trip(self) or elapsed

    # Sending and receiving

    def send(self, data: "ReadableBuffer", flags: int = 0, /) -> int:
        """Send, and note when."""
        moment = sent_now()
        count = super().send(data, flags)
        self._note_sent(moment)
        return count

    def sendmsg(
        self, buffers: "Iterable[ReadableBuffer]", ancdata: Any = (), flags: int = 0, address: Any = None, /
    ) -> int:
        """Send, and note when."""
        moment = sent_now()
        count = super().sendmsg(buffers, ancdata, flags, address)
        self._note_sent(moment)
        return count

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Receive, and note when it arrived."""
        if self._stamping:
            data, ancillary, _, _ = self.recvmsg(bufsize, ANCILLARY, flags)
        else:
            data, ancillary = super().recv(bufsize, flags), []
        if data:
            self._note_read(received(ancillary))
        return data

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        """Receive into a buffer, and note when it arrived."""
        if self._stamping:
            view = memoryview(buffer)[:nbytes] if nbytes else buffer
            count, ancillary, _, _ = self.recvmsg_into([view], ANCILLARY, flags)
        else:
            count, ancillary = super().recv_into(buffer, nbytes, flags), []
        if count:
            self._note_read(received(ancillary))
        return count

    def _note_sent(self, moment: Moment) -> None:
        if self._first_sent is None:
            self._first_sent = moment

    def _note_read(self, moment: Moment) -> None:
        self._read = moment
        self._latest.socket = self
        if self._first_sent is not None:
            self.note_answer(0)

    # What TLS knows of the bytes read last

    def note_handshake(self) -> int:
        """Note that they ended the handshake of a new layer, which from now on tells what begins an answer.

        Returns:
            The number of the layer: there may be one over another, through a proxy.
        """
        if self._first_sent is not None and self._read is not None:
            (seconds,), clock = spans(self._first_sent, self._read)
            self.handshake = Handshake(seconds, clock)
        self._layers += 1
        self.reset()
        return self._layers

    def note_request(self) -> None:
        """Note that the next bytes sent begin a request: those before ended the handshake."""
        self._first_sent = None

    def note_turn(self) -> None:
        """Note that it is the other side's turn from now on, though nothing was sent: it speaks first."""
        self._first_sent = sent_now()

    def note_answer(self, layer: int) -> None:
        """Note that they held something to read for a layer: if it is the uppermost, the answer has begun."""
        if self._answer is None and layer == self._layers:
            self._request, self._answer = self._first_sent, self._read

    def forget_answer(self) -> None:
        """Note that what was read since the request was not the answer yet: the next read may begin it."""
        self._request = self._answer = None


def keep_stamping() -> Callable[[], None]:
    """Keep the kernel stamping, by an idle socket, until the function returned is called.

    The kernel stamps while at least one socket wants it, and needs a moment to begin: without this one, the first
    answers of a run may come too soon to be stamped.
    """
    try:
        idle = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        return lambda: None  # Without a free file the checks have more to tell than their times.
    enable_stamps(idle)
    return idle.close


def peer_of(address: tuple[Any, ...] | str) -> Peer:
    """The other side, from a socket address; of a socket file (unix(7)) its path, and no port."""
    if isinstance(address, str):
        return Peer(address, 0)
    host, port, scope = address[0], address[1], address[3] if len(address) > 3 else 0
    return Peer(f"{host}%{scope}" if scope and "%" not in host else host, port)
