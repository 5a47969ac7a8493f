"""What stands between a connection and the library that speaks on it: it lets through no more than is wanted."""

import asyncio
from typing import cast

from healthmon.core.model import Cause
from healthmon.net.trace import ProbeFailed

LIMIT = 2**20
"""The most bytes that a library is given of what a server sends."""


class Tap(asyncio.Protocol):
    """Hands everything on to another protocol. Cuts the connection when the server says what cannot be right.

    Args:
        receiver: The protocol of the library.
        begins: What the first byte of an answer may be; empty for any.

    Attributes:
        failure: Why it cut the connection; None while it did not.
    """

    def __init__(self, receiver: asyncio.Protocol, begins: bytes = b"") -> None:
        self.failure: ProbeFailed | None = None
        self._receiver = receiver
        self._begins = begins
        self._left = LIMIT
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._receiver.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Hand on what came, if it is not foreign and not too much."""
        if self.failure is not None:
            return
        if self._begins and data[0] not in self._begins:
            self._cut(ProbeFailed(Cause.PROTOCOL, f"the answer begins with {data[:20]!r}"))
            return
        self._begins = b""
        self._left -= len(data)
        if self._left < 0:
            self._cut(ProbeFailed(Cause.TOO_LARGE, f"the answer is longer than {LIMIT // 2**20} MiB"))
            return
        try:
            self._receiver.data_received(data)
        except Exception as error:  # whatever a library finds in rubbish
            self._cut(ProbeFailed(Cause.PROTOCOL, f"the answer is not understood: {error}"))

    def eof_received(self) -> bool | None:
        """Hand it on."""
        return self._receiver.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hand it on."""
        self._receiver.connection_lost(exc)

    def pause_writing(self) -> None:
        """Hand it on."""
        self._receiver.pause_writing()

    def resume_writing(self) -> None:
        """Hand it on."""
        self._receiver.resume_writing()

    def _cut(self, failure: ProbeFailed) -> None:
        self.failure = failure
        if self._transport is not None:
            self._transport.abort()
        else:  # in the handshake
            self._receiver.connection_lost(ConnectionAbortedError())
