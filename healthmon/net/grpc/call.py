"""One unary gRPC call on a connection of its own ("gRPC over HTTP2" of the gRPC project; HTTP/2 is RFC 9113)."""

import asyncio
from collections.abc import Callable, Mapping
from typing import cast

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import H2Error
from msgspec import Struct

from healthmon.core.model import Cause
from healthmon.net.trace import ProbeFailed

_STREAM = 1
_MOST = 64 * 2**10  # bytes of an answer, with all its frames
_FOREIGN_SHOWN = 2**10  # bytes; more than are shown, for secrets are masked before the rest is cut
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")  # an alert or a handshake, of any version (RFC 8446, 5.1)


class Answer(Struct, frozen=True):
    """What came back whole.

    Attributes:
        headers: The headers.
        trailers: What follows the body. An answer without a body has its trailers in place of headers.
        body: The body.
    """

    headers: Mapping[str, str]
    trailers: Mapping[str, str]
    body: bytes


class Call(asyncio.Protocol):
    """Sends one request as soon as it is connected, and collects the answer.

    Attributes:
        done: The answer, or why there is none: `ProbeFailed`.

    Args:
        headers: The request's headers, the pseudo headers first.
        body: The request's body.
        began: Told when the answer begins.
        not_begun: Told when something was read that is not yet the answer.
    """

    def __init__(
        self,
        headers: list[tuple[str, str]],
        body: bytes,
        *,
        began: Callable[[], None],
        not_begun: Callable[[], None],
    ) -> None:
        self.done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._http = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._request = headers, body
        self._began = began
        self._not_begun = not_begun
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._heard = b""
        self._received = 0
        self._headers: Mapping[str, str] | None = None
        self._trailers: Mapping[str, str] = {}
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request at once: a server's settings need not be waited for (RFC 9113, 3.4)."""
        self._transport = cast("asyncio.Transport", transport)
        headers, body = self._request
        self._http.initiate_connection()
        self._http.send_headers(_STREAM, headers)
        self._http.send_data(_STREAM, body, end_stream=True)
        self._transport.write(self._http.data_to_send())
        for data in self._early:
            self.data_received(data)
        self._early.clear()

    def data_received(self, data: bytes) -> None:
        """Take what came. Over TLS the server may speak before this side is told that it is connected."""
        if self._transport is None:
            self._early.append(data)
            return
        if self.done.done():
            return
        self._received += len(data)
        if self._received > _MOST:
            # Before it is looked at: frames without end would take this program's time and memory.
            self._fail(ProbeFailed(Cause.TOO_LARGE, f"an answer of more than {_MOST // 2**10} KiB"))
            return
        self._heard = (self._heard + data)[:_FOREIGN_SHOWN] if len(self._heard) < _FOREIGN_SHOWN else self._heard
        try:
            for event in self._http.receive_data(data):
                self._take(event)
        except H2Error as error:
            self._fail(self._invalid(error))
            return
        if self._headers is None:
            self._not_begun()
        if not self.done.done():
            self._transport.write(self._http.data_to_send())

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that ends before the answer does leaves none."""
        how = "closed" if exc is None else "reset"
        if self._headers is None and _is_foreign(self._heard):
            self._fail(_foreign(self._heard))
        else:
            when = "without an answer" if self._headers is None else "in the middle of the answer"
            self._fail(ProbeFailed(Cause.RESET, f"connection {how} {when}", None if self._heard else "grpc.closed"))

    def _take(self, event: events.Event) -> None:
        match event:
            case events.ResponseReceived():
                self._headers = _texts(event.headers)
                self._began()
            case events.DataReceived():
                self._body += event.data
                self._http.acknowledge_received_data(event.flow_controlled_length or 0, _STREAM)
            case events.TrailersReceived():
                self._trailers = _texts(event.headers)
            case events.StreamEnded():
                self._finish()
            case events.StreamReset():
                code = _name(event.error_code)
                self._fail(ProbeFailed(Cause.RESET, f"the server reset the call ({code})", "grpc.reset"))
            case events.ConnectionTerminated():
                # h2 takes nothing more after this, so an answer that would still come is lost.
                code = _name(event.error_code)
                self._fail(ProbeFailed(Cause.RESET, f"the server ended the connection ({code})", "grpc.goaway"))

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(Answer(self._headers or {}, self._trailers, bytes(self._body)))

    def _fail(self, failure: ProbeFailed) -> None:
        if not self.done.done():
            self.done.set_exception(failure)

    def _invalid(self, error: H2Error) -> ProbeFailed:
        if self._headers is None and _is_foreign(self._heard):
            return _foreign(self._heard)
        return ProbeFailed(Cause.PROTOCOL, f"not valid HTTP/2: {str(error) or type(error).__name__}")


def _is_foreign(heard: bytes) -> bool:
    """Whether a server's first bytes are no settings frame, with which it has to begin (RFC 9113, 3.4)."""
    return bool(heard) and (len(heard) < 4 or heard[3] != 4)  # the type, after three bytes of length


def _foreign(heard: bytes) -> ProbeFailed:
    if heard.startswith(_TLS_RECORDS):
        return ProbeFailed(Cause.PROTOCOL, "answered with TLS to plain gRPC", "grpc.wants_tls")
    line = heard.partition(b"\n")[0].decode("utf-8", "backslashreplace").strip()
    if heard.startswith(b"HTTP/"):
        return ProbeFailed(Cause.PROTOCOL, f"answered with HTTP/1, not HTTP/2: {line}", "grpc.other_protocol")
    return ProbeFailed(Cause.PROTOCOL, f"not an HTTP/2 answer: {line}", "grpc.other_protocol")


def _texts(headers: object) -> Mapping[str, str]:
    pairs = cast("list[tuple[bytes, bytes]]", headers or [])
    return {name.decode("ascii", "replace"): value.decode("utf-8", "replace") for name, value in pairs}


def _name(code: ErrorCodes | int | None) -> str:
    return code.name if isinstance(code, ErrorCodes) else str(code)
