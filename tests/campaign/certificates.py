"""Certificates with one thing wrong each, and servers that show them."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

import trustme

from tests.campaign.servers import Handler, Place, Scene, listening, silent

Leaf = Callable[[trustme.CA], trustme.LeafCert]
"""Has an authority issue a certificate."""


@cache
def authority() -> trustme.CA:
    """The authority whose certificate stands in the place's `$ca`."""
    return trustme.CA()


def good(ca: trustme.CA) -> trustme.LeafCert:
    """A certificate with nothing wrong."""
    return ca.issue_cert("127.0.0.1", "::1", "localhost")


def expired(ca: trustme.CA) -> trustme.LeafCert:
    """A certificate that was valid until yesterday."""
    now = datetime.now(UTC)
    return ca.issue_cert("127.0.0.1", not_before=now - timedelta(days=30), not_after=now - timedelta(days=1))


def not_yet_valid(ca: trustme.CA) -> trustme.LeafCert:
    """A certificate that is valid from tomorrow."""
    now = datetime.now(UTC)
    return ca.issue_cert("127.0.0.1", not_before=now + timedelta(days=1), not_after=now + timedelta(days=30))


def soon_expiring(ca: trustme.CA) -> trustme.LeafCert:
    """A certificate with three days left."""
    now = datetime.now(UTC)
    return ca.issue_cert("127.0.0.1", not_before=now - timedelta(days=30), not_after=now + timedelta(days=3))


def other_name(ca: trustme.CA) -> trustme.LeafCert:
    """A certificate for a name and an address that are not the server's."""
    return ca.issue_cert("www.example.com", "192.0.2.1")


def server_context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """A server's TLS settings with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def self_signed_context() -> ssl.SSLContext:
    """A server's TLS settings with a certificate that vouches for itself."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with ca.cert_pem.tempfile() as chain, ca.private_key_pem.tempfile() as key:
        context.load_cert_chain(chain, key)
    return context


def without_intermediate() -> ssl.SSLContext:
    """A server's TLS settings with a certificate whose issuer is neither trusted nor sent along."""
    leaf = authority().create_child_ca().issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with leaf.cert_chain_pems[0].tempfile() as chain, leaf.private_key_pem.tempfile() as key:
        context.load_cert_chain(chain, key)
    return context


def demanding_client_certificate() -> ssl.SSLContext:
    """A server's TLS settings that let in nobody without a certificate from the authority."""
    context = server_context(good(authority()))
    context.verify_mode = ssl.CERT_REQUIRED
    authority().configure_trust(context)
    return context


def knowing_only_other_names() -> ssl.SSLContext:
    """A server's TLS settings that refuse every name the client asks for (RFC 6066, unrecognized_name)."""
    context = server_context(good(authority()))
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return context


def showing(leaf: Leaf) -> Callable[[], ssl.SSLContext]:
    """A server's TLS settings with a certificate of the authority."""
    return lambda: server_context(leaf(authority()))


def serving_tls(handler: Handler, context: Callable[[], ssl.SSLContext] | None = None) -> Scene:
    """A scene with one TLS server, with a good certificate unless it gets other settings.

    `$ca` is a file with the authority's certificate, `$client` one with a client's.
    """
    return _with_files(lambda: listening(handler, tls=(context or showing(good))()))


def sending_alerts(context: Callable[[], ssl.SSLContext]) -> Scene:
    """A scene whose TLS server says why it ends a handshake; asyncio's own servers keep that to themselves."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context().wrap_bio(incoming, outgoing, server_side=True)
        with contextlib.suppress(ssl.SSLError):
            while _handshake_goes_on(tls):
                writer.write(outgoing.read())
                incoming.write(await reader.read(65536))
        writer.write(outgoing.read())
        writer.write_eof()
        await silent(reader, writer)

    return _with_files(lambda: listening(handler))


def _handshake_goes_on(tls: ssl.SSLObject) -> bool:
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return True
    return False


def _with_files(listen: Callable[[], AbstractAsyncContextManager[int]]) -> Scene:
    @asynccontextmanager
    async def scene() -> AsyncIterator[Place]:
        client = authority().issue_cert("client").private_key_and_cert_chain_pem
        with authority().cert_pem.tempfile() as trusted, client.tempfile() as own:
            async with listen() as port:
                yield Place((port,), {"port": str(port), "ca": trusted, "client": own})

    return scene


def trickling_tls(handler: Handler, pause: float) -> Scene:
    """A scene whose TLS server's bytes arrive one at a time."""

    @asynccontextmanager
    async def scene() -> AsyncIterator[Place]:
        async with serving_tls(handler)() as behind, listening(_relay(behind.ports[0], pause)) as port:
            yield Place((port,), behind.words | {"port": str(port)})

    return scene


def _relay(port: int, pause: float) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
        upward = asyncio.create_task(_forward(reader, to_server))
        try:
            while byte := await from_server.read(1):
                writer.write(byte)
                await writer.drain()
                await asyncio.sleep(pause)
        finally:
            upward.cancel()
            to_server.transport.abort()

    return handler


async def _forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
