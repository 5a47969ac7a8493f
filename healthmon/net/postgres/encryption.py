"""TLS as PostgreSQL begins it: on a plain connection, when it is asked for (protocol 3.0, SSLRequest)."""

import asyncio

from msgspec import structs

from healthmon.core.model import Cause, Stage
from healthmon.net.line import Line
from healthmon.net.postgres.target import SslMode
from healthmon.net.stamps import StampedSocket
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed

_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
_UNVERIFIED = TlsSettings(verify=False)


async def negotiate(line: Line, sslmode: SslMode | None, tls: TlsSettings | None) -> TlsSettings | None:
    """Find out whether to speak TLS, and how; None for a plain connection.

    Records the time that it took as part of the stage `tls`, or of `wait` where there is no TLS.

    Args:
        line: A new connection.
        sslmode: What the URL wants.
        tls: What the service's key `tls` wants; None where there is none.

    Raises:
        ProbeFailed: The server offers no TLS (`tls`), or it is no PostgreSQL (`protocol`).
        OSError: The connection was lost.
    """
    mode = sslmode or ("prefer" if tls is None else "require")
    if mode == "disable":
        return None
    answer = await _ask(line.sock)
    line.spend(Stage.TLS if answer == b"S" else Stage.WAIT)
    if answer == b"S":
        settings = tls or (TlsSettings() if mode == "verify-full" else _UNVERIFIED)
        return structs.replace(settings, verify=True) if mode == "verify-full" else settings
    if not answer:
        raise ConnectionResetError
    if answer == b"E":
        raise ProbeFailed(Cause.UNHEALTHY, "the server answers with an error when it is asked for TLS")
    if answer != b"N":
        raise ProbeFailed(Cause.PROTOCOL, f"the answer to the request for TLS begins with {answer!r}")
    if mode != "prefer":
        raise ProbeFailed(Cause.TLS, "the server offers no TLS", "postgres.no_tls")
    return None


async def upgrade(sock: StampedSocket) -> None:
    """Have the server begin TLS. Raises OSError if it does not."""
    if await _ask(sock) != b"S":
        raise ConnectionResetError


async def _ask(sock: StampedSocket) -> bytes:
    """The server's answer, one byte: what somebody may have slipped in after it is left for TLS to refuse."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, _REQUEST)
    return await loop.sock_recv(sock, 1)
