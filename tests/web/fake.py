"""A daemon that is as a test says, and the HTTP side of it on a free port."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from msgspec import Struct

from healthmon.config.schema import Access, ServerTls
from healthmon.core.model import Verdict
from healthmon.core.state import State, Watched
from healthmon.web.application import build
from healthmon.web.contract import Reloaded
from healthmon.web.limits import Limits
from healthmon.web.server import Serving, serving
from tests.make import result, service


def watched(id_: str, verdict: Verdict = Verdict.UP, *, group: str | None = None, checked: bool = True) -> Watched:
    """A service in this state, whose last result says the same."""
    owner = service(id_, group=group)
    last = result(service=owner, verdict=verdict)
    told = {"cause": last.cause, "message": last.message} if verdict in (Verdict.DOWN, Verdict.DEGRADED) else {}
    state = State(verdict=verdict, since=1_769_860_800.0, **told)  # type: ignore[arg-type]
    return Watched(service=owner, state=state, result=last if checked else None)


class FakeDaemon:
    """A daemon that watches what it is told.

    Attributes:
        services: What it watches.
        ready: Whether all were checked.
        alive: Whether the scheduler advances.
        reloads: How often it was asked to reload.
        reloading: The tasks that asked.
        reloaded: What it answers, once the event is set.
    """

    def __init__(self, services: Sequence[Watched] = (), *, ready: bool = True, alive: bool = True) -> None:
        self.services = list(services)
        self.ready = ready
        self.alive = alive
        self.reloads = 0
        self.reloading: set[asyncio.Task[Any] | None] = set()
        self.reloaded: Reloaded | Exception = Reloaded(ok=True, message="Nothing has changed.")
        self.may_end = asyncio.Event()
        self.may_end.set()

    def watched(self) -> Sequence[Watched]:
        """All."""
        return self.services

    def find(self, service_id: str) -> Watched | None:
        """One."""
        return next((each for each in self.services if each.service.id == service_id), None)

    async def reload(self) -> Reloaded:
        """As told."""
        self.reloads += 1
        self.reloading.add(asyncio.current_task())
        await self.may_end.wait()
        if isinstance(self.reloaded, Exception):
            raise self.reloaded
        return self.reloaded


class Page(Struct):
    """Rendered metrics."""

    content_type: str
    content_encoding: str | None
    chunks: AsyncIterator[bytes]


class FakeMetrics:
    """Metrics of so many chunks, each of one kind of byte.

    Attributes:
        asked: The headers of the requests, as (accept, accept_encoding).
        made: How many chunks were made.
        fails_at: The chunk at which it fails, or None.
    """

    def __init__(self, chunks: int = 1, size: int = 8) -> None:
        self.asked: list[tuple[str, str]] = []
        self.made = 0
        self.fails_at: int | None = None
        self._chunks, self._size = chunks, size

    async def render(self, *, accept: str, accept_encoding: str) -> Page:
        """Text, said to be compressed where asked for."""
        self.asked.append((accept, accept_encoding))
        return Page("text/plain; version=0.0.4; charset=utf-8", accept_encoding or None, self._made())

    async def _made(self) -> AsyncIterator[bytes]:
        for number in range(self._chunks):
            if number == self.fails_at:
                raise ValueError("no such metric")
            self.made += 1
            yield b"%c" % (ord("a") + number % 26) * self._size


async def probe(request: web.Request) -> web.Response:
    """As if it had probed, or as the target says."""
    target = request.query.get("target")
    if target == "fault":
        raise ValueError("a fault\x1b[31m of the probe")
    if target == "hang":
        await asyncio.Event().wait()
    return web.Response(text="probe_success 1\n")


class Served(Struct):
    """The HTTP side at work."""

    url: str
    port: int
    serving: Serving
    faults: list[str]


@asynccontextmanager
async def served(
    daemon: FakeDaemon | None = None,
    metrics: FakeMetrics | None = None,
    *,
    access: Access | None = None,
    tls: ServerTls | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    probe_handler: Any = probe,
) -> AsyncIterator[Served]:
    """Serve it on a free port of the loopback."""
    faults: list[str] = []
    application = build(
        daemon or FakeDaemon(),
        metrics or FakeMetrics(),
        probe_handler,
        access,
        version="1.2.3",
        config="/etc/healthmon/services.toml",
        fault=faults.append,
        limits=limits,
    )
    listen = ("127.0.0.1", 0)
    async with serving(application, listen=listen, tls=tls, fault=faults.append, limits=limits) as at_work:
        ((host, port),) = at_work.addresses
        scheme = "http" if tls is None else "https"
        yield Served(url=f"{scheme}://{host}:{port}", port=port, serving=at_work, faults=faults)
