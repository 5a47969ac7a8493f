"""A connection that a library is handed to speak on: our socket, with or without TLS, and its times."""

import asyncio

from healthmon.core.model import Stage
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.stamps import StampedSocket
from healthmon.net.tap import Tap
from healthmon.net.tls.handshake import Upgrade, handshake
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace


class Line:
    """A connection to a server. Open it with `open_line`, and `cut` it at the end, however that comes.

    Attributes:
        sock: The socket.
    """

    def __init__(self, network: Network, host: str, sock: StampedSocket, trace: Trace) -> None:
        self.sock = sock
        self._network = network
        self._host = host
        self._trace = trace
        self._transport: asyncio.Transport | None = None
        self._tap: Tap | None = None

    async def speak(
        self,
        receiver: asyncio.Protocol,
        tls: TlsSettings | None,
        *,
        begins: bytes = b"",
        upgrade: Upgrade | None = None,
    ) -> asyncio.Transport:
        """Let a protocol of a library speak, over TLS if there are settings for it.

        Args:
            receiver: The protocol.
            tls: How to speak TLS; None for a plain connection.
            begins: What the first byte of an answer may be; empty for any.
            upgrade: How the server was made to begin TLS.

        Raises:
            ProbeFailed: As `handshake`.
        """
        tap = self._tap = Tap(receiver, begins)
        if tls is None:
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_connection(lambda: tap, sock=self.sock)
            return self._transport
        self._transport = await handshake(
            self._network, self.sock, self._host, tls, self._trace, receiver=tap, upgrade=upgrade
        )
        self.sock.note_request()
        tap.connection_made(self._transport)
        return self._transport

    def spend(self, stage: Stage) -> float:
        """Record what was exchanged since the last time, from the first byte sent to the last one read, as a stage.

        Returns:
            Its seconds.
        """
        times = self.sock.exchange()
        self.sock.reset()
        seconds = (times.wait or 0.0) + (times.transfer or 0.0)
        if times.wait is not None:
            self._trace.spent(stage, seconds)
            self._trace.fact("clock", times.clock)
        return seconds

    @property
    def failure(self) -> ProbeFailed | None:
        """What was wrong with what the server sent, so that the line was cut; None while nothing was."""
        return None if self._tap is None else self._tap.failure

    def cut(self) -> None:
        """Cut the connection, whatever is still to be sent or read."""
        if self._transport is not None:
            self._transport.abort()
        self.sock.close()


async def open_line(network: Network, host: str, port: int, reach: ReachOptions, trace: Trace) -> Line:
    """Connect to a host.

    Raises:
        ProbeFailed: As `Network.connect`.
    """
    return Line(network, host, await network.connect(host, port, reach, trace), trace)
