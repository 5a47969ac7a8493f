"""One HTTP exchange, a request and its answer: aiohttp's HTTP over a connection of our own.

Importing aiohttp takes 170 ms: import this module where an exchange is about to take place.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from io import BytesIO

import aiohttp
from aiohttp.abc import AbstractCookieJar
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.tracing import Trace as RequestTrace
from yarl import URL

from healthmon.core.model import Body
from healthmon.net.http.answer import MAX_HEADERS, MAX_LINE, never
from healthmon.net.http.body import ACCEPTED_ENCODINGS, BodyDecoder
from healthmon.net.http.connection import Connection, Route, connect
from healthmon.net.http.failures import http_failure
from healthmon.net.http.request import USER_AGENT, Request
from healthmon.net.http.tunnel import blaming, check_proxy_status, proxy_headers
from healthmon.net.network import Network
from healthmon.net.tls.certificate import record_tls
from healthmon.net.trace import ProbeFailed, Trace

_DEFAULT_HEADERS = (("User-Agent", USER_AGENT), ("Accept", "*/*"), ("Accept-Encoding", ACCEPTED_ENCODINGS))
_UNTIMED = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
_READ_SIZE = 64 * 2**10
_DECODED_AT_ONCE = 16 * 2**10
_CAUSE_SIZE = 16 * 2**10  # bytes
_CAUSE_TIME = 1.0  # seconds
_PUT_OFF = frozenset({429, 503})
_BODILESS = frozenset({101, 204, 304})


class Answer:
    """The answer to a request, its body not read yet."""

    def __init__(self, response: aiohttp.ClientResponse, connection: Connection, trace: Trace) -> None:
        self.status = response.status
        self.location = response.headers.get("Location")
        self._response = response
        self._connection = connection
        self._trace = trace

    def record(self) -> None:
        """Record the headers, and the facts that are known before the body."""
        response, trace = self._response, self._trace
        trace.headers = tuple((name, _text(value)) for name, value in response.headers.items())
        trace.fact("status", response.status)
        if response.version is not None:
            trace.fact("http_version", f"{response.version.major}.{response.version.minor}")
        trace.fact("clock", self._connection.clock)
        if self._connection.tls is not None:
            record_tls(self._connection.tls, trace)
        later = response.headers.get("Retry-After")
        if later is not None and response.status in _PUT_OFF:
            trace.fact("retry_after", int(later) if re.fullmatch("[0-9]{1,9}", later) else _text(later))
        content_type = response.headers.get("Content-Type")
        if content_type is not None:
            trace.fact("content_type", _text(content_type))

    def header_values(self, name: str) -> list[str]:
        """The values of a header, one for each time that it stands in the answer."""
        return [_text(value) for value in self._response.headers.getall(name, ())]

    async def read_cause(self) -> None:
        """Read the beginning of a body that nobody expects anything of, for the cause of a bad status may stand there.

        That takes a second at most. What is wrong with the body makes no difference.
        """
        with suppress(ProbeFailed, TimeoutError):
            async with asyncio.timeout(_CAUSE_TIME):
                await self.read(_CAUSE_SIZE)

    async def read(self, limit: int) -> None:
        """Read the body, and record it; when that fails or is cancelled, as much of it as came.

        An answer that has no body whatever its headers say (RFC 9112, 6.3) leaves none in the trace.

        Args:
            limit: The most bytes to read, counted after decompression.

        Raises:
            ProbeFailed: The connection ended before the body did (`reset`), the body is not valid (`protocol`), or
                larger than the limit (`too_large`).
        """
        response, handler = self._response, self._connection.handler
        if response.method == "HEAD" or response.status in _BODILESS:
            return
        decoder = BodyDecoder(", ".join(response.headers.getall("Content-Encoding", ())), limit)
        complete = False
        try:
            async for data in response.content.iter_any():
                for start in range(0, len(data), _DECODED_AT_ONCE):
                    if start:
                        await asyncio.sleep(0)  # Bodies that come fast and decode slowly hold up no other check.
                    decoder.feed(data[start : start + _DECODED_AT_ONCE])
            if handler.lost is not None and _ends_with_connection(response):
                raise handler.lost
            decoder.finish()
            complete = True
        except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
            raise http_failure(error, handler) from error
        finally:
            content = bytes(decoder.content)
            self._trace.body = Body(content, complete, response.charset)
            self._trace.fact("body_bytes", len(content))


@asynccontextmanager
async def exchange(
    network: Network,
    route: Route,
    request: Request,
    trace: Trace,
    *,
    want_body: bool,
    want_cause: Callable[[int], bool] = never,
    cookies: AbstractCookieJar | None = None,
) -> AsyncIterator[Answer]:
    """Send a request over a fresh connection and wait for the headers of the answer.

    Stages and times go to the trace. The connection is cut when the context is left, whatever is still to come.

    Args:
        network: Makes the connection.
        route: How to get to the server.
        request: What to send.
        trace: Receives what is seen.
        want_body: Whether the answer's body will be read.
        want_cause: Whether, given the status, it will be read by `read_cause`.
        cookies: The cookies to send; those that the answer sets are added.

    Raises:
        ProbeFailed: There is no connection, or no answer with valid headers.
    """
    async with connect(network, route, request.url, trace, want_body=want_body, want_cause=want_cause) as connection:
        proxy = route.proxy if request.url.scheme == "http" else None
        async with open_session(connection, cookies) as session:
            response = await session.request(
                request.method,
                request.url,
                headers=all_headers(request, proxy),
                skip_auto_headers=("Content-Type",) if request.body is None else None,
                data=None if request.body is None else BytesIO(request.body),
                proxy=proxy,
                allow_redirects=False,
            )
            try:
                if proxy is not None:
                    with blaming(proxy, trace):
                        check_proxy_status(response.status)
                trace.credentials_sent = request.bears_credentials
                yield Answer(response, connection, trace)
            finally:
                response.close()


def open_session(connection: Connection, cookies: AbstractCookieJar | None) -> aiohttp.ClientSession:
    """A session for one request: it takes 8 µs to make, and can hand nothing from one check to another."""

    async def once(request: aiohttp.ClientRequest, send: ClientHandlerType) -> aiohttp.ClientResponse:
        # Translated here, before aiohttp sends a request again because the connection was closed early.
        try:
            return await send(request)
        except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
            raise http_failure(error, connection.handler) from error

    return aiohttp.ClientSession(
        connector=_Connected(connection.handler),
        cookie_jar=aiohttp.DummyCookieJar() if cookies is None else cookies,
        timeout=_UNTIMED,
        auto_decompress=False,
        read_bufsize=_READ_SIZE,
        max_line_size=MAX_LINE,
        max_field_size=MAX_LINE,
        max_headers=MAX_HEADERS,
        middlewares=(once,),
    )


class _Connected(aiohttp.BaseConnector):
    """Gives aiohttp the connection that there is already."""

    def __init__(self, handler: ResponseHandler) -> None:
        super().__init__(force_close=True, limit=0)
        self._handler = handler

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,  # noqa: ARG002 - aiohttp's signature
        traces: list[RequestTrace],  # noqa: ARG002
        timeout: aiohttp.ClientTimeout,  # noqa: ARG002
    ) -> ResponseHandler:
        return self._handler


def all_headers(request: Request, proxy: URL | None) -> dict[str, str]:
    """All headers to send. What the request wants takes the place of what every request bears."""
    wanted = {name.lower() for name, _ in request.headers}
    headers = {name: value for name, value in _DEFAULT_HEADERS if name.lower() not in wanted}
    headers.update(request.headers)
    if proxy is not None:
        headers.update(proxy_headers(proxy))
    return headers


def _ends_with_connection(response: aiohttp.ClientResponse) -> bool:
    """Whether only the end of the connection ends the body (RFC 9112, 6.3)."""
    return "Content-Length" not in response.headers and "Transfer-Encoding" not in response.headers


def _text(value: str) -> str:
    """A header's value with the bytes that are not UTF-8 replaced, which aiohttp leaves as lone surrogates."""
    return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
