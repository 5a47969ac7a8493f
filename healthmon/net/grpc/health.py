"""Asks a gRPC server for the health of a service."""

import asyncio

from healthmon import __version__
from healthmon.core.model import Cause, Stage
from healthmon.net.grpc.call import Answer, Call
from healthmon.net.grpc.messages import METHOD, SERVING, check_request, serving_status
from healthmon.net.grpc.status import NOT_FOUND, OK, failed_call, status_of
from healthmon.net.network import Network
from healthmon.net.stamps import StampedSocket
from healthmon.net.tls.handshake import handshake
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace

_PROTOCOLS = ("h2",)


async def check_health(
    network: Network,
    sock: StampedSocket,
    trace: Trace,
    *,
    host: str,
    authority: str,
    tls: TlsSettings | None,
    service: str,
    metadata: list[tuple[str, str]],
    timeout: float,
) -> None:
    """Ask on a connected socket, which it takes over and closes, and record what came back.

    Records the stages from `tls` on, and the facts `grpc_status` and `grpc_health_status`.

    Args:
        network: Has the TLS context.
        sock: The socket.
        trace: Receives what is seen.
        host: The host of the service.
        authority: What the server is called in the request.
        tls: How to speak TLS; None for none.
        service: The name of the service; empty for the server as a whole.
        metadata: What is sent along.
        timeout: Seconds that the server is told it has.

    Raises:
        ProbeFailed: There was no answer of the health protocol, or it says that the service is not healthy.
    """
    headers = _headers("http" if tls is None else "https", authority, metadata, timeout)
    call = Call(
        headers, check_request(service), began=lambda: trace.enter(Stage.TRANSFER), not_begun=sock.forget_answer
    )
    transport: asyncio.Transport | None = None
    try:
        transport = await _transport(network, sock, host, tls, trace, call)
        answer = await call.done
    finally:
        _cut(call, transport, sock)
        if transport is not None:
            _record(sock, trace)
    _judge(answer, trace, service, credentials=bool(metadata) or (tls is not None and tls.cert is not None))


async def _transport(
    network: Network, sock: StampedSocket, host: str, tls: TlsSettings | None, trace: Trace, call: Call
) -> asyncio.Transport:
    """Let the call speak to the other side of the socket, over TLS if that is wanted."""
    if tls is None:
        trace.enter(Stage.WAIT)
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: call, sock=sock)
        return transport
    transport = await handshake(network, sock, host, tls, trace, protocols=_PROTOCOLS, receiver=call)
    if transport.get_extra_info("ssl_object").selected_alpn_protocol() != "h2":
        transport.abort()
        raise ProbeFailed(Cause.PROTOCOL, "the server does not offer HTTP/2 over TLS", "grpc.no_alpn")
    sock.note_request()
    trace.enter(Stage.WAIT)
    call.connection_made(transport)
    return transport


def _headers(scheme: str, authority: str, metadata: list[tuple[str, str]], timeout: float) -> list[tuple[str, str]]:
    return [
        (":method", "POST"),
        (":scheme", scheme),
        (":path", METHOD),
        (":authority", authority),
        ("te", "trailers"),
        ("grpc-timeout", f"{max(1, round(timeout * 1000))}m"),
        ("content-type", "application/grpc"),
        ("user-agent", f"healthmon/{__version__}"),
        *metadata,
    ]


def _cut(call: Call, transport: asyncio.Transport | None, sock: StampedSocket) -> None:
    if not call.done.done():
        call.done.cancel()
    elif not call.done.cancelled():
        call.done.exception()  # It is known, or nobody waits for it any more.
    if transport is not None:
        transport.abort()
    sock.close()


def _record(sock: StampedSocket, trace: Trace) -> None:
    times = sock.exchange()
    if times.wait is not None:
        trace.spent(Stage.WAIT, times.wait)
    if times.transfer is not None:
        trace.spent(Stage.TRANSFER, times.transfer)
    trace.fact("clock", times.clock)


def _judge(answer: Answer, trace: Trace, service: str, *, credentials: bool) -> None:
    status = status_of(answer)
    trace.fact("grpc_status", status)
    if status == NOT_FOUND:
        trace.fact("grpc_health_status", "SERVICE_UNKNOWN")
    if status != OK:
        raise failed_call(status, answer, service=service, credentials=credentials)
    try:
        health = serving_status(answer.body)
    except ValueError as error:
        raise ProbeFailed(Cause.PROTOCOL, f"not an answer of the health protocol: {error}") from error
    trace.seen = health
    trace.fact("grpc_health_status", health)
    if health != SERVING:
        raise ProbeFailed(Cause.UNHEALTHY, health, "grpc.not_serving")
