"""The connection under an HTTP exchange: plain or over TLS, straight or by way of a proxy."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from msgspec import Struct
from yarl import URL

from healthmon.core.model import Stage
from healthmon.net.clocks import Clock
from healthmon.net.http.answer import AnswerHandler, never
from healthmon.net.http.tunnel import Tunnel, blaming
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.stamps import Exchange, StampedSocket
from healthmon.net.tls.failures import tls_failure
from healthmon.net.tls.handshake import NEVER, Silence, explain_tls, tls_name
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import Trace

_PROTOCOLS = ("http/1.1",)


class Route(Struct, frozen=True):
    """How to get to a server.

    Attributes:
        reach: Which addresses to use.
        tls: How to speak TLS to the server.
        proxy: The proxy's URL; None to go straight.
        socket: The path of the socket file on which the server listens; None where the URL's host leads to it.
    """

    reach: ReachOptions = ReachOptions()
    tls: TlsSettings = TlsSettings()
    proxy: URL | None = None
    socket: str | None = None


class Connection:
    """A connection that is ready for a request.

    Attributes:
        handler: What the answer goes to.
        tls: The TLS layer between this machine and the server; None without one.
    """

    def __init__(self, handler: AnswerHandler, sock: StampedSocket, tls: ssl.SSLObject | None) -> None:
        self.handler = handler
        self.tls = tls
        self._sock = sock

    @property
    def clock(self) -> Clock:
        """What measures the exchange."""
        return self._sock.exchange().clock


@asynccontextmanager
async def connect(
    network: Network,
    route: Route,
    url: URL,
    trace: Trace,
    *,
    want_body: bool,
    want_cause: Callable[[int], bool] = never,
) -> AsyncIterator[Connection]:
    """Connect to a URL's host, or to the proxy in its place, and speak TLS where the URL demands it.

    Records the stages up to `wait`, and, when the context is left, the times of what was exchanged. The connection
    is cut then, whatever is still to be sent or read.

    Raises:
        ProbeFailed: There is no connection, no tunnel through the proxy, or no TLS.
    """
    sock = await _reach(network, route, url, trace)
    layers = _Layers(network, trace, sock)
    try:
        handler = AnswerHandler(lambda: trace.enter(Stage.TRANSFER), want_body=want_body, want_cause=want_cause)
        transport = await layers.lay(route, url, handler)
        if not handler.began:
            trace.enter(Stage.WAIT)
        yield Connection(handler, sock, transport.get_extra_info("ssl_object") if url.scheme == "https" else None)
    finally:
        layers.cut()
        _record(sock.exchange(), trace)


async def _reach(network: Network, route: Route, url: URL, trace: Trace) -> StampedSocket:
    host, proxy = url.raw_host or "", route.proxy
    if route.socket is not None:
        return await network.connect_unix(route.socket, trace)
    if proxy is None:
        return await network.connect(host, url.port or 0, route.reach, trace)
    network.check_behind_proxy(host)
    with blaming(proxy, trace):
        reach = ReachOptions(ip=route.reach.ip)
        return await network.connect_to_proxy(proxy.raw_host or "", proxy.port or 0, reach, trace)


class _Layers:
    """Lays between a socket and the handler of an answer what the way to a server needs."""

    def __init__(self, network: Network, trace: Trace, sock: StampedSocket) -> None:
        self._network = network
        self._trace = trace
        self._sock = sock
        self._plain: asyncio.Transport | None = None

    async def lay(self, route: Route, url: URL, handler: AnswerHandler) -> asyncio.Transport:
        """Lay all of them, and let the handler speak."""
        if route.proxy is None:
            return await self._start(url, handler, route.tls)
        with blaming(route.proxy, self._trace):
            if url.scheme == "http":
                return await self._start(route.proxy, handler, impersonal(route.tls))
            tunnel = Tunnel()
            transport = await self._start(route.proxy, tunnel, impersonal(route.tls))
            self._trace.enter(Stage.CONNECT)
            await tunnel.open(transport, route.proxy, url)
        asked = self._sock.exchange()
        self._trace.spent(Stage.CONNECT, (asked.wait or 0.0) + (asked.transfer or 0.0))
        self._sock.reset()
        host = url.raw_host or ""
        try:
            return await self._secure(transport, handler, host, route.tls)
        except (OSError, ValueError) as error:
            raise tls_failure(error, tls_name(route.tls, host)) from error

    def cut(self) -> None:
        """Cut the connection."""
        if self._plain is not None:
            self._plain.abort()
        self._sock.close()

    async def _start(self, url: URL, protocol: asyncio.Protocol, settings: TlsSettings) -> asyncio.Transport:
        """Let a protocol speak to the other side of the socket, over TLS if the URL says so."""
        loop = asyncio.get_running_loop()
        # TLS in two steps, because only the plain transport can be aborted whatever the handshake is doing.
        first = protocol if url.scheme == "http" else Silence()
        self._plain, _ = await loop.create_connection(lambda: first, sock=self._sock)
        if url.scheme == "http":
            return self._plain
        host = url.raw_host or ""
        try:
            return await self._secure(self._plain, protocol, host, settings)
        except (OSError, ValueError) as error:
            raise await explain_tls(
                self._network, error, host=host, peer=self._sock.peer, settings=settings, trace=self._trace
            ) from error

    async def _secure(
        self, transport: asyncio.Transport, protocol: asyncio.Protocol, host: str, settings: TlsSettings
    ) -> asyncio.Transport:
        self._trace.enter(Stage.TLS)
        context = self._network.tls_context(settings, _PROTOCOLS)
        began = time.monotonic()
        seconds = None
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                protocol,
                context,
                server_hostname=tls_name(settings, host),
                ssl_handshake_timeout=NEVER,
            )
            seconds = self._sock.handshake and self._sock.handshake.seconds
        finally:
            self._trace.spent(Stage.TLS, time.monotonic() - began if seconds is None else seconds)
        if secured is None:
            raise ConnectionResetError
        self._sock.note_request()
        protocol.connection_made(secured)
        return secured


def impersonal(settings: TlsSettings) -> TlsSettings:
    """These settings without what is meant for one service only: its name, and the certificate to show to it."""
    return TlsSettings(verify=settings.verify, ca=settings.ca)


def _record(times: Exchange, trace: Trace) -> None:
    if times.wait is not None:
        trace.spent(Stage.WAIT, times.wait)
    if times.transfer is not None:
        trace.spent(Stage.TRANSFER, times.transfer)
