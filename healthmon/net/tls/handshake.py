"""TLS handshakes on connected sockets, and a second look at a server whose certificate did not verify."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import cast

from healthmon.core.model import Cause, Stage
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.stamps import Peer, StampedSocket
from healthmon.net.tls.certificate import Certificate, peer_certificate, record_certificate, record_tls
from healthmon.net.tls.failures import tls_failure
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace

Upgrade = Callable[[StampedSocket], Awaitable[None]]
"""Has a server begin TLS on a plain connection. Raises OSError if it does not."""

NEVER = 86400.0
"""Seconds that asyncio may let a handshake take: the check's own timeout ends one that stalls."""

_SECOND_LOOK = 3.0  # seconds


def tls_name(settings: TlsSettings, host: str) -> str:
    """The name to ask for and to verify: without an IPv6 zone, and without the dot that ends an absolute name."""
    return settings.server_name or host.partition("%")[0].rstrip(".")


async def handshake(
    network: Network,
    sock: StampedSocket,
    host: str,
    settings: TlsSettings,
    trace: Trace,
    *,
    protocols: tuple[str, ...] = (),
    receiver: asyncio.Protocol | None = None,
    upgrade: Upgrade | None = None,
) -> asyncio.Transport:
    """Speak TLS on a connected socket, which it takes over: it is closed if that fails.

    Records the stage's time, and the facts of `healthmon.net.tls.certificate.record_tls`. The transport is to be
    aborted.

    Args:
        network: Has the TLS context.
        sock: The socket.
        host: The host of the service.
        settings: How to speak TLS.
        trace: Receives the times and facts.
        protocols: Application protocols to offer by ALPN (RFC 7301).
        receiver: Takes what the server says from the first byte on, before this returns; without `connection_made`.
            None to leave it unheard.
        upgrade: What has been said on the connection to have TLS begin, to be said on another one; None where
            connections begin with TLS.

    Raises:
        ProbeFailed: The handshake failed (`tls`), the certificate did not verify (`certificate`; its facts are
            recorded if it can be read), or a file of the settings cannot be used (`local`).
    """
    trace.enter(Stage.TLS)
    began = time.monotonic()
    try:
        context = network.tls_context(settings, protocols)
        transport = await _wrap(sock, context, tls_name(settings, host), receiver or asyncio.Protocol())
    except (OSError, ValueError) as error:
        trace.spent(Stage.TLS, time.monotonic() - began)
        raise await explain_tls(
            network, error, host=host, peer=sock.peer, settings=settings, trace=trace, upgrade=upgrade
        ) from error
    except ProbeFailed:
        sock.close()
        raise
    if sock.handshake is not None:
        trace.spent(Stage.TLS, sock.handshake.seconds)
        trace.fact("clock", sock.handshake.clock)
    try:
        record_tls(transport.get_extra_info("ssl_object"), trace)
    except BaseException:
        transport.abort()
        raise
    return transport


async def explain_tls(
    network: Network,
    error: Exception,
    *,
    host: str,
    peer: Peer | None,
    settings: TlsSettings,
    trace: Trace,
    upgrade: Upgrade | None = None,
) -> ProbeFailed:
    """Why a handshake failed, and, if the certificate did not verify, the facts of that certificate.

    A handshake that fails to verify keeps the certificate to itself, so it is read by a second one, to the same
    address, that verifies nothing and sends nothing. Until that ends, the trace holds the failure as it is known.

    Args:
        network: Makes the second connection.
        error: What the handshake raised.
        host: The host of the service.
        peer: The address and port that the handshake was made with.
        settings: The settings it was made with.
        trace: Receives the facts.
        upgrade: Has TLS begin on the second connection; None where connections begin with it.
    """
    name = tls_name(settings, host)
    failure = tls_failure(error, name)
    if failure.cause is not Cause.CERTIFICATE or peer is None:
        return failure
    trace.failure = failure
    certificate = await read_certificate(network, peer, name, upgrade)
    if certificate is None:
        return failure
    record_certificate(certificate, trace)
    return tls_failure(error, name, certificate)


async def read_certificate(
    network: Network, peer: Peer, name: str, upgrade: Upgrade | None = None
) -> Certificate | None:
    """The certificate that a server shows for a name, trusted or not; None if it cannot be read soon."""
    context = network.tls_context(TlsSettings(verify=False))
    try:
        async with asyncio.timeout(_SECOND_LOOK):
            sock = await network.connect(peer.ip, peer.port, ReachOptions(), Trace())
            if upgrade is not None:
                await _upgraded(sock, upgrade)
            transport = await _wrap(sock, context, name, asyncio.Protocol())
            try:
                return peer_certificate(transport.get_extra_info("ssl_object"))
            finally:
                transport.abort()
    except (ProbeFailed, OSError, ValueError):  # TimeoutError is an OSError
        return None


async def _upgraded(sock: StampedSocket, upgrade: Upgrade) -> None:
    try:
        await upgrade(sock)
    except BaseException:
        sock.close()
        raise


async def _wrap(
    sock: StampedSocket, context: ssl.SSLContext, name: str, receiver: asyncio.Protocol
) -> asyncio.Transport:
    loop = asyncio.get_running_loop()
    # In two steps, because only the plain transport can be aborted whatever the handshake is doing.
    plain, _ = await loop.create_connection(Silence, sock=sock)
    try:
        wrapped = await loop.start_tls(plain, receiver, context, server_hostname=name, ssl_handshake_timeout=NEVER)
    except BaseException:
        plain.abort()
        raise
    if wrapped is None:
        raise ConnectionResetError
    return wrapped


class Silence(asyncio.Protocol):
    """Leaves to TLS what a server says unasked."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read nothing."""
        cast("asyncio.ReadTransport", transport).pause_reading()
