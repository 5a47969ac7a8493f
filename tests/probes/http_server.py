"""HTTP servers on loopback that say exactly what a test wants, and remember what they were asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from healthmon.core.expectations import BodyRule, BodyTest, Expectations
from healthmon.core.model import Address, Outcome, Service
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.http import HTTP, HttpOptions

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello"


class Asked(NamedTuple):
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Reply = Callable[[Asked], bytes]
Talk = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A server that runs."""

    def __init__(self, scheme: str, port: int) -> None:
        self.scheme = scheme
        self.port = port
        self.asked: list[Asked] = []

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """A URL of this server."""
        return f"{self.scheme}://{host}:{self.port}{path}"


@asynccontextmanager
async def talking(talk: Talk, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Server]:
    """Run a server that reads one request of each connection and then does as told."""
    tasks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        tasks.add(task)
        try:
            asked = await _read(reader)
            server.asked.append(asked)
            await talk(asked, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            tasks.discard(task)
            writer.transport.abort() if tls else writer.close()

    listening = await asyncio.start_server(serve, host, 0, ssl=tls)
    server = Server("https" if tls else "http", listening.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            if task is not None:
                task.cancel()
        await asyncio.sleep(0)


@asynccontextmanager
async def replying(
    reply: Reply | bytes, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    """Run a server that sends one answer to each request and closes the connection."""

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(reply if isinstance(reply, bytes) else reply(asked))
        await writer.drain()

    async with talking(talk, tls=tls, host=host) as server:
        yield server


@asynccontextmanager
async def baffled() -> AsyncIterator[Server]:
    """Run a plain HTTP server that makes nothing of what it gets, TLS for example."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield Server("http", listening.sockets[0].getsockname()[1])


def redirect(to: str, status: int = 302, *headers: str) -> bytes:
    """An answer that leads elsewhere."""
    lines = [f"HTTP/1.1 {status} Elsewhere", f"Location: {to}", "Content-Length: 0", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return Asked(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def service(url: str, *, need_body: bool = False, timeout: float = 5.0, **options: Any) -> Service:
    """A service with these options; if `need_body`, with an expectation that needs the body."""
    parts = urlsplit(url)
    address = Address(parts.scheme, parts.hostname or "", parts.port or 80, explicit=True)
    expect = Expectations(body=(BodyTest(BodyRule.CONTAINS, "hello"),)) if need_body else Expectations()
    return Service(
        id="tested",
        name="Tested",
        url=url,
        shown_url=url,
        address=address,
        options=HttpOptions(**options),
        timeout=timeout,
        expect=expect,
    )


@contextmanager
def fresh_network(**arguments: Any) -> Iterator[Network]:
    """A network for one test."""
    made = Network(**arguments)
    try:
        yield made
    finally:
        made.close()


async def observe(tested: Service, network: Network | None = None) -> Outcome:
    """Probe a service once, within its timeout, as the engine does."""
    trace = Trace()
    if network is None:
        with fresh_network() as made:
            return await observe(tested, made)
    try:
        async with asyncio.timeout(tested.timeout):
            await HTTP.run(tested, network, trace)
    except ProbeFailed as failure:
        return trace.outcome(failure)
    except TimeoutError:
        return trace.timed_out(tested.timeout)
    return trace.outcome()


def failed(outcome: Outcome) -> tuple[str, str, str] | None:
    """Cause, message and stage of a failure."""
    failure = outcome.failure
    return None if failure is None else (str(failure.cause), failure.message, str(failure.stage))
