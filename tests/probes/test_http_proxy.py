"""HTTP by way of a proxy: absolute requests, tunnels, and whose fault it is."""

import asyncio
import contextlib
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from healthmon.core.units import FilePath
from healthmon.net.tls.settings import TlsSettings
from tests.campaign.certificates import authority, expired, good, server_context
from tests.net.descriptors import leaving_no_socket
from tests.probes.http_server import (
    OK,
    Asked,
    Server,
    baffled,
    failed,
    fresh_network,
    observe,
    redirect,
    replying,
    service,
    talking,
)


@asynccontextmanager
async def proxying(tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A proxy that opens tunnels on loopback and answers other requests itself."""
    pumps: set[asyncio.Task[None]] = set()

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.method != "CONNECT":
            writer.write(OK)
            return
        _, _, port = asked.target.rpartition(":")
        beyond_reader, beyond = await asyncio.open_connection("127.0.0.1", int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n")
        # The reader was used up to the end of the request, so the rest of what comes is for the other side.
        reader: asyncio.StreamReader = writer._reader  # type: ignore[attr-defined]
        pumps.add(asyncio.ensure_future(_pump(reader, beyond)))
        try:
            await _pump(beyond_reader, writer)
        finally:
            beyond.transport.abort()

    async with talking(talk, tls=tls) as server:
        yield server
    for pump in pumps:
        pump.cancel()
    await asyncio.sleep(0)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.CancelledError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


@pytest.mark.parametrize("secure_proxy", [False, True], ids=["http proxy", "https proxy"])
async def test_a_plain_request_goes_to_the_proxy_with_its_whole_url(ca: FilePath, *, secure_proxy: bool) -> None:
    """RFC 9112, 3.2.2. The proxy looks up the name, and gets the credentials of its URL."""
    tls = server_context(good(authority())) if secure_proxy else None
    async with proxying(tls) as proxy:
        url = proxy.url("").replace("://", "://me:p%40ss@")
        outcome = await observe(
            service("http://shop.example.com/health", proxy=url, tls=TlsSettings(ca=ca, server_name="elsewhere"))
        )
        assert (failed(outcome), outcome.fact("status"), outcome.fact("ip")) == (None, 200, "127.0.0.1")
        (asked,) = proxy.asked
        assert (asked.method, asked.target) == ("GET", "http://shop.example.com/health")
        assert asked.headers["host"] == "shop.example.com"
        assert asked.headers["proxy-authorization"] == "Basic " + b64encode(b"me:p@ss").decode()
        assert not outcome.credentials_sent, "they are the proxy's, not the service's"
        assert outcome.fact("tls_version") is None, "the service does not speak TLS"


@pytest.mark.parametrize("secure_proxy", [False, True], ids=["http proxy", "https proxy"])
async def test_tls_goes_through_a_tunnel(ca: FilePath, *, secure_proxy: bool) -> None:
    """The proxy sees host and port and its own credentials, and nothing of the request."""
    tls = server_context(good(authority()))
    async with proxying(tls if secure_proxy else None) as proxy, replying(OK, tls=tls) as server:
        url = proxy.url("").replace("://", "://me:pass@")
        tested = service(server.url("/health"), proxy=url, tls=TlsSettings(ca=ca), headers={"X-Api-Key": "k"})
        with fresh_network() as network:
            outcome = await observe(tested, network)
        assert (failed(outcome), outcome.fact("status"), outcome.fact("tls_version")) == (None, 200, "TLSv1.3")
        (asked,) = proxy.asked
        assert (asked.method, asked.target) == ("CONNECT", f"127.0.0.1:{server.port}")
        assert asked.headers.keys() == {"host", "user-agent", "proxy-authorization"}
        assert server.asked[0].target == "/health"
        assert server.asked[0].headers["x-api-key"] == "k"
        assert "proxy-authorization" not in server.asked[0].headers
        assert None not in (outcome.timings.connect, outcome.timings.tls, outcome.timings.wait)


async def test_redirects_go_by_the_proxy_too() -> None:
    """Every hop does."""

    def reply(asked: Asked) -> bytes:
        return OK if asked.target == "http://b.example.com/" else redirect("http://b.example.com/")

    async with replying(reply) as proxy:
        outcome = await observe(service("http://a.example.com/", proxy=proxy.url(""), follow_redirects=True))
        assert (failed(outcome), len(proxy.asked)) == (None, 2)


async def test_a_proxy_that_cannot_be_reached() -> None:
    """The cause is that of the connection, the words name the proxy."""
    async with replying(OK) as gone:
        pass
    for scheme in ("http", "https"):
        outcome = await observe(service(f"{scheme}://a.example.com/", proxy=gone.url("")))
        assert failed(outcome) == ("refused", f"the proxy 127.0.0.1:{gone.port}: connection refused", "connect")


@pytest.mark.parametrize(
    ("answer", "cause", "message"),
    [
        (b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n", "auth", "wants credentials, or others (HTTP 407)"),
        (b"HTTP/1.1 502 No\r\nContent-Length: 3\r\n\r\n", "unreachable", "cannot reach a.example.com:443 (HTTP 502)"),
        (b"HTTP/1.1 403 No\r\n\r\n", "protocol", "does not open a tunnel to a.example.com:443 (HTTP 403)"),
        (b"HTTP/1.1 200 OK\r\n\r\nmore", "protocol", "gave no valid answer to CONNECT"),
        (b"SSH-2.0-OpenSSH\r\n", "protocol", "gave no valid answer to CONNECT"),
        (b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000, "protocol", "gave no valid answer to CONNECT"),
        (b"HTTP/1.1 200 O", "reset", "connection closed without an answer to CONNECT"),
        (b"", "reset", "connection closed without an answer to CONNECT"),
    ],
)
async def test_a_proxy_that_opens_no_tunnel(answer: bytes, cause: str, message: str) -> None:
    """What the proxy says decides the cause."""
    async with replying(answer) as proxy:
        outcome = await observe(service("https://a.example.com/", proxy=proxy.url("")))
        assert failed(outcome) == (cause, f"the proxy 127.0.0.1:{proxy.port}: {message}", "connect")
        told = {"auth": "proxy.credentials", "unreachable": "proxy.no_way"}
        assert outcome.failure
        assert outcome.failure.symptom == told.get(cause, "proxy.no_tunnel")


async def test_a_407_to_a_plain_request_is_the_proxys() -> None:
    """Not the service's status."""
    async with replying(b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n") as proxy:
        outcome = await observe(service("http://a.example.com/", proxy=proxy.url("")))
        message = f"the proxy 127.0.0.1:{proxy.port}: wants credentials, or others (HTTP 407)"
        assert (failed(outcome), outcome.fact("status")) == (("auth", message, "transfer"), None)


async def test_a_proxy_that_does_not_answer_is_no_connection() -> None:
    """There is no connection to the service while the proxy keeps silent. Nothing is left behind."""

    async def silent(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    with fresh_network() as network:
        async with leaving_no_socket(), talking(silent) as proxy:
            outcome = await observe(service("https://a.example.com/", proxy=proxy.url(""), timeout=0.2), network)
    message = f"the proxy 127.0.0.1:{proxy.port}: no connection within 0.2 s"
    assert failed(outcome) == ("connect_timeout", message, "connect")
    assert outcome.failure
    assert outcome.failure.symptom == "proxy.no_connection"


async def test_cancelled_at_any_moment_a_probe_through_a_tunnel_leaves_no_socket(ca: FilePath) -> None:
    """Two layers of TLS and a tunnel between them, cut wherever it stands."""
    tls = server_context(good(authority()))
    with fresh_network() as network:
        async with leaving_no_socket():
            async with proxying(tls) as proxy, replying(OK, tls=tls) as server:
                tested = service(server.url(), proxy=proxy.url(""), tls=TlsSettings(ca=ca))
                for turns in range(60):
                    task = asyncio.ensure_future(observe(tested, network))
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    task.cancel()
                    await asyncio.wait([task])
            await asyncio.sleep(0.05)  # the server's own ends


async def test_faults_of_the_service_beyond_the_tunnel_are_its_own(ca: FilePath) -> None:
    """A certificate that expired, and a port that does not speak TLS."""
    async with proxying() as proxy, replying(OK, tls=server_context(expired(authority()))) as server:
        outcome = await observe(service(server.url(), proxy=proxy.url(""), tls=TlsSettings(ca=ca)))
        assert failed(outcome) == ("certificate", "a certificate of the chain has expired", "tls")
    async with proxying() as proxy, baffled() as server:
        url = server.url().replace("http:", "https:")
        outcome = await observe(service(url, proxy=proxy.url(""), tls=TlsSettings(ca=ca)))
        assert failed(outcome) == ("tls", "the server does not speak TLS on this port", "tls")


async def test_a_proxys_own_certificate_is_verified(ca: FilePath) -> None:
    """By the same authorities as the service's."""
    async with proxying(server_context(expired(authority()))) as proxy:
        outcome = await observe(service("http://a.example.com/", proxy=proxy.url(""), tls=TlsSettings(ca=ca)))
    assert outcome.failure is not None
    assert outcome.failure.cause == "certificate"
    assert outcome.failure.message.startswith(f"the proxy 127.0.0.1:{proxy.port}: certificate expired on ")
