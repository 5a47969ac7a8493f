"""A WebSocket (RFC 6455): aiohttp's, over a connection of our own. Import it where one is about to be opened."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from healthmon.core.model import Body, Cause, Stage
from healthmon.net.http.connection import Route, connect
from healthmon.net.http.exchange import all_headers, open_session
from healthmon.net.http.failures import http_failure
from healthmon.net.http.request import Request
from healthmon.net.network import Network
from healthmon.net.tls.certificate import record_tls
from healthmon.net.trace import ProbeFailed, Trace

_CLOSE = 0.1  # seconds that the other side has to say goodbye
_AUTHENTICATION_NEEDED = frozenset({401, 407})
_TOO_BIG = 1009  # RFC 6455, 7.4.1

Socket = aiohttp.ClientWebSocketResponse[bool]


@asynccontextmanager
async def open_websocket(
    network: Network, route: Route, request: Request, trace: Trace, *, protocol: str | None, limit: int
) -> AsyncIterator[Socket]:
    """Ask a server to upgrade a fresh connection to a WebSocket, which is closed when the context is left.

    Stages and times go to the trace, and the facts `status`, `clock`, those of TLS, and `websocket_subprotocol`.

    Args:
        network: Makes the connection.
        route: How to get to the server.
        request: The request, to an `http` or `https` URL.
        trace: Receives what is seen.
        protocol: The subprotocol to ask for; None for none.
        limit: The most bytes of a message.

    Raises:
        ProbeFailed: There is no connection, or no upgrade: the server answers with another status (`status`, or
            `auth` where credentials were sent), or not as a WebSocket's server does (`protocol`).
    """
    async with (
        connect(network, route, request.url, trace, want_body=True) as connection,
        open_session(connection, None) as session,
    ):
        trace.credentials_sent = request.bears_credentials
        try:
            opened = await session.ws_connect(
                request.url,
                headers=all_headers(request, None),
                protocols=() if protocol is None else (protocol,),
                timeout=aiohttp.ClientWSTimeout(ws_receive=None, ws_close=_CLOSE),
                max_msg_size=limit,
            )
        except aiohttp.WSServerHandshakeError as error:
            trace.fact("status", error.status)
            raise _not_upgraded(error, trace) from error
        finally:
            # Nothing of the answer to the upgrade decides whether the service is up: a message may have to come.
            trace.enter(Stage.WAIT)
            trace.fact("clock", connection.clock)
            if connection.tls is not None:
                record_tls(connection.tls, trace)
        trace.fact("status", 101)
        trace.fact("websocket_subprotocol", opened.protocol)
        trace.seen = "upgraded"
        async with opened:
            try:
                yield opened
            except (aiohttp.ClientError, OSError) as error:
                raise http_failure(error, connection.handler) from error


def _not_upgraded(error: aiohttp.WSServerHandshakeError, trace: Trace) -> ProbeFailed:
    if error.status == 101:
        return ProbeFailed(Cause.PROTOCOL, f"not a valid upgrade: {error.message.lower()}")
    rejected = trace.credentials_sent and error.status in _AUTHENTICATION_NEEDED
    return ProbeFailed(Cause.AUTH if rejected else Cause.STATUS, f"HTTP {error.status}, expected an upgrade (101)")


async def first_message(socket: Socket, trace: Trace) -> None:
    """Wait for the first message and record it as the body of the answer.

    Raises:
        ProbeFailed: The server closed the WebSocket before (`reset`), or sent what is none (`protocol`) or too large
            (`too_large`).
    """
    message = await socket.receive()
    match message.type:
        case aiohttp.WSMsgType.TEXT:
            trace.body = Body(str(message.data).encode(), charset="utf-8")
        case aiohttp.WSMsgType.BINARY:
            trace.body = Body(bytes(message.data))
        case aiohttp.WSMsgType.ERROR:
            raise _broken(message.data)
        case _:
            reason = f": {message.extra}" if message.extra else ""
            code = f" with code {message.data}{reason}" if isinstance(message.data, int) and message.data else ""
            raise ProbeFailed(Cause.RESET, f"closed{code} before a message", "ws.closed")
    trace.fact("body_bytes", len(trace.body.content))


def _broken(error: object) -> ProbeFailed:
    if isinstance(error, aiohttp.WebSocketError) and error.code == _TOO_BIG:
        return ProbeFailed(Cause.TOO_LARGE, "the message is larger than `body_limit`")
    return ProbeFailed(Cause.PROTOCOL, f"not a valid message: {error}")
