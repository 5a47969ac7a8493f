"""HTTP proxies: the tunnel that `CONNECT` opens (RFC 9110, 9.3.6), and whose fault it is when there is none."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from yarl import URL

from healthmon.core.model import Cause
from healthmon.net.http.request import USER_AGENT, basic_credentials
from healthmon.net.trace import ProbeFailed, Trace

_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: |\r?\n)")
_LONGEST_ANSWER = 64 * 2**10
_UNREACHED = frozenset({502, 503, 504})

_SYMPTOMS = {
    Cause.AUTH: "proxy.credentials",
    Cause.UNREACHABLE: "proxy.no_connection",
    Cause.DNS: "proxy.no_connection",
    Cause.REFUSED: "proxy.no_connection",
    Cause.CONNECT_TIMEOUT: "proxy.no_connection",
    Cause.TLS: "proxy.tls",
    Cause.CERTIFICATE: "proxy.tls",
}
"""What a failure of the way through a proxy tells, by its cause."""


class Tunnel(asyncio.Protocol):
    """Asks a proxy for a tunnel. After that, TLS takes its place on the transport."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._received = b""

    async def open(self, transport: asyncio.Transport, proxy: URL, target: URL) -> None:
        """Ask for a tunnel to the target's host and port, and wait until there is one.

        Raises:
            ProbeFailed: The proxy wants (other) credentials (`auth`), cannot reach the target (`unreachable`), does
                not allow the tunnel or does not speak HTTP (`protocol`), or closed the connection (`reset`).
        """
        authority = f"{target.host_subcomponent}:{target.port}"
        lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}", f"User-Agent: {USER_AGENT}"]
        lines += [f"{name}: {value}" for name, value in proxy_headers(proxy).items()]
        transport.write("\r\n".join([*lines, "", ""]).encode())
        status = await self._answer
        if 200 <= status < 300:
            return
        check_proxy_status(status)
        if status in _UNREACHED:
            raise ProbeFailed(Cause.UNREACHABLE, f"cannot reach {authority} (HTTP {status})", "proxy.no_way")
        raise ProbeFailed(Cause.PROTOCOL, f"does not open a tunnel to {authority} (HTTP {status})")

    def data_received(self, data: bytes) -> None:
        """Take what the proxy answers."""
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if self._answer.done():
            return
        status = _STATUS_LINE.match(self._received)
        if found and status and not rest:
            self._answer.set_result(int(status[1]))
        elif found or len(head) > _LONGEST_ANSWER or not b"HTTP/1.".startswith(head[:7]):
            self._answer.set_exception(ProbeFailed(Cause.PROTOCOL, "gave no valid answer to CONNECT"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end."""
        if not self._answer.done():
            how = "closed" if exc is None else "reset"
            self._answer.set_exception(ProbeFailed(Cause.RESET, f"connection {how} without an answer to CONNECT"))
            self._answer.exception()  # nobody may be waiting any more


def proxy_headers(proxy: URL) -> dict[str, str]:
    """What lets a request pass the proxy: the credentials of its URL."""
    if proxy.raw_user is None and proxy.raw_password is None:
        return {}
    return {"Proxy-Authorization": basic_credentials(unquote(proxy.raw_user or ""), unquote(proxy.raw_password or ""))}


def check_proxy_status(status: int) -> None:
    """Raise `ProbeFailed` if the proxy says that it wants credentials (`auth`)."""
    if status == 407:
        raise ProbeFailed(Cause.AUTH, "wants credentials, or others (HTTP 407)")


@contextmanager
def blaming(proxy: URL | None, trace: Trace) -> Iterator[None]:
    """Let failures within say that they are the proxy's, if there is one; also that the time was over meanwhile."""
    try:
        yield
    except ProbeFailed as error:
        if proxy is None:
            raise
        # What a name or a certificate has of its own would be told of the service.
        own = error.symptom if (error.symptom or "").startswith("proxy.") else None
        symptom = own or _SYMPTOMS.get(error.cause, "proxy.no_tunnel")
        raise ProbeFailed(error.cause, f"{_named(proxy)}: {error.message}", symptom) from error
    except asyncio.CancelledError:
        if proxy is not None:
            trace.held_up_by, trace.symptom = _named(proxy), "proxy.no_connection"
        raise


def _named(proxy: URL) -> str:
    return f"the proxy {proxy.host_subcomponent}:{proxy.port}"
